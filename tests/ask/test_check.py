from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui.ask.check import MARK, Unthought, check, tidy
from tapedeck_tui.ask.sentences import best_span, sentences, stem
from tapedeck_tui.model import Citation, Place


def source(n: int, text: str) -> Citation:
    return Citation(
        n=n, turn_id=f"t_{n}", session_id="s_1", position=n, session_title="Doors", project="/src/bluedoor",
        harness="claude-code", author="assistant", at=0.0, quote=text[:40], digest="d", text=text,
        place=Place("s_1", f"t_{n}"),
    )  # fmt: skip


ONE = source(1, "The cooldown moved from the client timer to the server tick; 3 seconds were kept.")
TWO = source(2, "KeyError: 'door_id' came from stale save files, so they are migrated on load.")
BOTH = (ONE, TWO)


def bare(text: str, citations: tuple[Citation, ...] = BOTH) -> list[str]:
    """The words that are marked as unsupported."""
    result = check(text, citations)
    return [result.text[start : start + length] for start, length in result.unsupported]


@pytest.mark.parametrize(
    ("text", "unsupported"),
    [
        ("The cooldown moved to the server tick [1].", []),
        ("The cooldown moved to the server tick. [1] Old save files broke it [2].", []),
        ("The cooldown moved to the server tick [1]. It also made coffee for everyone.", ["It also made coffee for everyone."]),
        ("The cooldown moved to the server tick [7].", ["The cooldown moved to the server tick [7]."]),
        ("The cooldown moved to the server tick [1][7].", ["[7]"]),
        ("It said “3 seconds were kept” about the cooldown [1].", []),
        ("It said “5 seconds were kept” about the cooldown [1].", ["It said “5 seconds were kept” about the cooldown [1]."]),
        ('The cooldown note said "from the client … 3 seconds" then [1].', []),
        ("He wrote “stale save files” about the cooldown [1].", ["He wrote “stale save files” about the cooldown [1]."]),
        ("Bananas ripen faster in paper bags [1].", ["Bananas ripen faster in paper bags [1]."]),
        ("# Cooldown\n\nThe cooldown moved to the server tick [1].", []),
        ("What changed with doors:\n\n- The cooldown moved to the server tick [1]\n- Save files are migrated on load [2]", []),
        ("What changed with doors:\n\n- The cooldown moved to the server tick\n- Save files are migrated on load [2]", ["The cooldown moved to the server tick"]),
        ("Run this cooldown check [1]:\n\n```sh\npytest tests/test_doors.py\n```", []),
        ("Yes.", []),
        ("It is nowhere else.", ["It is nowhere else."]),
        ("The cooldown, e.g. of the doors, moved to the server tick [1].", []),
        ("1. The cooldown moved to the server tick [1].\n2. Nobody noticed the difference at first.", ["Nobody noticed the difference at first."]),
    ],
)  # fmt: skip
def test_sentences_need_sources(text: str, unsupported: list[str]) -> None:
    """A claim without a passage, with one that does not exist, or with false quotation marks is marked."""
    assert bare(text) == unsupported


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("a [1, 2] b", "a [1][2] b"),
        ("a [1-3] b", "a [1][2][3] b"),
        ("a 【2】 b", "a [2] b"),
        ("`x[1, 2]` and [1; 2]", "`x[1, 2]` and [1][2]"),
        ("```py\nx[1, 2]\n```\n[1,2]", "```py\nx[1, 2]\n```\n[1][2]"),
        ("<think>hidden [1]</think>Said [1]", "Said [1]"),
        ("<think>never ended", ""),
        ("\x1b[31mred\x1b[0m [1]", "red [1]"),
        ("[1](http://x) stays a link", "[1](http://x) stays a link"),
    ],
)
def test_tidy(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>\nhm, 1 < 2\n</think>\n\nThe answer [1].", "The answer [1]."),
        ("  <thinking>a</thinking>The answer.", "The answer."),
        ("The <think> tag is shown </think>.", "The <think> tag is shown </think>."),
        ("<b>bold</b>", "<b>bold</b>"),
        ("<think>never ends", ""),
        ("", ""),
    ],
)
def test_thinking_is_not_shown_while_it_streams(text: str, shown: str, size: int) -> None:
    hider = Unthought()
    assert "".join(hider.feed(text[n : n + size]) for n in range(0, len(text), size)) == shown


def test_not_in_your_tapes_is_a_good_answer() -> None:
    result = check("That is not in your tapes.", BOTH)
    assert (result.kind, result.unsupported) == ("nothing", ())


def test_a_citation_beats_the_phrase() -> None:
    """An answer that says what is missing but cites something is an answer."""
    result = check("The cooldown moved to the server tick [1]. Who asked for it is not in your tapes.", BOTH)
    assert result.kind == "answer"


def test_mixed_languages_in_one_answer() -> None:
    """Words of another script are words too; full stops of other scripts end sentences."""
    assert len(sentences("これは一つ。これは二つ。")) == 2
    assert bare("冷却時間は server tick に移動 cooldown されました [1]。") == []


_TEXT = st.lists(
    st.sampled_from(["The cooldown moved to the server tick", " [1]", " [2]", " [3]", " [99]", ". ", "\n\n", "- ", "`[4]`",
                     "\"quoted words here\"", "```\n", "# H\n", "[1, 9]", "【3】", " Nothing else happened here. "]),
    max_size=25,
).map("".join)  # fmt: skip


@given(_TEXT)
def test_every_citation_resolves_or_is_flagged(text: str) -> None:
    """In any answer, a number that names no passage lies inside a marked range or in code."""
    result = check(text, BOTH)
    code = {s.start for s in sentences(result.text) if s.kind == "code"}
    for sentence in sentences(result.text):
        if sentence.start in code:
            continue
        words = result.text[sentence.start : sentence.end]
        for mark in MARK.finditer(words):
            at = sentence.start + mark.start()
            known = int(mark[1]) in (1, 2)
            flagged = any(start <= at < start + length for start, length in result.unsupported)
            heading = sentence.kind == "heading"
            assert known or flagged or heading or "`" in words


@given(st.text(max_size=300))
def test_any_text_can_be_checked(text: str) -> None:
    """No text of a model breaks the check; ranges lie inside the text."""
    result = check(text, BOTH)
    for start, length in result.unsupported:
        assert 0 <= start < start + length <= len(result.text)


@given(st.text(max_size=400), st.text(max_size=40), st.integers(20, 300))
def test_best_span_is_a_piece_of_the_text(text: str, query: str, limit: int) -> None:
    start, length = best_span(text, query, limit)
    assert 0 <= start <= start + length <= len(text)
    assert length <= limit


def test_best_span_finds_the_words() -> None:
    text = "First we looked at logs. Then the retry backoff was capped at 30 seconds. Lunch was good. " * 3
    start, length = best_span(text, "what is the retry backoff capped at?")
    assert "capped at 30 seconds" in text[start : start + length]


def test_best_span_of_one_endless_line() -> None:
    """A log line of 20,000 characters gives its best 300, cut between words."""
    text = "noise " * 2000 + "fatal: disk quota exceeded " + "noise " * 2000
    start, length = best_span(text, "disk quota", 300)
    assert length <= 300
    assert "disk quota exceeded" in text[start : start + length]
    assert text[start - 1] == " "


@pytest.mark.parametrize(("one", "other"), [("tests", "testing"), ("running", "run"), ("retries", "retry"), ("moved", "move"), ("passes", "passed")])  # fmt: skip
def test_stems_meet(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_a_citation_that_does_not_say_so_is_told_from_none() -> None:
    """Both sentences are unsupported; only the one with a valid number is astray."""
    result = check('The cap is "ninety seconds flat" [1]. Nobody knows who moved the piano.', BOTH)
    said = [result.text[start : start + length] for start, length in result.astray]
    assert said == ['The cap is "ninety seconds flat" [1].']
    assert len(result.unsupported) == 2
