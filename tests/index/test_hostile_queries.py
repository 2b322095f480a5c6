"""Queries nobody was meant to type, and those that name no word at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tapedeck_tui.deck import Deck
from tapedeck_tui.errors import NotFound, QueryError
from tapedeck_tui.paths import Home
from tests.sources import START, ClaudeFile

LONG = 60
"""Turns of the newest session; more than are fetched at once."""


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deck]:
    root = tmp_path_factory.mktemp("hostile")
    for number in range(6):
        file = ClaudeFile(root / "p", f"{number:08d}-aaaa-4bbb-8ccc-000000000001", start=START + number * 9e4)
        for turn in range(LONG if number == 5 else 2):
            file.user(f"session {number} kettle{turn} whistles \u0130stanbul")
        file.write()
    with Deck(Home(root / "home"), lambda: START + 6e6) as made:
        list(made.sync([root / "p"]))
        yield made


def sessions(deck: Deck, query: str, limit: int = 50) -> list[str]:
    found = deck.search(query, limit=limit).sessions
    return [deck.session(s.session.id).native_id[:8].lstrip("0") or "0" for s in found]


@pytest.mark.parametrize(
    "query",
    [
        "\u0130stanbul \u0131 \u00df", "x" * 10_000, "word " * 2_000, "-a -b -c", '"', "((((", "* ? **", "AND OR NOT",
        "[a-z]+(.*)\\d{3}$", "t* h* e*", "'; DROP TABLE sessions;--", "[red]x[/red]", "\x1b[31mred\x07", "\u65e5\u672c\u8a9e",
        "\u0645\u0631\u062d\u0628\u0627", "\U0001f600\U0001f600", "e\u0301*", "i\u0307s*", "a_b*", "a-b*", "a.b*", "\u202eevil",
        '""', '-"a b"', "%", "_", '\\\\"', 'in:"', "\ud800", " ".join(f"w{i}*" for i in range(300)),
        " ".join(f'"p{i} q"' for i in range(300)), "project:[a", "tool:*", "-source:codex", "after:2020 before:2020",
    ],
)  # fmt: skip
def test_any_text_is_a_query(deck: Deck, query: str) -> None:
    """Found or not: nothing a person can type or paste is an error."""
    deck.search(query)


@pytest.mark.parametrize(
    "query", ["after:nonsense", "before:-1", "after:1e309", "after:" + "9" * 5000, "on:2026-13-45", "is:what"]
)
def test_a_value_that_makes_no_sense_is_said(deck: Deck, query: str) -> None:
    with pytest.raises(QueryError):
        deck.search(query)


@pytest.mark.parametrize(
    "query", ["source:claude", "after:2020", "-source:codex", "author:typed", "-teleport"]
)
def test_a_query_of_fields_alone_lists_sessions_newest_first(deck: Deck, query: str) -> None:
    """A long session does not hide the others: as many sessions are listed as were asked for."""
    assert sessions(deck, query) == ["5", "4", "3", "2", "1", "0"]
    assert sessions(deck, query, limit=3) == ["5", "4", "3"]


def test_a_query_that_only_leaves_out_leaves_out(deck: Deck) -> None:
    """``-kettle1`` alone lists turns without the word."""
    found = deck.search("-kettle1", per_session=100).sessions
    assert found
    assert all("kettle1 " not in hit.snippet for s in found for hit in s.hits)


def test_one_letter_is_a_beginning_too(deck: Deck) -> None:
    assert len(sessions(deck, "k*")) == 6
    assert len(sessions(deck, "\u0130*")) == 6


@pytest.mark.parametrize(
    "name", ["\udcff", "s_\udcff\udcff\udcff", "", "%", "s_", "' OR 1=1 --", "x" * 100_000]
)
def test_an_id_nobody_has_is_not_found(deck: Deck, name: str) -> None:
    with pytest.raises(NotFound):
        deck.session(name)
    with pytest.raises(NotFound):
        deck.turn(name)
