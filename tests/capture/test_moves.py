"""Files that move, are copied, packed or come back: the session is one session, and gone only when it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from tapedeck_tui.capture.run import Sync
from tapedeck_tui.deck import Deck
from tapedeck_tui.events import Event, Finished, Problem
from tapedeck_tui.model import SessionRow
from tapedeck_tui.paths import Home
from tests.importers.codex_script import Rollout
from tests.sources import door_session, elevator_session


@pytest.fixture
def deck(tmp_path: Path) -> Iterator[Deck]:
    with Deck(Home(tmp_path / "tapes")) as made:
        yield made


@pytest.fixture
def projects() -> Path:
    return Path.home() / ".claude" / "projects"


def only(deck: Deck, *paths: Path) -> list[Event]:
    """A run over just these files."""
    return list(Sync(deck.home, deck.keep.machine_id(), only=paths, vectors=False).events())


def the_session(deck: Deck) -> SessionRow:
    (row,) = deck.session_rows(deck.session_order())
    assert len({t.id for t in deck.turns(row.id, 0, 100)}) == row.turns == deck.turn_count(row.id)
    return row


@pytest.mark.parametrize("to", ["-another", "-Z"])
def test_a_session_moved_to_another_folder_is_the_same_session(deck: Deck, projects: Path, to: str) -> None:
    """After /cd the file stands in another project's folder: no turn is doubled, and it is not gone. Moved back
    (its time and size did not change) it is at home again."""
    path = door_session(projects / "-home").write()
    list(deck.sync())
    (projects / to).mkdir()
    moved = path.rename(projects / to / path.name)
    list(deck.sync())
    assert the_session(deck).turns == 6
    assert not the_session(deck).gone
    assert deck.session(the_session(deck).id).path == str(moved)
    assert {t.path for t in deck.turns(the_session(deck).id)} == {str(moved)}
    moved.rename(path)
    list(deck.sync())
    assert not the_session(deck).gone
    assert deck.session(the_session(deck).id).path == str(path)
    path.unlink()
    list(deck.sync())
    assert the_session(deck).gone


def test_a_copy_keeps_a_session_alive(deck: Deck, projects: Path) -> None:
    """The original is deleted long after it was copied: the copy holds the session now."""
    path = door_session(projects / "-a").write()
    (projects / "-b").mkdir()
    copy = Path(shutil.copy2(path, projects / "-b" / path.name))
    list(deck.sync())
    path.unlink()
    only(deck, path)
    assert not the_session(deck).gone
    assert deck.session(the_session(deck).id).path == str(copy)


def test_a_packed_rollout_is_the_same_session(deck: Deck) -> None:
    """Codex replaces old rollouts by .jsonl.zst, archives them and takes them out again: one session throughout."""
    rollout = Rollout()
    rollout.turn("turn-1").user("why is the kettle cold").say("It is not plugged in.")
    folder = Path.home() / ".codex" / "sessions" / "2026" / "03" / "02"
    folder.mkdir(parents=True)
    plain = rollout.save(folder)
    list(deck.sync())
    turns = the_session(deck).turns
    assert turns
    packed = plain.with_name(plain.name + ".zst")
    packed.write_bytes(zstandard.compress(plain.read_bytes()))
    plain.unlink()
    list(deck.sync())
    assert (the_session(deck).turns, the_session(deck).gone) == (turns, False)
    archive = Path.home() / ".codex" / "archived_sessions"
    archive.mkdir()
    archived = packed.rename(archive / packed.name)
    only(deck, packed, archived)
    assert (the_session(deck).turns, the_session(deck).gone) == (turns, False)
    archived.rename(packed)
    only(deck, archived, packed)
    assert (the_session(deck).turns, the_session(deck).gone) == (turns, False)
    packed.unlink()
    only(deck, packed)
    assert the_session(deck).gone


def test_only_the_named_files_are_looked_at(deck: Deck, projects: Path) -> None:
    """A run over some files reads those and no others; what is no session file is passed over in silence."""
    path = door_session(projects / "-a").write()
    elevator_session(projects / "-a").write()
    strange = projects / "-a" / "notes.txt"
    strange.write_text("nothing")
    half = projects / "-a" / "half.jsonl"
    half.write_text('{"type": "us')
    events = only(deck, path, strange, half, projects / "-a" / "never.jsonl")
    assert not [e for e in events if isinstance(e, Problem)]
    last = events[-1]
    assert isinstance(last, Finished)
    assert dict(last.counts)["files"] == 1
    assert the_session(deck).turns == 6
    assert deck.status().vectors_behind == 6
    elevator_session(projects / "-a").path.unlink()
    only(deck, path)
    assert not the_session(deck).gone
