"""Hostile text through browse and reader: no crash, nothing clickable, no control character on the screen."""

from __future__ import annotations

import re

import pytest
from rich.segment import Segment

from tapedeck_tui.model import PartView, TurnView
from tapedeck_tui.text import clean, one_line
from tapedeck_tui.tui.app import TapedeckApp
from tests.tui.driver import press, running
from tests.tui.fake_deck import FakeDeck, sid, tid
from tests.tui.hostile import HOSTILE

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def hostile_deck(text: str, cleaned: bool) -> FakeDeck:
    """A deck whose titles, labels and turns are this text; ``cleaned`` as the core hands it over, else raw."""
    keep = clean if cleaned else str
    deck = FakeDeck()
    deck.titles = {number: one_line(text) if cleaned else text[:5_000] for number in range(1, 61)}
    deck.labels = {sid(1): {keep(text)[:60]}}
    body = keep(text)
    kinds = ("text", "thinking", "tool_call", "tool_result", "image")
    deck.extra_turns[sid(1)] = [
        TurnView(tid(1, n), sid(1), n, author, None, body[:60], body[:60] if author == "person" else "",
                 tuple(PartView(kind, body, body[:60], f"c{n}") for kind in kinds), frozenset(), "d", body[:80], 1)
        for n, author in enumerate(("typed", "assistant", "tool", "machine", "person", "program"))
    ]  # fmt: skip
    return deck


def segments(app: TapedeckApp) -> list[Segment]:
    """Everything on the screen."""
    rows = app.screen._compositor.render_full_update().strips
    return [segment for row in rows for strip in row for segment in strip]


def check(app: TapedeckApp) -> None:
    """Nothing on the screen can move the cursor, hide text, or be clicked into an action."""
    for segment in segments(app):
        assert not CONTROL.search(segment.text), repr(segment.text)
        assert segment.style is None or segment.style.link is None
        assert segment.style is None or "@click" not in segment.style.meta


@pytest.mark.parametrize("cleaned", [True, False], ids=["cleaned", "raw"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_browse_and_reader_survive(text: str, cleaned: bool) -> None:
    """List, preview, results, label toast, reader with everything unfolded, find: drawn, and clean."""
    async with running(hostile_deck(text, cleaned), size=(120, 40)) as (app, pilot):
        check(app)
        await press(pilot, "enter", "X", "G")
        check(app)
        await pilot.press("slash", "a", "enter")
        await press(pilot, "q", "q", "slash", "f")
        check(app)
