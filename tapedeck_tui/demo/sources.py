"""Writing all the invented source files of the demo, each in its tool's own format and folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tapedeck_tui.demo import story
from tapedeck_tui.demo.render_chatgpt import write_chatgpt
from tapedeck_tui.demo.render_claude import write_claude
from tapedeck_tui.demo.render_codex import write_codex

FOLDERS = {"claude-code": ".claude", "codex": ".codex", "chatgpt": "Downloads/chatgpt-export"}
"""Where each source's files stand below the invented user's home."""

_WRITERS = {"claude-code": write_claude, "codex": write_codex, "chatgpt": write_chatgpt}


def write_sources(machine: Path, now: float) -> Iterator[Path]:
    """Write the files of every story below ``machine`` (the invented user's home), one source after another.

    Args:
        machine: an empty folder of ours.
        now: Unix seconds that the stories' times count from.

    Raises:
        StoryError: a story cannot be read or written in its format.
    """
    stories = story.load()
    for source, write in _WRITERS.items():
        own = [one for one in stories if one.source == source]
        if own:
            yield from write(own, machine / FOLDERS[source], now)


def content_hash() -> str:
    """Twelve hexadecimal digits that change when the content or its rendering does."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for path in sorted([*package.glob("*.py"), *package.glob("stories/*.story")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
