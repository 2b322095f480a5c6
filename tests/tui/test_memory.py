"""Memory: what was promoted, where it was written, and the turns it rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tapedeck_tui import model
from tapedeck_tui.errors import StorageError
from tapedeck_tui.tui.screens.memory import MemoryScreen
from tapedeck_tui.tui.widgets.empty_state import EmptyState
from tests.tui.driver import press, running, settle
from tests.tui.fake_deck import NOW, FakeDeck, sid, tid
from tests.tui.pictures import FORBIDDEN, HOSTILE, SIZES, drawn, take


def kept(number: int, **changes: Any) -> model.Promoted:
    """A promoted thing; even numbers are skills."""
    evidence = tuple(
        model.Evidence(
            tid(number, position),
            sid(number),
            f"d{position}",
            "The retry backoff caps",
            "assistant",
            NOW - 7200,
        )
        for position in (1, 3)
    )
    is_skill = number % 2 == 0
    made = model.Promoted(
        f"p_{number}",
        "skill" if is_skill else "observation",
        f"retry-uploads-{number}" if is_skill else "Upload retries are capped at five with full jitter.",
        "---\nname: retry-uploads\n---\n\n# Retry uploads\n\n1. Cap the attempts at five." if is_skill
        else "Upload retries are capped at five with full jitter.",
        f"/home/dev/.claude/skills/retry-uploads-{number}/SKILL.md" if is_skill
        else "/home/dev/tapedeck/journal/2026-03-14.md",
        NOW - number * 86_400,
        evidence,
        "/home/dev/src/api",
    )  # fmt: skip
    return replace(made, **changes)


def full() -> FakeDeck:
    deck = FakeDeck()
    deck.kept = [kept(1), kept(2), kept(3, state="edited since")]
    return deck


async def memory(pilot: Pilot[Any]) -> MemoryScreen:
    await press(pilot, "3")
    screen = pilot.app.screen
    assert isinstance(screen, MemoryScreen)
    return screen


def said(screen: MemoryScreen, part: str) -> str:
    return str(screen.query_one(f"#{part}", Static).content)


async def test_nothing_promoted_says_how_it_is_done() -> None:
    async with running() as (_, pilot):
        screen = await memory(pilot)
        assert screen.query_one(EmptyState).has_class("-shown")
        assert "Nothing promoted yet." in drawn(pilot)


async def test_the_list_and_what_the_bar_stands_on() -> None:
    """Kind, date, place, state, the text and its evidence."""
    async with running(full(), size=(120, 40)) as (_, pilot):
        screen = await memory(pilot)
        assert len(screen.promoted.items) == 3
        assert said(screen, "title").startswith("Upload retries")
        assert said(screen, "facts").startswith("observation · api · ")
        await press(pilot, "j")
        assert said(screen, "title") == "retry-uploads-2"
        assert "/home/dev/.claude/skills/retry-uploads-2/SKILL.md" in said(screen, "facts")
        assert "Cap the attempts" in said(screen, "text")
        assert said(screen, "rests-on") == "rests on 2 turns"
        await press(pilot, "j")
        assert said(screen, "facts").split("\n")[0].endswith("edited since")


async def test_enter_goes_to_the_evidence_and_enter_there_opens_the_turn(monkeypatch: Any) -> None:
    """The reader opens at the quoted words; escape goes back the same way."""
    async with running(full()) as (app, pilot):
        screen = await memory(pilot)
        opened: list[Any] = []
        monkeypatch.setattr(app, "open_reader", lambda *a: opened.append(a))
        await press(pilot, "enter")
        assert screen.evidence.has_focus
        assert not screen.promoted.display, "a narrow terminal shows one pane at a time"
        await press(pilot, "enter")
        start = app.deck.turn(tid(1, 1)).text.index("The retry backoff caps")
        assert opened == [(sid(1), tid(1, 1), start, len("The retry backoff caps"))]
        await press(pilot, "escape")
        assert screen.promoted.has_focus
        assert screen.promoted.display


async def test_evidence_whose_words_have_changed_opens_its_turn_without_marks(monkeypatch: Any) -> None:
    deck = FakeDeck()
    gone = model.Evidence(tid(1, 1), sid(1), "d", "words that are not there", "assistant", NOW)
    deck.kept = [kept(2, evidence=(gone,))]
    async with running(deck) as (app, pilot):
        await memory(pilot)
        opened: list[Any] = []
        monkeypatch.setattr(app, "open_reader", lambda *a: opened.append(a))
        await press(pilot, "enter", "enter")
        assert opened == [(sid(1), tid(1, 1), 0, 0)]


async def test_evidence_whose_turn_was_forgotten_says_so() -> None:
    deck = FakeDeck()
    gone = model.Evidence("t_gone", "s_gone", "d", "words", "assistant", NOW)
    deck.kept = [kept(2, evidence=(gone,))]
    async with running(deck) as (app, pilot):
        screen = await memory(pilot)
        await press(pilot, "enter", "enter")
        assert app.screen is screen
        assert any("There is no turn t_gone" in n.message for n in app._notifications)


async def test_copy_and_edit(monkeypatch: Any) -> None:
    async with running(full()) as (app, pilot):
        await memory(pilot)
        edited: list[Any] = []
        monkeypatch.setattr(app, "edit_file", lambda *a: edited.append(a))
        await press(pilot, "j", "y", "o")
        path = "/home/dev/.claude/skills/retry-uploads-2/SKILL.md"
        assert app.clipboard == path
        assert edited[0][0] == path


async def test_what_was_promoted_meanwhile_appears_and_the_bar_stays() -> None:
    deck = full()
    async with running(deck) as (_, pilot):
        screen = await memory(pilot)
        await press(pilot, "j")
        deck.kept.insert(0, kept(4))
        await press(pilot, "1", "3")
        await settle(pilot)
        assert len(screen.promoted.items) == 4
        assert screen.promoted.current is not None
        assert screen.promoted.current.id == "p_2"


async def test_a_home_that_cannot_be_read_is_said_in_its_place() -> None:
    class Damaged(FakeDeck):
        def promoted(self, limit: int = 200) -> list[model.Promoted]:
            raise StorageError("keep.db cannot be read.", "Run: tapedeck doctor")

    async with running(Damaged()) as (_, pilot):
        await memory(pilot)
        assert "keep.db cannot be read. Run: tapedeck doctor" in drawn(pilot)


async def test_hostile_text_is_drawn_as_text() -> None:
    deck = FakeDeck()
    async with running(deck, size=(120, 40)) as (app, pilot):
        for text in HOSTILE:
            evidence = model.Evidence(tid(1, 1), sid(1), "d", text, text, NOW)
            deck.kept = [
                kept(
                    2,
                    id=text,
                    title=text,
                    text=text,
                    path=text,
                    project=text,
                    state=text,
                    evidence=(evidence,),
                )
            ]
            await press(pilot, "1")
            await memory(pilot)
            assert not any(c in drawn(pilot) for c in FORBIDDEN), repr(text)
            await press(pilot, "y")
            assert not any(c in app.clipboard for c in FORBIDDEN), repr(text)


@pytest.mark.parametrize("size", SIZES)
def test_picture_full(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see three promoted things; on the large terminal the second one beside them with its evidence."""
    assert take(snap_compare, full(), size, ["3", "j"])


def test_picture_evidence(snap_compare: Any) -> None:
    """You should see one skill alone on the small terminal: title, facts, text, two turns with their words."""
    assert take(snap_compare, full(), (80, 24), ["3", "j", "enter"])


@pytest.mark.parametrize("size", SIZES)
def test_picture_empty(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see one sentence and three keys."""
    assert take(snap_compare, FakeDeck(), size, ["3"])
