"""Help: a page for every place, true to the table of keys, with links that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Markdown

from tapedeck_tui.index.query import parse
from tapedeck_tui.tui.app import TapedeckApp
from tapedeck_tui.tui.keys import CONTEXTS, KEYS, NAMES, name_of
from tapedeck_tui.tui.screens.ask import AskScreen
from tapedeck_tui.tui.screens.browse import BrowseScreen
from tapedeck_tui.tui.screens.help import PLACES, TOPICS, HelpScreen, key_names, page
from tapedeck_tui.tui.screens.memory import MemoryScreen
from tapedeck_tui.tui.screens.promote import PromoteScreen
from tapedeck_tui.tui.screens.reader import ReaderScreen
from tapedeck_tui.tui.screens.sources import SourcesScreen
from tapedeck_tui.tui.screens.welcome import WelcomeScreen
from tapedeck_tui.tui.widgets.card_list import CardList
from tapedeck_tui.tui.widgets.question_input import QuestionInput
from tapedeck_tui.tui.widgets.row_list import RowList
from tapedeck_tui.tui.widgets.scroll_page import ScrollPage
from tapedeck_tui.tui.widgets.transcript import Transcript
from tests.tui.driver import press, running, settle
from tests.tui.fake_deck import NOW, FakeDeck
from tests.tui.pictures import SIZES, drawn, take

HELP = Path(__file__).parents[2] / "tapedeck_tui" / "help"
TYPED = {"tab", "enter"}
"""Keys of a widget that the pages name, too."""
NOT_KEYS = re.compile(r"[a-zA-Z]{3,}\*?|\[[a-z]+\]|.*[^\w+/?*\[\]].*|TAPEDECK_HOME|★")
"""What else stands in code marks: commands, settings, file names, queries."""


def test_every_page_is_listed_and_every_listed_page_is_there() -> None:
    assert {path.stem for path in HELP.glob("*.md")} == set(TOPICS)
    assert set(PLACES) <= set(TOPICS)


def test_every_context_of_keys_is_explained_somewhere() -> None:
    """A key that no help page lists is a secret."""
    listed = {place for places in PLACES.values() for place in places} | {"list", "app", "help"}
    assert listed >= set(CONTEXTS)


@pytest.mark.parametrize("topic", TOPICS)
def test_links_lead_to_pages(topic: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page(topic)):
        assert target.removesuffix(".md") in TOPICS, f"{topic}: {target}"
        assert target.endswith(".md")


@pytest.mark.parametrize("topic", TOPICS)
def test_keys_that_a_page_names_exist(topic: str) -> None:
    """`x` in a page of the reader must be a key of the table; commands and file names are told apart."""
    known = {name for key in KEYS for name in key.keys.split(",")}
    known |= (
        {name_of(name) for name in known} | {name.upper() for name in known if name.startswith("f")} | TYPED
    )
    for word in re.findall(r"`([^`\n]+)`", page(topic)):
        assert word in known or NOT_KEYS.fullmatch(word), f"{topic}: `{word}` is no key"


@pytest.mark.parametrize("topic", sorted(set(PLACES) - {"welcome"}))
def test_shown_keys_of_a_place_are_mentioned_in_its_page(topic: str) -> None:
    """What the footer offers, the page explains."""
    text = page(topic)
    for key in KEYS:
        if key.show and topic in key.places:
            names = {NAMES.get(name, name) for name in key.keys.split(",")}
            assert any(f"`{name}`" in text for name in names), f"{topic}: {key.id} is not explained"


def test_searches_that_the_pages_show_can_be_read() -> None:
    """Every example with a colon is a query that parses, with the filters it names."""
    for topic in ("searching", "browse"):
        for words in re.findall(r"`([^`\n]*:[^`\n]*)`", page(topic)):
            query = parse(words, now=NOW)
            assert query.filters or query.since is not None or query.until is not None, words


def test_pages_use_the_words_of_the_project() -> None:
    """session, turn, tape … and none of the words that mean the same."""
    for topic in TOPICS:
        found = re.findall(
            r"\b(?:conversations?|transcripts?|archives?|notebooks?|threads?)\b", page(topic), re.IGNORECASE
        )
        assert not found, f"{topic}: {found}"


def test_every_page_begins_with_its_title() -> None:
    for topic in TOPICS:
        assert page(topic).startswith("# "), topic


@pytest.mark.parametrize(
    "place", ["browse", "reader", "ask", "question", "memory", "sources", "promote", "welcome", "list"]
)
def test_every_key_does_something(place: str) -> None:
    """A key in the table that its screen does not know would be a promise nobody keeps."""
    owners: dict[str, tuple[type, ...]] = {
        "browse": (BrowseScreen,), "reader": (ReaderScreen, Transcript), "ask": (AskScreen,),
        "question": (QuestionInput,), "memory": (MemoryScreen,), "sources": (SourcesScreen,),
        "promote": (PromoteScreen,), "welcome": (WelcomeScreen,), "list": (RowList, CardList, ScrollPage),
    }  # fmt: skip
    for key in KEYS:
        if place not in key.places:
            continue
        name = key.action.partition("(")[0]
        kinds = (TapedeckApp,) if name.startswith("app.") else owners[place]
        method = f"action_{name.removeprefix('app.')}"
        able = [hasattr(kind, method) for kind in kinds]
        assert all(able) if place == "list" else any(able), f"{place}: {key.id} has no {method}"


async def opened(pilot: Pilot[Any], *keys: str) -> HelpScreen:
    await press(pilot, *keys)
    screen = pilot.app.screen
    assert isinstance(screen, HelpScreen)
    return screen


@pytest.mark.parametrize(("keys", "words"), [
    (("question_mark",), "Every session you kept"),
    (("2", "f1"), "Write a question as you would say it"),
    (("3", "question_mark"), "What you promoted"),
    (("4", "question_mark"), "Where your sessions come from"),
    (("enter", "question_mark"), "One session, turn by turn"),
])  # fmt: skip
async def test_help_is_about_the_place_one_is_in(keys: tuple[str, ...], words: str) -> None:
    """F1 does so even while an input has the focus."""
    async with running() as (_, pilot):
        screen = await opened(pilot, *keys)
        assert words in screen.query_one(Markdown).source
        await press(pilot, "escape")
        assert pilot.app.screen is not screen


async def test_keys_come_from_the_table_with_the_users_own_names() -> None:
    async with running() as (app, pilot):
        app.own_keys = {"read-again": "ctrl+r"}
        await opened(pilot, "4", "question_mark")
        shown = drawn(pilot)
        assert re.search(r"^\W*ctrl\+r\s+Read the sources again\.", shown, re.MULTILINE)
        assert re.search(r"^\W*P\s+What could not be read", shown, re.MULTILINE)


def test_names_of_a_key() -> None:
    key = next(key for key in KEYS if key.id == "help")
    assert key_names(key, {}) == "?  f1"
    assert key_names(key, {"help": "ctrl+g"}) == "ctrl+g"


async def test_a_link_opens_its_page_and_escape_comes_back() -> None:
    async with running() as (_, pilot):
        screen = await opened(pilot, "question_mark")
        text = screen.query_one(Markdown)
        text.post_message(Markdown.LinkClicked(text, "reader.md"))
        await settle(pilot)
        assert "One session, turn by turn" in text.source
        text.post_message(Markdown.LinkClicked(text, "https://example.invalid"))
        await settle(pilot)
        assert "One session, turn by turn" in text.source
        await press(pilot, "escape")
        assert "Every session you kept" in text.source
        await press(pilot, "escape")
        assert pilot.app.screen is not screen


async def test_enter_on_the_page_lists_all_pages() -> None:
    """So that links need no mouse."""
    async with running() as (_, pilot):
        screen = await opened(pilot, "question_mark")
        await press(pilot, "enter", "G", "enter")
        assert "Changes" in screen.query_one(Markdown).source


async def test_the_list_of_pages_beside_it() -> None:
    async with running(size=(120, 40)) as (_, pilot):
        screen = await opened(pilot, "question_mark")
        await press(pilot, "shift+tab", "G")
        assert "# Changes" in screen.query_one(Markdown).source


@pytest.mark.parametrize("size", SIZES)
def test_picture_ask(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see the keys of ask, then its page; on the large terminal the list of pages at the left."""
    assert take(snap_compare, FakeDeck(), size, ["2", "f1"])


@pytest.mark.parametrize("size", SIZES)
def test_picture_keys(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see the end of the page: keys of every list and those that work everywhere, in two columns."""
    assert take(snap_compare, FakeDeck(), size, ["4", "question_mark", "G"])
