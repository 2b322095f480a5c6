"""The library made again from the tapes: deleting everything rebuildable loses nothing (DESIGN section 4)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tapedeck_tui.deck import Deck
from tapedeck_tui.paths import Home
from tests.capture.test_sync import everything, found
from tests.sources import ClaudeFile, door_session, elevator_session


@pytest.mark.parametrize("gone", [False, True], ids=["sources there", "sources gone"])
def test_a_deleted_library_is_made_again_from_the_tapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    """Same sessions, turns, ids and hits; older takes too; sessions whose files are gone are marked so."""
    config = tmp_path / "config"
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(config))
    folder = config / "projects" / "-p"
    door_session(folder).write()
    elevator_session(folder).write()
    home = Home(tmp_path / "home")
    with Deck(home) as deck:
        list(deck.sync())
        shorter = ClaudeFile(folder, "11111111-aaaa-4bbb-8ccc-000000000001")
        shorter.lines = door_session(folder).lines[:2]
        shorter.write()
        list(deck.sync())
        wanted, hits = everything(deck), found(deck, "door cooldown")
        deck.star(deck.session_rows(deck.session_order())[0].id, True)
    if gone:
        shutil.rmtree(config)
    for path in home.root.glob("library.db*"):
        path.unlink()
    for name in ("lexical", "vectors"):
        shutil.rmtree(home.root / name)
    with Deck(home) as deck:
        list(deck.sync())
        assert everything(deck) == wanted
        assert found(deck, "door cooldown") == hits
        rows = deck.session_rows(deck.session_order())
        assert [r.gone for r in rows] == [gone, gone]
        assert rows[0].starred
        status = replace(deck.status(), last_sync=None)
        list(deck.sync())
        assert replace(deck.status(), last_sync=None) == status


def test_making_it_again_can_be_stopped_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tapedeck_tui.capture.run.GROUP_FILES", 1)
    config = tmp_path / "config"
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(config))
    door_session(config / "projects" / "-p").write()
    elevator_session(config / "projects" / "-p").write()
    home = Home(tmp_path / "home")
    with Deck(home) as deck:
        list(deck.sync())
        wanted = everything(deck)
    shutil.rmtree(config)
    for stop in range(6):
        for path in home.root.glob("library.db*"):
            path.unlink()
        with Deck(home) as deck:
            events = deck.sync()
            for _ in range(stop):
                next(events)
            events.close()
            list(deck.sync())
            assert everything(deck) == wanted
