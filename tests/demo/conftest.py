"""One demo library for all tests of this folder, built where nothing of the user's can leak in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tapedeck_tui.deck import Deck
from tapedeck_tui.demo import open_demo
from tapedeck_tui.events import Event
from tapedeck_tui.paths import Home

NOW = 1_782_000_000.0
"""What the demo's times count from here: 21 June 2026, 00:00 UTC."""


@dataclass(frozen=True)
class Demo:
    """A built demo. ``users`` is the folder the user's own settings point to; it must stay as it was."""

    parent: Path
    users: Path
    home: Home
    deck: Deck
    events: tuple[Event, ...]


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    parent = tmp_path_factory.mktemp("parent")
    users = tmp_path_factory.mktemp("users")
    own = users / "claude" / "projects" / "-home-user-secret"
    own.mkdir(parents=True)
    (own / "0c2c7c52-54b0-4a2a-9d0f-2b1c1f3a4d5e.jsonl").write_text(
        '{"type":"summary","summary":"private"}\n'
    )
    events: list[Event] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(users))
        patch.setenv("CLAUDE_CONFIG_DIR", str(users / "claude"))
        patch.setenv("CODEX_HOME", str(users / "codex"))
        patch.setenv("TAPEDECK_HOME", str(users / "tapedeck"))
        home = open_demo(events.append, now=NOW, parent=parent)
        yield Demo(parent, users, home, Deck(home), tuple(events))
