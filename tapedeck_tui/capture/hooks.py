"""Claude Code's hooks that tell the watcher that something was said (FORMATS 1.8).

The hooks only touch a file below the home: no Python is started, and Claude Code never waits. What is read, and
when, is the watcher's business; without a watcher the signal is simply old.
"""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

from tapedeck_tui.capture import splice
from tapedeck_tui.capture.edits import Edit, read
from tapedeck_tui.errors import NotFound, Refused
from tapedeck_tui.paths import Home

EVENTS = ("Stop", "SessionEnd")
"""When Claude Code is to signal: after every answer, and when a session ends."""
MARK = "# tapedeck"
"""How a command of ours ends: a comment to the shell, and how we know it again."""
SIGNAL = "claude-code"
"""Name of the file that is touched."""
TIMEOUT = 5
"""Seconds after which Claude Code gives the command up; it needs some milliseconds."""


def settings_files() -> list[Path]:
    """The settings of Claude Code: in each folder of ``$CLAUDE_CONFIG_DIR``, else in ``~/.claude``."""
    told = [part for part in os.environ.get("CLAUDE_CONFIG_DIR", "").split(",") if part]
    folders = [Path(part).expanduser() for part in told] or [Path.home() / ".claude"]
    return [folder / "settings.json" for folder in folders]


def command(home: Home) -> str:
    """What the hook runs: the shell's own words only, silent, and never a failure."""
    target = shlex.quote(os.path.abspath(home.signals / SIGNAL))
    return f"{{ echo > {target}; }} 2>/dev/null || : {MARK}"


def installing(home: Home, path: Path) -> Edit:
    """The settings with our hooks. Changes nothing yet.

    Raises Refused where hooks cannot work or the file is not valid JSON, NotFound where Claude Code has no folder,
    StorageError when the file cannot be read.
    """
    if os.name != "posix":
        raise Refused(
            "The hooks are a shell command, and this system has no such shell.",
            "None are needed: tapedeck watch sees every change by itself.",
        )
    if not path.parent.is_dir():
        raise NotFound(f"There is no folder {path.parent}: Claude Code was not used here yet.")
    before = read(path)
    text = _without(before, path) if before is not None and before.strip() else "{}\n"
    entry = {"hooks": [{"type": "command", "command": command(home), "timeout": TIMEOUT}]}
    wanted = _settings(text, path)
    for event in EVENTS:
        text = _added(text, event, entry)
        wanted.setdefault("hooks", {}).setdefault(event, []).append(entry)
    if json.loads(text) != wanted:
        raise Refused(f"{path} has a form that cannot be changed safely.", "Add the hooks by hand.")
    if before is not None and _hooks_of(before, path) == _hooks_of(text, path):
        text = before  # they are there already, wherever among the others
    return Edit(path, before, text)


def removing(path: Path) -> Edit:
    """The settings without our hooks; everything else stays. Changes nothing yet. Raises as ``installing``."""
    before = read(path)
    return Edit(path, before, before if before is None or not before.strip() else _without(before, path))


def installed(home: Home, path: Path) -> bool:
    """Whether the settings have our hooks for this home. Raises as ``installing``."""
    before = read(path)
    found = _hooks_of(before, path) if before and before.strip() else []
    return found == sorted((event, command(home)) for event in EVENTS)


def _settings(text: str, path: Path) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as exc:
        raise Refused(f"{path} is not valid JSON ({exc}) and was not touched.", "Mend it first.") from exc
    if not isinstance(found, dict) or not isinstance(found.get("hooks", {}), dict):
        raise Refused(f"{path} is no settings file as Claude Code knows it, and was not touched.")
    for event in EVENTS:
        if not isinstance(found.get("hooks", {}).get(event, []), list):
            raise Refused(f'"{event}" in {path} is no list, and was not touched.', "Mend it first.")
    return found


def _added(text: str, event: str, entry: dict[str, Any]) -> str:
    hooks = json.loads(text).get("hooks")
    if hooks is None:
        return splice.append(text, (), {event: [entry]}, "hooks")
    if event not in hooks:
        return splice.append(text, ("hooks",), [entry], event)
    return splice.append(text, ("hooks", event), entry)


def _without(text: str, path: Path) -> str:
    """The text without our commands, and without what held nothing else."""
    while found := _ours(_settings(text, path)):
        keys = found[0][0]
        text = splice.remove(text, keys)
        for end in (3, 2, 1):  # the group it stood in, the list of its event, all hooks
            held: Any = json.loads(text)
            for key in keys[:end]:
                held = held[key]
            if held["hooks"] if end == 3 else held:
                break
            text = splice.remove(text, keys[:end])
    return text


def _ours(settings: dict[str, Any]) -> list[tuple[tuple[splice.Key, ...], str]]:
    """Where our commands stand, and what they are."""
    found: list[tuple[tuple[splice.Key, ...], str]] = []
    for event, groups in settings.get("hooks", {}).items():
        for i, group in enumerate(groups if isinstance(groups, list) else ()):
            hooks = group.get("hooks") if isinstance(group, dict) else None
            for j, hook in enumerate(hooks if isinstance(hooks, list) else ()):
                told = hook.get("command") if isinstance(hook, dict) else None
                if isinstance(told, str) and told.endswith(MARK):
                    found.append((("hooks", event, i, "hooks", j), told))
    return found


def _hooks_of(text: str, path: Path) -> list[tuple[str, str]]:
    """(event, command) of every hook of ours."""
    return sorted((str(keys[1]), told) for keys, told in _ours(_settings(text, path)))
