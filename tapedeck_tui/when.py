"""Dates as people write them in queries and questions: to a range of Unix seconds in the local zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1,
    )
    for name in names.split()
}  # fmt: skip
_DAYS = {
    name: number
    for number, names in enumerate(("mon monday", "tue tuesday", "wed wednesday", "thu thursday", "fri friday",
                                    "sat saturday", "sun sunday"))
    for name in names.split()
}  # fmt: skip
_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "couple of": 2,
    "few": 3,
}
_UNITS = {"d": 1, "day": 1, "w": 7, "week": 7, "m": 30, "month": 30, "y": 365, "year": 365}
_AGO = re.compile(
    r"(\d{1,4}|a|an|one|two|three|four|five|six|couple of|few)\s*(d|day|w|week|m|month|y|year)s?(\s+ago)?"
)
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]{3,9})(?:\s+(\d{1,2})(?:st|nd|rd|th)?)?(?:,?\s+(\d{4}))?"
)


def parse(text: str, now: float) -> tuple[float, float] | None:
    """(start, end) of a date expression, end exclusive; None when it is none.

    Args:
        text: "2026-03-14", "2026-03", "2026", "today", "yesterday", "this week", "last month",
            "3w" (the last three weeks), "two weeks ago" (that week), "march", "march 2025", "14 march 2026",
            "monday", "last friday".
        now: Unix seconds; relative dates count from its local day. Names without a year mean the last one.
    """
    today = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    words = " ".join(text.casefold().replace("_", " ").split())
    try:
        found = (
            _relative(words, today)
            or _iso(words)
            or _ago(words, today)
            or _weekday(words, today)
            or _named(words, today)
        )
        return None if found is None else (found[0].timestamp(), found[1].timestamp())
    except (ValueError, OverflowError):  # a day no calendar has, or one beyond the first and the last year
        return None


def _relative(words: str, today: datetime) -> tuple[datetime, datetime] | None:
    day = timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    last_month = (month - day).replace(day=1)
    last_year = year.replace(year=year.year - 1)
    return {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "this week": (monday, monday + timedelta(days=7)),
        "last week": (monday - timedelta(days=7), monday),
        "this month": (month, _next_month(month)),
        "last month": (last_month, month),
        "this year": (year, year.replace(year=year.year + 1)),
        "last year": (last_year, year),
    }.get(words)


def _iso(words: str) -> tuple[datetime, datetime] | None:
    match = _ISO.fullmatch(words)
    if not match:
        return None
    year, month, day = match.groups()
    start = datetime(int(year), int(month or 1), int(day or 1))
    if day:
        return start, start + timedelta(days=1)
    return start, _next_month(start) if month else start.replace(year=start.year + 1)


def _ago(words: str, today: datetime) -> tuple[datetime, datetime] | None:
    match = _AGO.fullmatch(words)
    if not match:
        return None
    count = _NUMBERS.get(match[1]) or (int(match[1]) if match[1].isdigit() else 0)
    span = _UNITS[match[2]]
    start = today - timedelta(days=count * span)
    if match[3]:
        return start, start + timedelta(days=span)
    return start, today + timedelta(days=1)


def _weekday(words: str, today: datetime) -> tuple[datetime, datetime] | None:
    number = _DAYS.get(words.removeprefix("last ").removeprefix("on "))
    if number is None:
        return None
    start = today - timedelta(days=(today.weekday() - number - 1) % 7 + 1)
    return start, start + timedelta(days=1)


def _named(words: str, today: datetime) -> tuple[datetime, datetime] | None:
    match = _NAMED.fullmatch(words)
    if not match or match[2] not in _MONTHS or (match[1] and match[3]):
        return None
    month, day = _MONTHS[match[2]], match[1] or match[3]
    year = int(match[4]) if match[4] else today.year
    start = datetime(year, month, int(day or 1))
    if not match[4] and start > today:
        start = start.replace(year=year - 1)
    return start, start + timedelta(days=1) if day else _next_month(start)


def _next_month(start: datetime) -> datetime:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
