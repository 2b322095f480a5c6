"""Searching a small library through the deck: words, fields, tools, people, time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tapedeck_tui.deck import Deck
from tapedeck_tui.errors import QueryError
from tapedeck_tui.index.lexical import Lexical, Limits, Words
from tapedeck_tui.model import SearchResult
from tapedeck_tui.paths import Home
from tests.sources import START, ClaudeFile, door_session, elevator_session


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deck]:
    root = tmp_path_factory.mktemp("search")
    door_session(root / "p")
    door_session(root / "p").write()
    elevator_session(root / "p").write()
    code = ClaudeFile(
        root / "p", "55555555-aaaa-4bbb-8ccc-000000000005", cwd="/home/user/src/api", start=START + 5e6
    )
    code.user("getHTTPAgent in src/net/http_agent.py raises ERR_TLS_42, see https://example.com/x?y=1")
    code.assistant(
        "http_agent.py builds the agent twice. I renamed getHTTPAgent to make_agent and tests pass."
    )
    code.write()
    with Deck(Home(root / "home"), lambda: START + 6e6) as made:
        list(made.sync([root / "p"]))
        yield made


def titles(result: SearchResult) -> list[str]:
    return [s.session.title[:20] for s in result.sessions]


DOOR, LIFT, CODE = "the door throws me b", "why does the elevato", "getHTTPAgent in src/"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("how did we fix the door cooldown?", DOOR),
        ("elevator stops between floors", LIFT),
        ("http agent", CODE),
        ("getHTTPAgent", CODE),
        ("http_agent.py", CODE),
        ("src/net/http_agent.py", CODE),
        ("ERR_TLS_42", CODE),
        ("coold", DOOR),
        ('"teleport, so I set"', DOOR),
        ("teleporting", DOOR),
        ("elev*", LIFT),
    ],
)
@pytest.mark.parametrize("semantic", [False, True])
def test_the_right_session_comes_first(deck: Deck, query: str, wanted: str, semantic: bool) -> None:
    """Prose by its stems, identifiers as a whole and by their parts, paths, error codes, beginnings of words."""
    assert titles(deck.search(query, semantic=semantic))[0] == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("project:lift", {LIFT}),
        ("-project:lift", {DOOR, CODE}),
        ("project:LIF", {LIFT}),
        ("project:.*", set()),
        ("model:sonnet", {DOOR, LIFT, CODE}),
        ("model:gpt", set()),
        ("source:claude", {DOOR, LIFT, CODE}),
        ("source:codex", set()),
        ("is:failed", {DOOR}),
        ("tool:bash", {DOOR}),
        ("author:typed thanks", {DOOR}),
        ("after:2025-12-01", {CODE}),
        ("before:2025-12-01", {DOOR, LIFT}),
        ("on:2025-10-10", {LIFT}),
        ("door -teleport", {DOOR}),
        ('"no such phrase at all"', set()),
        ("is:starred", set()),
        ("label:x", set()),
        ("is:gone", set()),
        ("zzzzqqqq", set()),
    ],
)
def test_fields(deck: Deck, query: str, wanted: set[str]) -> None:
    """Filters decide which sessions can be found at all, with and without words."""
    assert set(titles(deck.search(query, semantic=False))) == wanted


def test_a_range_of_time_ends_before_its_end(deck: Deck) -> None:
    """``before`` a second does not hold that second, and the two halves make the whole."""
    index, at = Lexical(deck.home.lexical), START + 10  # when the first turn was said
    halves = [index.count(Words(), limits) for limits in (Limits((), until=at), Limits((), since=at))]
    assert halves == [0, index.docs]


@pytest.mark.parametrize(
    ("query", "never"),
    [
        ("door project:lift", DOOR),
        ("elevator before:2025-10-10", LIFT),
        ("door source:codex", DOOR),
        ("door -cooldown", "x"),
    ],
)
def test_what_is_near_in_meaning_keeps_to_the_filters(deck: Deck, query: str, never: str) -> None:
    assert never not in titles(deck.search(query))
    for session in deck.search("door -cooldown").sessions:
        assert all("cooldown" not in deck.turn(h.turn_id).text for h in session.hits)


def test_stars_and_labels_can_be_searched(deck: Deck) -> None:
    found = deck.search("elevator").sessions[0].session
    deck.star(found.id, True)
    deck.label(found.id, "Physics", True)
    try:
        assert titles(deck.search("is:starred")) == [LIFT]
        assert titles(deck.search("label:physics")) == [LIFT]
        assert LIFT not in titles(deck.search("-is:starred"))
        shown = deck.search("is:starred").sessions[0].session
        assert (shown.starred, shown.labels) == (True, ("Physics",))
    finally:
        deck.star(found.id, False)
        deck.label(found.id, "Physics", False)


def test_tool_output_is_found_and_does_not_drown_what_was_said(deck: Deck) -> None:
    """The error line of a tool result is found; a turn in which somebody speaks of it comes first."""
    hits = deck.search("KeyError door_cooldown", per_session=10).sessions[0].hits
    assert hits[0].author == "assistant"
    assert "tool" in {h.author for h in hits}
    tools = deck.search("author:tool KeyError").sessions[0].hits
    assert [h.author for h in tools] == ["tool"]
    assert "KeyError" in tools[0].snippet


def test_hits_point_at_the_words(deck: Deck) -> None:
    hit = deck.search("teleport trigger").sessions[0].hits[0]
    text = deck.turn(hit.turn_id).text
    assert "teleport" in text[hit.place.start : hit.place.start + hit.place.length]
    marked = {hit.snippet[a : a + n].casefold() for a, n in hit.marks}
    assert {"teleport", "trigger"} <= marked
    assert hit.why[-1][0] == "session"


def test_a_wrong_field_value_says_where(deck: Deck) -> None:
    with pytest.raises(QueryError, match="is:nonsense"):
        deck.search("door is:nonsense")


def test_nothing_is_searched_for_nothing(deck: Deck) -> None:
    assert deck.search("   ").sessions == ()


def test_words_inside_a_session(deck: Deck) -> None:
    session = deck.search("door cooldown").sessions[0].session.id
    assert deck.find_in_session(session, "KeyError") == [2]
    assert deck.find_in_session(session, "12 PASSED") == [4]
    assert deck.find_in_session(session, "") == []


def test_a_reader_sees_what_another_process_committed(deck: Deck, tmp_path: Path) -> None:
    """An open searcher finds new turns after the next sync, in words and in meaning."""
    with Deck(Home(tmp_path / "h")) as reader, Deck(Home(tmp_path / "h")) as writer:
        door_session(tmp_path / "p").write()
        list(writer.sync([tmp_path / "p"]))
        assert titles(reader.search("elevator")) in ([], [DOOR])
        elevator_session(tmp_path / "p").write()
        list(writer.sync([tmp_path / "p"]))
        assert titles(reader.search("elevator"))[0] == LIFT
        assert titles(reader.search("elevator", semantic=False)) == [LIFT]


def test_an_unfinished_word_is_only_a_beginning_when_nothing_holds_it(deck: Deck) -> None:
    """ "door" does not also mean "doorbell"; "telep" means "teleport"."""
    index = Lexical(deck.home.lexical)
    assert index.count(Words(any=("telep",)), Limits()) == index.count(Words(any=("teleport",)), Limits()) > 0
    assert index.count(Words(any=("x",)), Limits()) >= 0
    assert index.count(Words(any=("(",)), Limits()) == 0


def test_a_full_disk_is_no_reason_to_throw_vectors_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the store cannot be written and the disk has no room, what is there stays and the problem says so."""
    from collections import namedtuple

    from tapedeck_tui.errors import StorageError
    from tapedeck_tui.index import build, vectors

    with Deck(Home(tmp_path / "h")) as deck:
        door_session(tmp_path / "p").write()
        list(deck.sync([tmp_path / "p"]))
        elevator_session(tmp_path / "p").write()
        usage = namedtuple("usage", "total used free")

        def full(*_: object) -> None:
            raise StorageError("database or disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(vectors.Vectors, "upsert", full)
            broken.setattr(build.shutil, "disk_usage", lambda _: usage(10, 10, 0))
            problems = [e for e in deck.sync([tmp_path / "p"]) if getattr(e, "kind", "") == "index"]
        assert [("disk is full" in p.what, "Make room" in p.hint) for p in problems] == [(True, True)]
        assert deck.search("door cooldown").semantic
        list(deck.sync([tmp_path / "p"]))
        assert deck.status().vectors_behind == 0


def test_words_found_and_similar_meaning_are_told_apart(deck: Deck) -> None:
    """One session holds the word: only its hits are matches, what the vectors add is counted as similar."""
    found = deck.search("teleport")
    hits = {hit.turn_id: hit for session in found.sessions for hit in session.hits}
    assert found.words == ("teleport",)
    assert {hit.session_id for hit in hits.values() if hit.matched} == {found.sessions[0].session.id}
    assert all(hit.marks == () for hit in hits.values() if not hit.matched)
    assert found.similar == found.turns - deck.search("teleport", semantic=False).turns
    assert deck.search("teleport", semantic=False).similar == 0


def test_without_words_there_is_nothing_to_tell_apart(deck: Deck) -> None:
    found = deck.search("project:lift")
    assert all(hit.matched for session in found.sessions for hit in session.hits)
    assert found.similar == 0
    assert found.words == ()
