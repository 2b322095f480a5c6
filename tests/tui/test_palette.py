"""The palette: commands of the place one is in, themes tried on, sessions by title."""

from __future__ import annotations

import re
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from tapedeck_tui.errors import QueryError
from tapedeck_tui.tui import state
from tapedeck_tui.tui.palette import DeckCommands, Palette
from tapedeck_tui.tui.screens.ask import AskScreen
from tapedeck_tui.tui.screens.help import HelpScreen
from tapedeck_tui.tui.screens.pick import Pick
from tests.tui.driver import press, running, settle, until
from tests.tui.fake_deck import FakeDeck, sid
from tests.tui.pictures import FORBIDDEN, HOSTILE, SIZES, drawn, take


async def palette(pilot: Pilot[Any], typed: str = "") -> Palette:
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, Palette), "the palette")
    screen = pilot.app.screen
    assert isinstance(screen, Palette)
    if typed:
        screen.query_one(Input).value = typed
    await until(pilot, lambda: listed(screen) and (not typed or screen._hit_count), "commands")
    await settle(pilot)
    return screen


def listed(screen: Palette) -> list[str]:
    options = screen.query_one(OptionList)
    return [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]


async def wait_for(pilot: Pilot[Any], screen: Palette, words: str) -> None:
    await until(pilot, lambda: listed(screen) and words in listed(screen)[0], words)
    await until(pilot, lambda: screen.query_one(OptionList).highlighted == 0)


async def test_commands_are_named_area_and_verb() -> None:
    async with running() as (_, pilot):
        screen = await palette(pilot)
        names = [re.split(r"\s{2,}", line)[0] for line in listed(screen)]
        assert all(re.match(r"[a-z]+: \S", name) for name in names)
        assert {"go: Ask", "go: Sources", "sources: Read again", "theme: Choose", "app: Quit"} <= set(names)
        assert f"session: {'Fix flaky upload retries'}" in names


async def test_only_what_makes_sense_here_is_offered() -> None:
    """Promoting an answer is offered when there is one, copying a problem only where one is shown."""
    async with running() as (_, pilot):
        screen = await palette(pilot)
        assert any(line.startswith("browse: Star") for line in listed(screen))
        await press(pilot, "escape", "2")
        screen = await palette(pilot)
        names = listed(screen)
        assert not any(line.startswith("browse: Star") for line in names)
        assert not any(line.startswith("ask: Promote") for line in names)
        assert any(line.startswith("ask: Model") for line in names)


async def test_a_command_runs_where_one_was() -> None:
    async with running() as (app, pilot):
        screen = await palette(pilot, "go: Memory")
        await wait_for(pilot, screen, "go: Memory")
        await press(pilot, "enter")
        await until(pilot, lambda: app.current_mode == "memory")


async def test_the_model_is_chosen_from_anywhere() -> None:
    async with running() as (app, pilot):
        screen = await palette(pilot, "ask: Choose the model")
        await wait_for(pilot, screen, "ask: Choose the model")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, Pick))
        assert isinstance(app.screen_stack[0], AskScreen)


async def test_a_theme_is_tried_on_and_taken_off_again() -> None:
    """The whole screen changes while a theme is highlighted; escape restores it and keeps nothing."""
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        assert app.theme == "tapedeck-dark"
        screen = await palette(pilot, "tapedeck-light")
        await wait_for(pilot, screen, "tapedeck-light")
        await until(pilot, lambda: app.theme == "tapedeck-light", "the theme on trial")
        await settle(pilot)
        assert screen.query_one(OptionList).styles.background.brightness > 0.5, "the palette wears it, too"
        await press(pilot, "escape")
        assert app.theme == "tapedeck-dark"
        await settle(pilot)
        assert deck.memory.get(state.THEME_KEY, "tapedeck-dark") == "tapedeck-dark"


async def test_a_chosen_theme_is_kept() -> None:
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        screen = await palette(pilot, "tapedeck-light")
        await wait_for(pilot, screen, "tapedeck-light")
        await until(pilot, lambda: app.theme == "tapedeck-light")
        await press(pilot, "enter")
        await until(pilot, lambda: deck.memory.get(state.THEME_KEY) == "tapedeck-light")
        assert app.theme == "tapedeck-light"
        assert not CommandPalette.is_open(app)


async def test_themes_have_a_list_of_their_own() -> None:
    async with running() as (app, pilot):
        screen = await palette(pilot, "theme: Choose")
        await wait_for(pilot, screen, "theme: Choose")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, Palette) and app.screen is not screen, "the themes")
        themes = app.screen
        assert isinstance(themes, Palette)
        await until(pilot, lambda: len(listed(themes)) > 10)
        assert listed(themes)[:2] == ["tapedeck-dark", "tapedeck-light"]


async def test_a_session_is_opened_by_words_of_it(monkeypatch: Any) -> None:
    async with running() as (app, pilot):
        opened: list[Any] = []
        monkeypatch.setattr(app, "open_reader", lambda *a: opened.append(a))
        screen = await palette(pilot, "bloom filter")
        await wait_for(pilot, screen, "session: ")
        assert "bloom filter" in listed(screen)[0]
        await press(pilot, "enter")
        await until(pilot, lambda: opened)
        assert opened == [(sid(16),)]


async def test_a_query_that_cannot_be_read_finds_no_sessions() -> None:
    class Strict(FakeDeck):
        def search(self, query: str, limit: int = 50, semantic: bool = True, *more: Any) -> Any:
            raise QueryError("no", 0)

    async with running(Strict()) as (_, pilot):
        screen = await palette(pilot, "go: Ask")
        await wait_for(pilot, screen, "go: Ask")
        assert not any("session:" in line for line in listed(screen))


async def test_help_pages_are_commands() -> None:
    async with running() as (app, pilot):
        screen = await palette(pilot, "help: Searching")
        await wait_for(pilot, screen, "help: Searching")
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_hostile_titles_are_drawn_as_text() -> None:
    deck = FakeDeck()
    for number, text in enumerate(HOSTILE, 1):
        deck.titles[number] = text
    async with running(deck) as (app, pilot):
        await palette(pilot)
        for _ in range(6):
            await press(pilot, "pagedown")
            assert not any(c in drawn(pilot) for c in FORBIDDEN)
        await press(pilot, "escape")
        await palette(pilot, "flaky")
        assert not any(c in drawn(pilot) for c in FORBIDDEN)
        assert app.is_running


def test_one_provider_keeps_the_order() -> None:
    """Textual keeps providers in a set: with one of them the list is in the order it was made."""
    assert Palette()._supplied_providers == [DeckCommands]


@pytest.mark.parametrize("size", SIZES)
def test_picture(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see commands in three columns (name, key, sentence) on top of the dimmed list."""

    async def go(pilot: Pilot[Any]) -> None:
        await palette(pilot)

    assert take(snap_compare, FakeDeck(), size, (), go)


def test_picture_light(snap_compare: Any) -> None:
    """You should see everything in the light theme, the palette included, because it is highlighted."""

    async def go(pilot: Pilot[Any]) -> None:
        screen = await palette(pilot, "tapedeck-light")
        await wait_for(pilot, screen, "tapedeck-light")
        await until(pilot, lambda: pilot.app.theme == "tapedeck-light")

    assert take(snap_compare, FakeDeck(), (80, 24), (), go)
