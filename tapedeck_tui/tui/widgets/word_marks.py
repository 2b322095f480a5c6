"""Find words in drawn lines: of a search, each by itself; of a citation, one after another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_WORD = re.compile(r"\w+", re.UNICODE)


def words_of(text: str) -> list[str]:
    """The words of a text, lower case, as they are compared."""
    return [word.casefold() for word in _WORD.findall(text)]


def spans_of_words(line: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """(start, end) cells of every occurrence of one of the words in a line, in order, not overlapping."""
    low = line.casefold()
    if len(low) != len(line):
        low = line.lower() if len(line.lower()) == len(line) else line
    found: list[tuple[int, int]] = []
    for word in words:
        at = low.find(word) if word else -1
        while at >= 0:
            found.append((at, at + len(word)))
            at = low.find(word, at + len(word))
    spans: list[tuple[int, int]] = []
    end = 0
    for start, stop in sorted(found):
        if start >= end:
            spans.append((cell_len(line[:start]), cell_len(line[:stop])))
            end = stop
    return spans


def spans_of_quote(lines: Sequence[str], words: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Line number to (start, end) cells of a quotation, found by its words in order across line ends.

    Marks of the markup between the words do not matter. Empty when the quotation is not there.
    """
    if not words:
        return {}
    tokens = [
        (match.group().casefold(), number, match.start(), match.end())
        for number, line in enumerate(lines)
        for match in _WORD.finditer(line)
    ]
    sought = list(words)
    size = len(sought)
    texts = [token[0] for token in tokens]
    for at in range(len(tokens) - size + 1):
        if texts[at] == sought[0] and texts[at : at + size] == sought:
            spans: dict[int, tuple[int, int]] = {}
            for _, number, start, stop in tokens[at : at + size]:
                first, _last = spans.get(number, (start, stop))
                spans[number] = (first, stop)
            return {n: (cell_len(lines[n][:a]), cell_len(lines[n][:b])) for n, (a, b) in spans.items()}
    return {}


def restyle(strip: Strip, spans: Sequence[tuple[int, int]], style: Style) -> Strip:
    """The strip with this style over some of its cells."""
    if not spans:
        return strip
    out: list[Strip] = []
    at = 0
    for start, end in spans:
        if start > at:
            out.append(strip.crop(at, start))
        out.append(Strip(Segment.apply_style(strip.crop(start, end), post_style=style)))
        at = end
    out.append(strip.crop(at, strip.cell_length))
    return Strip.join(out)
