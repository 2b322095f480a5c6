"""Time ranges in plain questions: "last week", "in March 2026", "between Feb and Oct 2023", "3 weeks ago"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH_NAMES = (
    "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|"
    "october oct|november nov|december dec"
)
_DAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday"
_NUMBER_NAMES = "zero one two three four five six seven eight nine ten eleven twelve"
_MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES.split("|"), start=1) for name in names.split()}
_DAYS = {name: n for n, name in enumerate(_DAY_NAMES.split())}
_NUMBERS = {name: n for n, name in enumerate(_NUMBER_NAMES.split())} | {
    "a": 1,
    "an": 1,
    "couple": 2,
    "few": 3,
    "several": 4,
}
_M = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_Y = r"(?:19[89]\d|20\d\d)"
_D = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_N = r"(?:\d{1,3}|a\ couple\ of|a\ few|couple\ of|" + "|".join(_NUMBERS) + ")"
_UNIT = r"(?:day|week|month|year)s?"
_DAYNAME = "(?:" + "|".join(_DAYS) + ")"

_BARE = rf"(?:{_Y}-\d\d-\d\d|{_Y}-\d\d(?!\d|-)|{_M}\ {_D}(?:,?\ {_Y})?(?!\d)|{_D}\ (?:of\ )?{_M}(?:,?\ {_Y})?|{_M},?\ {_Y}|q[1-4]\ {_Y})"
_RELATIVE = (
    rf"(?:today|tonight|this\ morning|yesterday|last\ night|(?:the\ )?day\ before\ yesterday|"
    rf"(?:this|last|previous)\ (?:week|month|year|{_DAYNAME})|{_N}\ {_UNIT}\ ago)"
)
_LOOSE = rf"(?:{_M}|{_Y}|{_DAYNAME})"
_ATOM = f"(?:{_BARE}|{_RELATIVE}|{_LOOSE})"
_SURE = f"(?:{_BARE}|{_RELATIVE})"
_TO = r"\ ?(?:\ to\ |\ until\ |\ till\ |\ through\ |\ and\ |-|–|—)\ ?"

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern.replace(r"\ ", r"\s+"), re.IGNORECASE))
    for name, pattern in (
        ("between", rf"\b(?:between|from)\ (?P<a>{_ATOM})(?:\ and\ |\ to\ |\ until\ |\ till\ |\ through\ |\s*[-–—]\s*)(?P<b>{_ATOM})\b"),
        ("between", rf"\b(?:in\ |during\ )?(?P<a>{_M}|{_SURE})(?:\s*[–—]\s*|\s*-\s*|\ to\ |\ through\ )(?P<b>{_SURE})\b"),
        ("since", rf"\bsince\ (?:the\ (?:start|beginning)\ of\ )?(?P<a>{_ATOM})\b"),
        ("after", rf"\bafter\ (?P<a>{_ATOM})\b"),
        ("before", rf"(?<!day )\b(?:before|until|till|up\ to|prior\ to)\ (?P<a>{_ATOM})\b"),
        ("rolling", rf"\b(?:in\ |during\ |over\ |within\ )?(?:the\ )?(?:last|past|previous)\ (?P<n>{_N})\ (?P<unit>{_UNIT})\b"),
        ("rolling", r"\b(?:in\ |during\ |over\ |within\ )?(?:the\ )?past\ (?P<unit>day|week|month|year)\b"),
        ("in", rf"\b(?:on\ |in\ |at\ |during\ |of\ |from\ )?(?P<a>{_SURE})\b"),
        ("in", rf"\b(?:in|during|of|for)\ (?:early\ |mid\ |late\ )?(?P<a>{_M}|{_Y})(?![\w-])"),
        ("in", rf"\b(?:on|last|this)\ (?P<a>{_DAYNAME})\b"),
    )
)  # fmt: skip

_SLACK = {"day": 0, "week": 3, "month": 7, "year": 31}
"""Days to look further on both sides of "three weeks ago": nobody counts exactly."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Days from ``start`` up to but not including ``end``; None = open. ``at``: (start, length) of the words
    in the text that said so."""

    start: date | None
    end: date | None
    at: tuple[int, int]


def find_range(text: str, today: date) -> TimeRange | None:
    """The first time range the text names, or None. Dates without a year are the latest that are not in
    the future. Words in quotes are not read."""
    readable = re.sub(r"\"[^\"]*\"|“[^”]*”|`[^`]*`", lambda m: "\x00" * len(m.group()), text)
    for form, pattern in _FORMS:
        for match in pattern.finditer(readable):
            found = _range(form, match, today)
            if found is not None and (found[0] is None or found[1] is None or found[0] < found[1]):
                return TimeRange(found[0], found[1], (match.start(), match.end() - match.start()))
    return None


def _range(form: str, match: re.Match[str], today: date) -> tuple[date | None, date | None] | None:
    if form == "rolling":
        count = _number(match.groupdict().get("n") or "1")
        return _back(today, count, match["unit"].lower().rstrip("s")), today + timedelta(days=1)
    first = _atom(match["a"], today)
    if first is None:
        return None
    if form == "between":
        second = _atom(match["b"], today)
        if second is None:
            return None
        if _year_in(match["b"]) and not _year_in(match["a"]):
            moved = _atom(f"{match['a']} {second[0].year}", today) or first
            first = (
                moved
                if moved[0] < second[1]
                else (_atom(f"{match['a']} {second[0].year - 1}", today) or moved)
            )
        elif first[0] >= second[1] and not _year_in(match["a"]):
            first = _atom(f"{match['a']} {second[0].year - 1}", today) or first
        return first[0], second[1]
    if form == "since":
        return first[0], None
    if form == "after":
        return first[1], None
    if form == "before":
        word = match.group().split(maxsplit=1)[0].lower()
        return None, first[1] if word in ("until", "till", "up") else first[0]
    return first


def _atom(words: str, today: date) -> tuple[date, date] | None:
    """The days one expression means: (first, day after the last)."""
    low = re.sub(r"\s+", " ", words.strip().lower().replace(",", " ").replace(".", ""))
    if iso := re.fullmatch(rf"({_Y})-(\d\d)(?:-(\d\d))?", low):
        return _calendar(int(iso[1]), int(iso[2]), int(iso[3]) if iso[3] else 0)
    if re.fullmatch(_Y, low):
        return date(int(low), 1, 1), date(int(low) + 1, 1, 1)
    if quarter := re.fullmatch(rf"q([1-4]) ({_Y})", low):
        month = int(quarter[1]) * 3 - 2
        return date(int(quarter[2]), month, 1), _month_end(int(quarter[2]), month + 2)
    return _relative(low, today) or _named(low, today)


def _relative(low: str, today: date) -> tuple[date, date] | None:
    day = timedelta(days=1)
    if low in ("today", "tonight", "this morning"):
        return today, today + day
    if low in ("yesterday", "last night"):
        return today - day, today
    if low.endswith("day before yesterday"):
        return today - 2 * day, today - day
    if ago := re.fullmatch(r"(.+) (day|week|month|year)s? ago", low):
        start, end = _around(_back(today, _number(ago[1]), ago[2]), ago[2])
        return start - day * _SLACK[ago[2]], min(end + day * _SLACK[ago[2]], today + day)
    if unit := re.fullmatch(r"(this|last|previous) (week|month|year)", low):
        back = 0 if unit[1] == "this" else 1
        start = _around(today, unit[2])[0]
        return _around(_back(start, back, unit[2]), unit[2])
    weekday = low.rsplit(" ", 1)[-1]
    if weekday in _DAYS:
        back = (today.weekday() - _DAYS[weekday]) % 7
        back = 7 if back == 0 and low.startswith(("last", "previous")) else back
        return today - back * day, today - (back - 1) * day
    return None


def _named(low: str, today: date) -> tuple[date, date] | None:
    """Month names, with or without day and year."""
    words = [w for w in low.split() if w != "of"]
    month = next((_MONTHS[w] for w in words if w in _MONTHS), 0)
    if not month:
        return None
    numbers = [int(n[0]) for w in words if (n := re.match(r"\d+", w))]
    year = next((n for n in numbers if n > 1900), 0)
    day = next((n for n in numbers if n <= 31), 0)
    if not year:
        year = today.year
        found = _calendar(year, month, day)
        if found and found[0] > today:
            year -= 1
    return _calendar(year, month, day)


def _calendar(year: int, month: int, day: int) -> tuple[date, date] | None:
    try:
        if day:
            start = date(year, month, day)
            return start, start + timedelta(days=1)
        return date(year, month, 1), _month_end(year, month)
    except ValueError:
        return None


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _around(day: date, unit: str) -> tuple[date, date]:
    """The calendar day, week (from Monday), month or year that holds the day."""
    if unit == "day":
        return day, day + timedelta(days=1)
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    if unit == "month":
        return day.replace(day=1), _month_end(day.year, day.month)
    return date(day.year, 1, 1), date(day.year + 1, 1, 1)


def _back(day: date, count: int, unit: str) -> date:
    """``count`` units before the day; a day that does not exist becomes the month's last."""
    if unit in ("day", "week"):
        return day - timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 - count * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    last = (_month_end(year, month) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def _number(words: str) -> int:
    low = words.lower().strip()
    if low.isdigit():
        return int(low)
    return next((_NUMBERS[w] for w in reversed(low.split()) if w in _NUMBERS), 1)


def _year_in(words: str) -> bool:
    return re.search(_Y, words) is not None
