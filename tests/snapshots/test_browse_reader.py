"""Pictures of browse and reader. Each docstring says what to see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tapedeck_tui.events import Problem, Progress
from tapedeck_tui.tui.jobs import JobMoved
from tests.tui.driver import make_app, press, settle
from tests.tui.fake_deck import FakeDeck
from tests.tui.hostile import HOSTILE
from tests.tui.test_hostile import hostile_deck

SMALL, LARGE = (80, 24), (120, 40)
Compare = Callable[..., bool]
both = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])


def after(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Let the app come to rest, press the keys, let it come to rest."""

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *keys)
        await settle(pilot)

    return run


@both
def test_browse(snap_compare: Compare, size: tuple[int, int]) -> None:
    """Sessions newest first in exact columns; the bar on the first; preview at the right only when wide."""
    assert snap_compare(make_app(), terminal_size=size, run_before=after())


@both
def test_results(snap_compare: Compare, size: tuple[int, int]) -> None:
    """Sessions with their snippets below, matches bold and in «», the count at the right of the search line."""
    assert snap_compare(make_app(), terminal_size=size, run_before=after("slash", *"jitter", "enter", "j"))


@both
def test_reader(snap_compare: Compare, size: tuple[int, int]) -> None:
    """Title and facts on top; turns with their authors; tool calls as single lines with ok or failed."""
    assert snap_compare(make_app(), terminal_size=size, run_before=after("enter"))


def test_reader_unfolded(snap_compare: Compare) -> None:
    """All tool calls open: results behind a line, failed ones marked in words."""
    assert snap_compare(make_app(), terminal_size=LARGE, run_before=after("enter", "X", "v"))


def test_reader_find(snap_compare: Compare) -> None:
    """Found words reversed and bold, and at the bottom which match of how many."""
    keys = ("enter", "slash", *"jitter", "enter")
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=after(*keys))


def test_nothing_found(snap_compare: Compare) -> None:
    """One sentence and the key that clears it."""
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=after("slash", *"zebra"))


def test_query_error(snap_compare: Compare) -> None:
    """The mistake is named under its column; the results of before stay."""
    keys = ("slash", *"retry", "space", *"after", "colon")
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=after(*keys))


def test_empty_library(snap_compare: Compare) -> None:
    """No sessions yet: what to do, in keys."""
    assert snap_compare(make_app(FakeDeck(empty=True)), terminal_size=SMALL, run_before=after())


def test_busy(snap_compare: Compare) -> None:
    """A job's stage and share at the bottom right, and how many problems it met; nothing else moves."""

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        app = pilot.app
        app.post_message(JobMoved("sync", Progress("keeping", 63, 100)))
        app.post_message(JobMoved("sync", Problem("a.jsonl, line 3", "The line ends early.")))
        await settle(pilot)

    assert snap_compare(make_app(), terminal_size=SMALL, run_before=run)


def test_too_small(snap_compare: Compare) -> None:
    """One sentence that asks for more room."""
    assert snap_compare(make_app(), terminal_size=(50, 12), run_before=after())


def test_a_label_is_asked_for_at_the_bottom(snap_compare: Compare) -> None:
    """One line over the status line; the list stays."""
    assert snap_compare(make_app(), terminal_size=SMALL, run_before=after("j", "t"))


@pytest.mark.parametrize("screen", ["browse", "reader"])
def test_light(snap_compare: Compare, screen: str) -> None:
    """The light theme: the same places, dark words on paper."""
    deck = FakeDeck()
    deck.memory["app-theme"] = "tapedeck-light"
    keys = ("enter", "X") if screen == "reader" else ()
    assert snap_compare(make_app(deck), terminal_size=LARGE, run_before=after(*keys))


def test_no_color(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without colour the bar, the star and the matches are still to be seen."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(make_app(), terminal_size=LARGE, run_before=after("slash", *"jitter", "enter", "j"))


@pytest.mark.parametrize("name", ["action link", "joiners", "cursor moves"])
def test_hostile(snap_compare: Compare, name: str) -> None:
    """The text as text: brackets visible, nothing moved, columns straight."""
    deck = hostile_deck(HOSTILE[name], cleaned=False)
    assert snap_compare(make_app(deck), terminal_size=LARGE, run_before=after())
