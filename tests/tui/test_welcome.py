"""The first run: it asks nothing, says what is found, and goes by itself when there is something."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tapedeck_tui import model
from tapedeck_tui.events import Changed, Event, Finished, Progress
from tapedeck_tui.tui.screens.browse import BrowseScreen
from tapedeck_tui.tui.screens.welcome import WelcomeScreen, words
from tests.tui.driver import make_app, until
from tests.tui.fake_deck import FakeDeck
from tests.tui.pictures import FORBIDDEN, HOSTILE, SIZES, drawn


class Fresh(FakeDeck):
    """An empty library on a machine where files of two sources lie."""

    def __init__(self, found: bool = True) -> None:
        super().__init__(empty=True)
        self.found = found

    def sources(self) -> list[model.SourceRow]:
        if not self.found:
            return super().sources()
        kept = self.total
        self.total = 60
        rows = [replace(row, sessions=0, turns=0) for row in FakeDeck.sources(self)]
        self.total = kept
        return rows


class Child:
    """The process that reads the sources; it waits at each gate until the test opens it."""

    def __init__(self, home: Any, paths: Sequence[Path] = (), events: Sequence[Event] = ()) -> None:
        self.gate = threading.Event()
        self.more = events

    def events(self) -> Iterator[Event]:
        yield Progress("looking", 450, None, "files")
        self.gate.wait(20)
        yield from self.more

    def stop(self) -> None:
        self.gate.set()


@asynccontextmanager
async def first_run(deck: FakeDeck, *events: Event, size: tuple[int, int] = (80, 24)) -> Any:
    """The app on its first run, and the child that reads."""
    children: list[Child] = []

    def start(home: Any, paths: Sequence[Path] = ()) -> Child:
        children.append(Child(home, paths, events))
        return children[-1]

    app = make_app(deck, demo=False, sync=start)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WelcomeScreen), "the welcome")
        await until(pilot, lambda: children and "Claude Code" in drawn(pilot), "what was found")
        yield pilot, children
        for child in children:
            child.gate.set()


async def test_it_starts_to_read_without_being_asked_and_says_what_it_sees() -> None:
    async with first_run(Fresh()) as (pilot, children):
        shown = drawn(pilot)
        assert len(children) == 1
        assert "Claude Code     412 files" in shown
        assert "ChatGPT export  nothing yet" in shown
        assert "Nothing leaves this machine." in shown
        assert "/tapedeck" in shown
        assert "looking 450 files" in shown


async def test_it_goes_to_browse_as_soon_as_there_are_sessions() -> None:
    deck = Fresh()
    async with first_run(deck, Changed(60, 720), Finished("Done.", (("sessions", 60), ("turns", 720)))) as (
        pilot,
        children,
    ):
        deck.total = 60
        children[0].gate.set()
        await until(pilot, lambda: isinstance(pilot.app.screen, BrowseScreen), "browse")
        await until(pilot, lambda: pilot.app.screen.rows.count == 60)  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", ["enter", "x", "escape", "q", "1", "space"])
async def test_any_key_goes_to_the_list_and_reading_goes_on(key: str) -> None:
    async with first_run(Fresh()) as (pilot, children):
        await pilot.press(key)
        await until(pilot, lambda: isinstance(pilot.app.screen, BrowseScreen), "browse")
        assert not children[0].gate.is_set()
        assert pilot.app.is_running


async def test_nothing_found_names_the_places_and_what_to_do() -> None:
    async with first_run(Fresh(found=False), Finished("Nothing found.", (("sessions", 0), ("turns", 0)))) as (
        pilot,
        children,
    ):
        children[0].gate.set()
        await until(pilot, lambda: "Nothing was found yet" in drawn(pilot))
        shown = drawn(pilot)
        assert "/home/dev/.codex/sessions" in shown
        assert "4 sources, then i reads a path" in shown
        assert "tapedeck --demo" in shown
        assert isinstance(pilot.app.screen, WelcomeScreen)


async def test_nothing_found_goes_to_the_sources() -> None:
    """Enter shows every place that was looked at and the key that reads a path, not an empty list."""
    async with first_run(Fresh(found=False), Finished("Nothing.", (("sessions", 0), ("turns", 0)))) as (
        pilot,
        children,
    ):
        children[0].gate.set()
        await until(pilot, lambda: "Nothing was found yet" in drawn(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "/home/dev/.codex/sessions  not there" in drawn(pilot))
        assert "i read a path" in drawn(pilot)


@pytest.mark.parametrize("ends", [(), (Progress("watching", 0, None, "files"),)])
async def test_the_list_does_not_wait_for_ever(ends: tuple[Event, ...]) -> None:
    """Who goes to the list before the first read has ended is told when it ended with nothing; then sources are
    only watched."""
    done = Finished("Nothing.", (("sessions", 0), ("turns", 0)))
    async with first_run(Fresh(found=False), done, *ends) as (pilot, children):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, BrowseScreen))
        children[0].gate.set()
        await until(pilot, lambda: "No sessions" in drawn(pilot))
        assert "are being read" not in drawn(pilot)


async def test_sources_and_help_can_be_reached_from_it() -> None:
    async with first_run(Fresh(found=False)) as (pilot, _):
        await pilot.press("question_mark")
        await until(pilot, lambda: "The first time, tapedeck looks" in drawn(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, WelcomeScreen))
        await pilot.press("4")
        await until(pilot, lambda: pilot.app.current_mode == "sources")


async def test_coming_back_with_sessions_goes_to_browse() -> None:
    """Something was read from sources meanwhile: the welcome is over, whatever screen one was on."""
    deck = Fresh(found=False)
    async with first_run(deck) as (pilot, _):
        await pilot.press("4")
        await until(pilot, lambda: pilot.app.current_mode == "sources")
        deck.total, deck.found = 60, False
        await pilot.press("1")
        await until(pilot, lambda: isinstance(pilot.app.screen, BrowseScreen), "browse")


async def test_a_library_with_sessions_is_not_welcomed() -> None:
    app = make_app(FakeDeck(), demo=False, sync=lambda home: Child(home))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Fix flaky upload retries" in drawn(pilot))
        assert isinstance(app.screen, BrowseScreen)
        await until(pilot, lambda: app._children, "the sources are read")
        app._children["sync"].stop()


def test_hostile_names_are_drawn_as_text() -> None:
    row = FakeDeck().sources()[0]
    for text in HOSTILE:
        place = model.PlaceLooked(text, True, 3)
        page = words([replace(row, title=text, places=(place,))], 0, 0, True, text)
        assert not any(c in page.plain for c in FORBIDDEN), repr(text)
        assert not any("@click" in str(span.style) for span in page.spans)


@pytest.mark.parametrize("size", SIZES)
def test_picture_reading(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see what was found where, where it goes, and that nothing leaves this machine."""
    assert shot(snap_compare, Fresh(), size)


@pytest.mark.parametrize("size", SIZES)
def test_picture_nothing(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see the places that were looked at and two things to do."""
    assert shot(snap_compare, Fresh(found=False), size, over=True)


def shot(snap_compare: Any, deck: FakeDeck, size: tuple[int, int], over: bool = False) -> bool:
    children: list[Child] = []

    def start(home: Any, paths: Sequence[Path] = ()) -> Child:
        children.append(Child(home))
        if over:
            children[-1].gate.set()
        return children[-1]

    deck.home = type(deck.home)(Path("/home/dev/tapedeck"))

    async def before(pilot: Pilot[Any]) -> None:
        wanted = "Nothing was found" if over else "looking 450 files"
        await until(pilot, lambda: isinstance(pilot.app.screen, WelcomeScreen))
        await until(pilot, lambda: wanted in drawn(pilot) and "Claude Code" in drawn(pilot))

    return bool(snap_compare(make_app(deck, demo=False, sync=start), terminal_size=size, run_before=before))
