"""Long results, which the library keeps the ends of, are read whole from the tape, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from tapedeck_tui.deck import Deck
from tapedeck_tui.model import TurnView
from tapedeck_tui.paths import Home
from tests.importers.codex_script import Rollout
from tests.sources import ClaudeFile

LONG = "\n".join(f"step {i} of the build" for i in range(2000))


@pytest.fixture
def deck(tmp_path: Path) -> Iterator[Deck]:
    with Deck(Home(tmp_path / "home")) as made:
        yield made


def clipped(deck: Deck, session: str) -> TurnView:
    """The one turn of the session of which only the ends are known."""
    (found,) = (t for t in deck.turns(session) if any(p.clipped for p in t.parts))
    return found


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_rollout_needs_what_stands_before_the_line(deck: Deck, tmp_path: Path, packed: bool) -> None:
    """A line of Codex alone does not say which turn it is of, and a packed rollout has no lines to go to."""
    rollout = (
        Rollout().turn("turn-1").user("build it").call("exec_command", cmd="make").ran(LONG).say("Built.")
    )
    path = rollout.save(tmp_path)
    if packed:
        path.with_name(path.name + ".zst").write_bytes(zstandard.ZstdCompressor().compress(path.read_bytes()))
        path.unlink()
        path = path.with_name(path.name + ".zst")
    list(deck.sync([path]))
    whole = deck.whole(clipped(deck, rollout.thread).id)
    assert [(p.text, p.clipped) for p in whole.parts] == [(LONG, False)]


def test_what_only_an_older_take_has_is_read_from_it(deck: Deck, tmp_path: Path) -> None:
    """The file was rewritten twice, by shorter ones; the long result stands in the first take only."""
    file = ClaudeFile(tmp_path, "33333333-aaaa-4bbb-8ccc-000000000003")
    file.user("run everything")
    file.call("Bash", {"command": "make"}, "call_9", "msg_z")
    file.result("call_9", LONG)
    list(deck.sync([file.write()]))
    for word in ("first", "second"):
        file.lines = [file.lines[0].replace("run", word)]
        list(deck.sync([file.write()]))
    turn = clipped(deck, file.session)
    assert "superseded" in turn.flags
    assert deck.whole(turn.id).parts[0].text == LONG
