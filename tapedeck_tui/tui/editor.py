"""Open a file in the user's own editor, at a line."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

PLUS_LINE = frozenset(
    {"vi", "vim", "nvim", "view", "nano", "pico", "emacs", "emacsclient", "kak", "micro", "joe", "ne", "less"}
)
"""Editors that take ``+LINE FILE``."""
GOTO = frozenset({"code", "codium", "cursor", "windsurf"})
"""Editors that take ``--goto FILE:LINE``."""
COLON = frozenset({"hx", "helix", "subl", "zed"})
"""Editors that take ``FILE:LINE``."""


def editor_command(path: str, line: int, environ: Mapping[str, str]) -> list[str]:
    """The command that opens the file with ``$VISUAL``, ``$EDITOR`` or vi."""
    editor = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    words = shlex.split(editor) or ["vi"]
    name = PurePath(words[0]).name
    if line > 0 and name in PLUS_LINE:
        return [*words, f"+{line}", path]
    if line > 0 and name in GOTO:
        return [*words, "--goto", f"{path}:{line}"]
    if line > 0 and name in COLON:
        return [*words, f"{path}:{line}"]
    return [*words, path]


def edit(app: App[Any], path: str, line: int = 0) -> str:
    """Suspend the app, run the editor on the file, come back.

    Returns:
        "" when that worked, else one sentence about why not.
    """
    from textual.app import SuspendNotSupported

    if not path or not Path(path).is_file():
        return f"{path or 'The source file'} is gone from its place. Its bytes are kept on the tape."
    command = editor_command(path, line, os.environ)
    try:
        with app.suspend():
            code = subprocess.call(command)
    except SuspendNotSupported:
        return "An editor cannot be opened from this terminal."
    except OSError as exc:
        return f"{command[0]} cannot be started: {exc.strerror}. Set EDITOR to your editor."
    return "" if code == 0 else f"{command[0]} ended with exit code {code}."
