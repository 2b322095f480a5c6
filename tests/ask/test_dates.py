from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui.ask.dates import find_range

TODAY = date(2026, 11, 20)  # a Friday


@pytest.mark.parametrize(
    ("question", "start", "end", "words"),
    [
        ("what did I do today", "2026-11-20", "2026-11-21", "today"),
        ("yesterday's bug", "2026-11-19", "2026-11-20", "yesterday"),
        ("the day before yesterday", "2026-11-18", "2026-11-19", "the day before yesterday"),
        ("what was fixed last week?", "2026-11-09", "2026-11-16", "last week"),
        ("this week", "2026-11-16", "2026-11-23", "this week"),
        ("decisions of last month", "2026-10-01", "2026-11-01", "of last month"),
        ("last year", "2025-01-01", "2026-01-01", "last year"),
        ("in March", "2026-03-01", "2026-04-01", "in March"),
        ("in march 2025, what broke", "2025-03-01", "2025-04-01", "in march 2025"),
        ("in December", "2025-12-01", "2026-01-01", "in December"),
        ("in May", "2026-05-01", "2026-06-01", "in May"),
        ("in early March", "2026-03-01", "2026-04-01", "in early March"),
        ("between Feb and Oct 2023", "2023-02-01", "2023-11-01", "between Feb and Oct 2023"),
        ("major events, Feb–Oct 2023", "2023-02-01", "2023-11-01", "Feb–Oct 2023"),
        ("Nov 2025 to Feb 2026", "2025-11-01", "2026-03-01", "Nov 2025 to Feb 2026"),
        (
            "between December and February 2026",
            "2025-12-01",
            "2026-03-01",
            "between December and February 2026",
        ),
        (
            "between 2026-03-01 and 2026-03-15",
            "2026-03-01",
            "2026-03-16",
            "between 2026-03-01 and 2026-03-15",
        ),
        ("from March 3 to April 2", "2026-03-03", "2026-04-03", "from March 3 to April 2"),
        ("from monday to wednesday", "2026-11-16", "2026-11-19", "from monday to wednesday"),
        ("since March", "2026-03-01", None, "since March"),
        ("since the beginning of 2026", "2026-01-01", None, "since the beginning of 2026"),
        ("after March 11th", "2026-03-12", None, "after March 11th"),
        ("before 2025", None, "2025-01-01", "before 2025"),
        ("until June 2026", None, "2026-07-01", "until June 2026"),
        ("three weeks ago", "2026-10-23", "2026-11-05", "three weeks ago"),
        ("2 days ago", "2026-11-18", "2026-11-19", "2 days ago"),
        ("a year ago", "2024-12-01", "2026-02-01", "a year ago"),
        ("in the last 3 months", "2026-08-20", "2026-11-21", "in the last 3 months"),
        ("the past week", "2026-11-13", "2026-11-21", "the past week"),
        ("on Monday", "2026-11-16", "2026-11-17", "on Monday"),
        ("last friday", "2026-11-13", "2026-11-14", "last friday"),
        ("2026-03-11", "2026-03-11", "2026-03-12", "2026-03-11"),
        ("11 March 2026", "2026-03-11", "2026-03-12", "11 March 2026"),
        ("March 11, 2026", "2026-03-11", "2026-03-12", "March 11, 2026"),
        ("the 3rd of June 2025", "2025-06-03", "2025-06-04", "3rd of June 2025"),
        ("in 2025", "2025-01-01", "2026-01-01", "in 2025"),
        ("Q3 2025", "2025-07-01", "2025-10-01", "Q3 2025"),
    ],
)
def test_ranges(question: str, start: str | None, end: str | None, words: str) -> None:
    """The days a question names, and the words that named them."""
    found = find_range(question, TODAY)
    assert found is not None
    assert (str(found.start or "") or None, str(found.end or "") or None) == (start, end)
    at, length = found.at
    assert question[at : at + length] == words


@pytest.mark.parametrize(
    "question",
    [
        "may I ask how this works",
        "march of the penguins",
        "why did it fail after 3 tries",
        "port 2024 is in use",
        'what did I mean by "last week"?',
        "what does `since yesterday` do",
        "on 2026-02-30",
        "sort by second of five",
        "",
    ],
)
def test_no_range(question: str) -> None:
    assert find_range(question, TODAY) is None


def test_month_ends() -> None:
    """Going back from the 31st, or over a leap day, lands on a day that exists."""
    assert find_range("in the last 1 month", date(2026, 3, 31)).start == date(2026, 2, 28)  # type: ignore[union-attr]
    assert find_range("past year", date(2024, 2, 29)).start == date(2023, 2, 28)  # type: ignore[union-attr]


@given(st.text(max_size=80), st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_any_text(question: str, today: date) -> None:
    """No text breaks the reader, and a range is never empty."""
    found = find_range(question, today)
    if found is not None and found.start and found.end:
        assert found.start < found.end


_PIECES = st.sampled_from(
    "between and from to since before after last 3 weeks ago march may 2026 2026-13-45 0 31 february q4 monday , – -".split()
)


@given(st.lists(_PIECES, max_size=8), st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_any_words_of_time(words: list[str], today: date) -> None:
    """Words of time in any order neither raise nor give a range that ends before it starts."""
    found = find_range(" ".join(words), today)
    if found is not None:
        assert found.start or found.end
        assert not (found.start and found.end) or found.start < found.end
