"""The best words of a turn for a query: a window of its text and what to emphasise in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

WINDOW = 240
"""Characters of a snippet, about."""
LOOK = 60_000
"""Characters of a turn that are looked at."""
_NOTHING = re.compile(r"(?!)")
SAME_LETTERS = 3
"""Letters a word shares with its stem at least; only words that begin so are stemmed."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Snippet:
    """One line; ``marks`` are (start, length) in ``text``; ``start``/``length`` is where it stands in the turn."""

    text: str
    marks: tuple[tuple[int, int], ...]
    start: int
    length: int


def best(text: str, stems: Collection[str], stem: Callable[[str], str], near: int = 0) -> Snippet:
    """The window with the most different wanted words (ties: the earliest).

    Args:
        text: the turn's text, already cleaned.
        stems: the wanted terms, stemmed.
        stem: the term of one word.
        near: where to start when no wanted word is there (the best chunk).
    """
    wanted = set(stems)
    hits = [
        (m.start(), m.end(), s)
        for m in _beginning_like(wanted).finditer(text, 0, LOOK)
        if (s := stem(m.group().casefold())) in wanted
    ]
    start = near
    if hits:
        score, first = -1, 0
        low = 0
        for high in range(len(hits)):
            while hits[high][1] - hits[low][0] > WINDOW * 3 // 4:
                low += 1
            kinds = len({h[2] for h in hits[low : high + 1]})
            if kinds > score:
                score, first = kinds, low
        start = max(0, hits[first][0] - WINDOW // 5)
    start = _word_start(text, start)
    end = min(len(text), start + WINDOW)
    if end < len(text):
        cut = text.rfind(" ", start + WINDOW // 2, end)
        end = cut if cut > 0 else end
    return _flatten(text, start, end, [(a, b) for a, b, _ in hits if a >= start and b <= end])


@lru_cache(maxsize=64)
def _pattern(beginnings: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(beginnings)))})\w*", re.IGNORECASE)


def _beginning_like(stems: Collection[str]) -> re.Pattern[str]:
    """Words that may have one of these stems."""
    beginnings = frozenset(s[:SAME_LETTERS] for s in stems if s)
    return _pattern(beginnings) if beginnings else _NOTHING


def _word_start(text: str, at: int) -> int:
    if at <= 0:
        return 0
    space = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at))
    return space + 1 if at - space < 40 else at


def _flatten(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> Snippet:
    """Whitespace runs become one space; marks move along."""
    out: list[str] = ["…"] if start > 0 else []
    size = len(out)
    marks: list[tuple[int, int]] = []
    at = start
    for a, b in [*spans, (end, end)]:
        gap = _SPACE.sub(" ", text[at:a])
        if size <= 1:
            gap = gap.lstrip()
        out.append(gap)
        size += len(gap)
        if b > a:
            marks.append((size, b - a))
            out.append(text[a:b])
            size += b - a
        at = b
    line = "".join(out).rstrip()
    if end < len(text):
        line += "…"
    return Snippet(line, tuple(marks), start, end - start)
