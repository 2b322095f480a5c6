"""The small pieces of the index: chunks, queries, ranking, snippets."""

from __future__ import annotations

import itertools
import random
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui import when
from tapedeck_tui.errors import QueryError
from tapedeck_tui.index import chunk, rank, snippet
from tapedeck_tui.index.query import Filter, Query, parse

NOW = datetime(2026, 11, 20, 15, 0).timestamp()


def day(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


# chunks


@given(st.text(alphabet="ab \n.,xyzé日", max_size=3000))
def test_chunks_cover_the_text_in_order(text: str) -> None:
    chunks = chunk.cut(text)
    if not any(c.isalnum() or c in ".," for c in text):
        assert chunks == []
        return
    assert chunks[0].start == 0
    assert chunks[-1].end == len(text) or len(chunks) == chunk.MAX_CHUNKS
    for before, after in itertools.pairwise(chunks):
        assert before.start < after.start <= before.end < after.end


def test_chunks_overlap_and_have_about_the_wanted_size() -> None:
    text = " ".join(f"word{i}" for i in range(1000))
    chunks = chunk.cut(text)
    sizes = [len(text[c.start : c.end].split()) for c in chunks]
    assert 2 < len(chunks) < chunk.MAX_CHUNKS
    assert max(sizes) <= chunk.CHUNK_TOKENS
    assert chunks[1].start < chunks[0].end


# queries


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("how did we fix the door?", Query(words=("how", "did", "we", "fix", "the", "door"))),
        ('"door cooldown" -elevator', Query(phrases=("door cooldown",), none=("elevator",))),
        ("retr* backoff", Query(words=("backoff",), prefixes=("retr",))),
        ("source:claude is:failed", Query(filters=(Filter("source", "claude-code"), Filter("is", "failed")))),
        ('-project:"my game"', Query(filters=(Filter("project", "my game", True),))),
        ("http://localhost:8080 std::string", Query(words=("http://localhost:8080", "std::string"))),
        ("after:2026-03 doors", Query(words=("doors",), since=day("2026-03-01"))),
        ("before:2026-03-14", Query(until=day("2026-03-14"))),
        ('in:"last week" x', Query(words=("x",), since=day("2026-11-09"), until=day("2026-11-16"))),
        ("on:yesterday", Query(since=day("2026-11-19"), until=day("2026-11-20"))),
        ('"never closed', Query(phrases=("never closed",))),
        ("   ", Query()),
        ("?!", Query()),
    ],
)
def test_queries_are_read_as_people_mean_them(text: str, wanted: Query) -> None:
    assert parse(text, NOW) == wanted


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("door after:soon", 5, "not a date"),
        ("is:blue", 0, "starred"),
        ("x author:bob", 2, "typed"),
        ("x -on:yesterday", 2, "left out"),
    ],
)
def test_a_value_that_makes_no_sense_names_its_column(text: str, column: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, NOW)
    assert caught.value.column == column
    assert words in str(caught.value)


@given(st.text(max_size=60))
def test_reading_a_query_raises_nothing_but_query_errors(text: str) -> None:
    with suppress(QueryError):
        assert isinstance(parse(text, NOW), Query)


def test_words_that_say_nothing_are_left_out_unless_there_are_no_others() -> None:
    assert parse("how did we fix the door", NOW).content_words == ("fix", "door")
    assert parse("what is it", NOW).content_words == ("what", "is", "it")


def test_a_pasted_page_is_searched_by_its_first_different_words() -> None:
    """Thousands of words, or one word thousands of times, cost no more than a long question."""
    assert parse("Door lift door " * 5000 + "key", NOW).content_words == ("Door", "lift", "key")
    assert parse(" ".join(f"w{n}" for n in range(5000)), NOW).content_words == tuple(
        f"w{n}" for n in range(100)
    )


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-11-20", "2026-11-21"),
        ("this week", "2026-11-16", "2026-11-23"),
        ("last month", "2026-10-01", "2026-11-01"),
        ("2w", "2026-11-06", "2026-11-21"),
        ("three weeks ago", "2026-10-30", "2026-11-06"),
        ("march", "2026-03-01", "2026-04-01"),
        ("december", "2025-12-01", "2026-01-01"),
        ("14 march 2025", "2025-03-14", "2025-03-15"),
        ("March 14th, 2025", "2025-03-14", "2025-03-15"),
        ("friday", "2026-11-13", "2026-11-14"),
        ("2025", "2025-01-01", "2026-01-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
    ],
)
def test_dates(text: str, start: str, end: str) -> None:
    assert when.parse(text, NOW) == (day(start), day(end))


@pytest.mark.parametrize(
    "text",
    ["soon", "2026-13", "31 february", "99999y", "the door", "", "0001", "9999-12-31", "dec 9999", "0000-01"],
)
def test_what_is_no_date(text: str) -> None:
    assert when.parse(text, NOW) is None


# ranking


def candidates() -> list[rank.Candidate]:
    return [
        rank.Candidate(1, 10, "assistant", 900, lexical=8.0, vector=0.7),
        rank.Candidate(2, 10, "typed", 40, asks=True, lexical=9.0, vector=0.75),
        rank.Candidate(3, 20, "assistant", 900, lexical=0.0, vector=0.4),
        rank.Candidate(4, 30, "tool", 0, is_tool=True, lexical=12.0),
    ]


def test_fusing_does_not_depend_on_the_order_of_candidates() -> None:
    wanted = [(c.row, round(c.score, 9)) for c in rank.fuse(candidates(), True)]
    for seed in range(10):
        shuffled = candidates()
        random.Random(seed).shuffle(shuffled)
        assert [(c.row, round(c.score, 9)) for c in rank.fuse(shuffled, True)] == wanted


def test_an_answer_comes_before_the_question_and_before_tool_output() -> None:
    rows = [c.row for c in rank.fuse(candidates(), True)]
    assert rows[0] == 1
    assert rows[-1] in (3, 4)


def test_every_score_is_the_sum_of_its_reasons() -> None:
    for one in rank.fuse(candidates(), True):
        factor = rank.TOOL if one.is_tool else 1.0
        parts = dict(one.why)
        session = parts.pop("session")
        assert one.score == pytest.approx(factor * sum(parts.values()) + session)


# snippets


@given(
    st.text(alphabet="door cool \n\tx.", min_size=0, max_size=2000), st.sampled_from(["door", "cool", "zzz"])
)
def test_snippets_are_one_short_line_and_their_marks_are_the_words(text: str, word: str) -> None:
    cut = snippet.best(text, {word}, lambda w: w)
    assert "\n" not in cut.text
    assert len(cut.text) <= snippet.WINDOW + 2
    assert 0 <= cut.start <= cut.start + cut.length <= len(text)
    for start, length in cut.marks:
        assert cut.text[start : start + length].casefold() == word


def test_the_snippet_is_where_most_words_are_together() -> None:
    text = "door " + "filler words here " * 60 + "the door cooldown is 45 ticks " + "more " * 100
    cut = snippet.best(text, {"door", "cooldown", "ticks"}, lambda w: w)
    assert "door cooldown is 45 ticks" in cut.text
    assert text[cut.start : cut.start + cut.length].split()[0] in cut.text
