"""Cutting text into sentences with their offsets, and comparing their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["prose", "item", "heading", "code"]

_FENCE = re.compile(r"^[ \t]{0,8}(```+|~~~+)")
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]")
_RULE = re.compile(r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$")
_ITEM = re.compile(r"^[ \t>]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_END = re.compile(
    r"(?:[.!?…]+[\"'”’)\]*_`]*(?:[ \t]*\[\d[\d,\s–-]*\])*(?=\s|$))|(?:[。！？]+[”’」）]*(?:[ \t]*\[\d[\d,\s–-]*\])*)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|etc|cf|approx|resp|incl|ca|no|nr|fig|sec|dr|mr|mrs|ms|st|jan|feb|mar|apr|jun|jul|aug|sep|"
    r"sept|oct|nov|dec|v|ver|p|pp)|(?:^|\s)[A-Za-z]|(?:^|\s)\d{1,3})\.$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?", re.UNICODE)
_STOP_WORDS = (
    "a about after again all also am an and any are as at be because been before being between both but by can "
    "could did do does doing don done down each few for from further get got had has have having he her here hers "
    "him his how i if in into is it its just let me more most my no nor not now of off on once only or other our "
    "out over own please same she should so some such than that the their them then there these they this those "
    "through to too under until up us use used using very was we were what when where which while who whom why will "
    "with would you your yours"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that carry no meaning in a question."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Characters ``start`` .. ``end`` of a text: a sentence of prose or of a list item, a heading, or one line
    of a code block. ``block`` numbers the paragraph, item or code block it belongs to."""

    start: int
    end: int
    kind: Kind
    block: int


def sentences(text: str) -> list[Sentence]:
    """All sentences of Markdown-ish text, in order. Blank lines, rules and fence lines belong to none."""
    out: list[Sentence] = []
    for block, (start, end, kind) in enumerate(_blocks(text)):
        if kind in ("heading", "code"):
            out.append(Sentence(start, end, kind, block))
        else:
            out.extend(Sentence(a, b, kind, block) for a, b in _split(text, start, end))
    return out


def _blocks(text: str) -> Iterator[tuple[int, int, Kind]]:
    at, begin, last = 0, -1, 0
    kind, fence = "prose", ""
    for line in text.splitlines(keepends=True):
        end = at + len(line.rstrip())
        marker = _FENCE.match(line)
        item = _ITEM.match(line)
        special = bool(fence) or bool(marker) or not line.strip() or _HEADING.match(line) or _RULE.match(line)
        if begin >= 0 and (special or item):
            yield begin, last, "item" if kind == "item" else "prose"
            begin = -1
        if marker and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else marker[1]
        elif fence:
            if line.strip():
                yield at, end, "code"
        elif _HEADING.match(line):
            yield at, end, "heading"
        elif not special:
            if begin < 0:
                kind = "item" if item else "prose"
                begin = at + (item.end() if item else len(line) - len(line.lstrip()))
            last = end
        at += len(line)
    if begin >= 0:
        yield begin, last, "item" if kind == "item" else "prose"


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for match in _END.finditer(text, start, end):
        if _ABBREVIATION.search(text[max(at, match.start() - 12) : match.start() + 1]) and match.end() < end:
            continue
        following = text[match.end() : match.end() + 12].lstrip()
        trails_off = match.group()[:1] == "…" or match.group().startswith("...")
        if following[:1].islower() or (trails_off and following and not following[:1].isupper()):
            continue
        if text[at : match.end()].strip():
            yield _trim(text, at, match.end())
        at = match.end()
    if at < end and text[at:end].strip():
        yield _trim(text, at, end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - (len(piece) - len(piece.rstrip()))


@lru_cache(maxsize=32768)
def stem(word: str) -> str:
    """A word without its commonest English endings, lower case: enough to match "tests" with "testing"."""
    low = word.lower().removesuffix("'s").removesuffix("’s")
    for ending in ("ing", "ies", "ied", "ed", "es", "s"):
        if low.endswith(ending) and len(low) - len(ending) >= 3:
            low = low[: -len(ending)] + ("y" if ending in ("ies", "ied") else "")
            break
    if len(low) > 3 and low[-1] == low[-2] and low[-1] not in "aeiouls":
        low = low[:-1]
    return low.removesuffix("e") if len(low) > 3 else low


def content_words(text: str) -> list[str]:
    """The stems of the words that carry meaning, in order, with repetitions."""
    return [
        stem(w) for w in _WORD.findall(text) if w.lower() not in STOP_WORDS and (len(w) > 1 or w.isdigit())
    ]


def best_span(text: str, query: str, limit: int = 300, near: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """The one to three neighbouring sentences that say most about the query: (start, length) in the text.

    Args:
        text: any text.
        query: a question.
        limit: most characters of the span.
        near: (start, length) of words that were found; their sentence wins ties. Length 0: unknown.
    """
    wanted = set(content_words(query))
    cut = sentences(text[:60_000])
    if not cut:
        stripped = text.strip()
        return (text.find(stripped), min(len(stripped), limit)) if stripped else (0, 0)
    words = [set(content_words(text[s.start : s.end])) for s in cut]
    best, chosen = (-1.0, 0), (cut[0].start, cut[0].end)
    for first in range(len(cut)):
        have: set[str] = set()
        for last in range(first, min(first + 3, len(cut))):
            have |= words[last] & wanted
            start, end = cut[first].start, cut[last].end
            if last > first and end - start > limit:
                break
            bonus = 0.5 if near[1] and start <= near[0] < end else 0.0
            heading = 0.6 if cut[first].kind == "heading" and last == first else 0.0
            score = len(have) - 0.35 * (last - first) + bonus - heading
            if (score, -first) > best:
                best, chosen = (score, -first), (start, end)
    start, end = chosen
    if end - start > limit:
        start, end = _window(text, start, end, wanted, limit, near)
    return start, end - start


def extend(text: str, span: tuple[int, int], limit: int) -> tuple[int, int]:
    """The span with the whole sentences that follow it, as far as ``limit`` characters allow."""
    start, length = span
    end = start + length
    for one in sentences(text[:60_000]):
        if one.start >= end and one.end - start <= limit:
            end = one.end
        elif one.end - start > limit:
            break
    return start, end - start


def _window(
    text: str, start: int, end: int, wanted: set[str], limit: int, near: tuple[int, int]
) -> tuple[int, int]:
    """The best ``limit`` characters of one long sentence, cut between words."""
    middle = near[0] if near[1] and start <= near[0] < end else -1
    if middle < 0:
        found = [m.start() for m in _WORD.finditer(text, start, end) if stem(m.group()) in wanted]
        middle = found[len(found) // 2] if found else start
    begin = max(start, min(middle - limit // 3, end - limit))
    stop = min(end, begin + limit)
    if begin > start and (space := text.find(" ", begin, begin + 40)) >= 0:
        begin = space + 1
    if stop < end and (space := text.rfind(" ", stop - 40, stop)) > begin:
        stop = space
    return begin, stop
