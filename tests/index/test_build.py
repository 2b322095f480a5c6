"""Building the indexes: what is there and does not belong to this library is not built upon."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tapedeck_tui.deck import Deck
from tapedeck_tui.errors import StorageError
from tapedeck_tui.events import Progress
from tapedeck_tui.index.vectors import Vectors
from tapedeck_tui.paths import Home
from tests.sources import door_session, elevator_session


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def deck(home: Home, tmp_path: Path) -> Iterator[Deck]:
    door_session(tmp_path / "sources").write()
    elevator_session(tmp_path / "sources").write()
    with Deck(home) as made:
        list(made.sync([tmp_path / "sources"]))
        yield made


def test_indexes_of_another_library_are_made_anew(deck: Deck, home: Home, tmp_path: Path) -> None:
    """The library was deleted, the indexes were not, and there is less to read now: nothing is left in them that
    the library does not know, and nothing is found under another turn's number."""
    deck.close()
    for path in home.root.glob("library.db*"):
        path.unlink()
    door_session(tmp_path / "sources").path.unlink()
    with Deck(home) as again:
        list(again.sync([tmp_path / "sources"]))
        assert [s.session.turns for s in again.search("elevator door").sessions] == [2]
        assert {c.name: c.state for c in again.doctor() if c.name in ("lexical index", "vectors")} == {
            "lexical index": "ok",
            "vectors": "ok",
        }


def test_vectors_that_go_away_during_a_search_leave_the_words(
    deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread reopened the store, or its folder was deleted, between two steps of one search."""

    def closed(*_: object) -> list[tuple[str, float]]:
        raise StorageError("The vectors cannot be searched.")

    monkeypatch.setattr(Vectors, "among", closed)
    found = deck.search("door cooldown")
    assert found.sessions
    assert not found.semantic


def test_vectors_of_a_killed_run_are_used(home: Home, tmp_path: Path) -> None:
    """The process dies right after the last batch was written: the next one searches by meaning all the same."""
    door_session(tmp_path / "sources").write()
    script = (
        "import os, sys; from pathlib import Path; from tapedeck_tui.deck import Deck\n"
        "from tapedeck_tui.index.vectors import Vectors; from tapedeck_tui.paths import Home\n"
        "Vectors.close = lambda self: os._exit(9)\n"
        "list(Deck(Home(Path(sys.argv[1]))).sync([Path(sys.argv[2])]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(home.root), str(tmp_path / "sources")], check=False, timeout=60
    )
    assert done.returncode == 9
    with Deck(home) as deck:
        list(deck.sync([tmp_path / "sources"]))
        assert deck.search("door cooldown").semantic


def test_a_lost_index_does_not_cost_the_other(deck: Deck, home: Home, tmp_path: Path) -> None:
    """The words are indexed again; the vectors, which are all there, are not made anew."""
    deck.close()
    shutil.rmtree(home.lexical)
    with Deck(home) as again:
        stages = {e.stage for e in again.sync([tmp_path / "sources"]) if isinstance(e, Progress)}
        assert "indexing" in stages
        assert "vectors" not in stages
        assert again.search("door cooldown").semantic
        assert {c.state for c in again.doctor() if c.name in ("lexical index", "vectors")} == {"ok"}
