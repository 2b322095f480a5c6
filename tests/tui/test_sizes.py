"""Every screen on every terminal: tiny, huge, and resized while one looks."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driver import press, running, settle
from tests.tui.fake_deck import FakeDeck, tid
from tests.tui.pictures import drawn
from tests.tui.test_memory import full

ROUTES = {
    "ask": ["2"],
    "answer": ["2", "tab", "enter"],
    "models": ["2", "escape", "m"],
    "memory": ["3", "enter"],
    "sources": ["4"],
    "problems": ["4", "P", "enter"],
    "help": ["question_mark"],
    "palette": ["ctrl+p"],
}
"""How one gets to each screen."""


async def resize(pilot: Pilot[Any], width: int, height: int) -> None:
    await pilot.resize_terminal(width, height)
    await settle(pilot)


@pytest.mark.parametrize("place", sorted(ROUTES))
async def test_resizing_never_fails(place: str) -> None:
    """From large to tiny and back; on 50 × 10 one sentence asks for room, afterwards all is as before."""
    async with running(full(), size=(120, 40)) as (app, pilot):
        await press(pilot, *ROUTES[place])
        before = drawn(pilot)
        for width, height in ((80, 24), (60, 15), (50, 10), (20, 5), (200, 60), (120, 40)):
            await resize(pilot, width, height)
            if (width, height) == (50, 10) and place not in ("models", "palette"):
                assert "needs a little more room" in drawn(pilot)
        assert app.is_running
        assert drawn(pilot).split() == before.split()


async def test_a_draft_survives_a_resize() -> None:
    async with running(size=(80, 24)) as (app, pilot):
        app.open_promote((tid(1, 1),))
        await settle(pilot)
        await press(pilot, "x")
        await resize(pilot, 50, 10)
        await resize(pilot, 140, 40)
        assert "x---" in drawn(pilot)


async def test_no_colour_still_shows_where_the_cursor_is(monkeypatch: Any) -> None:
    """With NO_COLOR set, the bar, the words and the numbers say everything colour says."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(FakeDeck(), size=(80, 24)) as (_, pilot):
        await press(pilot, "4")
        shown = drawn(pilot)
        assert "▌ Claude Code" in shown
        assert "1 problem" in shown
