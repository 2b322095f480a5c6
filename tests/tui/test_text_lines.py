"""Hostile and hard text as lines: nothing crashes, nothing escapes, every line fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from tapedeck_tui.model import PartView, TurnView
from tapedeck_tui.tui.widgets import markdown_lines
from tapedeck_tui.tui.widgets.inks import Inks
from tapedeck_tui.tui.widgets.markdown_lines import make_console, prose, wrapped
from tapedeck_tui.tui.widgets.turn_lines import Frame, draw_turn, estimate
from tapedeck_tui.tui.widgets.turn_table import TurnTable
from tapedeck_tui.tui.widgets.word_marks import spans_of_quote, spans_of_words, words_of
from tests.tui.hostile import HOSTILE

INKS = Inks(*([Style()] * 12))


def text_of(line: list[Segment]) -> str:
    return "".join(segment.text for segment in line)


def lines(text: str, width: int = 60) -> list[str]:
    return [text_of(line) for line in prose(text, width, make_console(width, INKS), dark=True)]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_prose_is_safe_and_fits(text: str) -> None:
    for line in prose(text, 60, make_console(60, INKS), dark=True):
        words = text_of(line)
        assert cell_len(words) <= 60
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u200b" for c in words)
        for segment in line:
            assert segment.style is None or (segment.style.link is None and not segment.style.meta)
            assert segment.style is None or segment.style.bgcolor is None


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("kind", ["text", "thinking", "tool_call", "tool_result", "image", "marker"])
def test_every_kind_of_part_is_safe(kind: str, text: str) -> None:
    turn = TurnView("t", "s", 0, "assistant", None, text, text[:50], (PartView(kind, text, text[:80], "c"),),
                    frozenset(), "d")  # fmt: skip
    drawn = draw_turn(
        turn, Frame({"c": PartView("tool_result", text)}), 60, INKS, lambda key: True, dark=True
    )
    assert len(drawn.strips) == len(drawn.folds)
    for strip in drawn.strips:
        assert strip.cell_length == 60
        assert "\x1b" not in strip.text
        assert "\n" not in strip.text


def test_numbered_lists_keep_their_dots() -> None:
    shown = lines("9. nine\n10. ten and a text that is long enough to be broken into two lines at least")
    assert [line.strip()[:7] for line in shown if "nine" in line or "ten" in line] == ["9. nine", "10. ten"]


def test_html_and_images_stay_words() -> None:
    """A reminder in angle brackets is not swallowed, a picture is its words, no emoji is invented."""
    shown = "\n".join(
        lines("<system-reminder>keep me</system-reminder>\n\n![alt](http://x.invalid/a.png)\n\n<br>")
    )
    assert "<system-reminder>keep me</system-reminder>" in shown
    assert "alt" in shown
    assert "🌆" not in shown


def test_headings_lists_and_code_have_no_boxes() -> None:
    shown = lines("# Title\n\n- one\n- two\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert shown[0].rstrip() == "Title"
    assert not any(c in "".join(shown) for c in "┏┃╭╮│")


def test_long_text_is_wrapped_plainly_and_bounded() -> None:
    shown = lines("word " * 200_000)
    assert len(shown) <= markdown_lines.MOST_LINES + 1
    assert lines("# not a heading " + "x" * 30_000)[0].startswith("# not")


@given(st.text(max_size=300), st.integers(10, 80))
def test_wrapping_fits_any_text(text: str, width: int) -> None:
    for line in wrapped(text, width, make_console(width, INKS), Style()):
        assert cell_len(text_of(line)) <= width


def test_estimates_are_near_the_truth() -> None:
    """A page of estimates is within a third of the drawn height, so that jumping lands near."""
    turn = TurnView(
        "t",
        "s",
        3,
        "assistant",
        None,
        "",
        "",
        (PartView("text", "some words here. " * 40),),
        frozenset(),
        "d",
    )
    drawn = draw_turn(turn, Frame({}), 70, INKS, lambda key: False, dark=True)
    guess = estimate(turn, Frame({}), 70, lambda key: False)
    assert abs(guess - len(drawn.strips)) <= max(2, len(drawn.strips) // 3)


@pytest.mark.parametrize(
    ("shown", "quote", "found"),
    [
        (["I looked at the retry", "backoff, twice."], "retry backoff", {0: (16, 21), 1: (0, 7)}),
        (["use full jitter"], "*full* jitter", {0: (4, 15)}),
        (["漢字 retry"], "retry", {0: (5, 10)}),
        (["nothing"], "else", {}),
        (["a"], "", {}),
    ],
)
def test_a_quotation_is_found_through_markup_and_line_ends(
    shown: list[str], quote: str, found: dict[int, tuple[int, int]]
) -> None:
    assert spans_of_quote(shown, words_of(quote)) == found


def test_words_are_found_wherever_they_stand() -> None:
    assert spans_of_words("Retry, retry and RETRYING", ["retry"]) == [(0, 5), (7, 12), (17, 22)]
    assert spans_of_words("aİretry", ["retry"]) != []
    assert spans_of_words("abc", []) == []


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 400))
def test_every_line_belongs_to_a_turn(heights: list[int], y: int) -> None:
    """``locate`` and ``y_of`` agree for any heights, those of nought included."""
    table = TurnTable(len(heights))
    for position, height in enumerate(heights):
        table.set_height(position, height)
    if table.lines:
        y %= table.lines
        position, line = table.locate(y)
        assert table.y_of(position, line) == y
        assert 0 <= line < heights[position]
