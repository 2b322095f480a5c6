"""Checking an answer against its passages, without a model: citations exist, quotes are real, nothing is bare."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tapedeck_tui.ask.sentences import Sentence, content_words, sentences
from tapedeck_tui.model import Citation
from tapedeck_tui.text import clean, fold

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_GROUP = re.compile(r"[\[【](\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)[\]】](?!\()")
MARK = re.compile(r"\[(\d{1,3})\]")
"""A citation in a checked answer: always one number in brackets."""
_QUOTE = re.compile(r"\"([^\"\n]{2,400})\"|“([^”\n]{2,400})”|„([^“\n]{2,400})“|«([^»\n]{2,400})»")
_NOTHING = re.compile(
    r"\bnot in (?:your|the) tapes\b|\b(?:passages|tapes|sessions) (?:do|does) not (?:contain|say|hold|mention)\b",
    re.IGNORECASE,
)
_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[^\n]*$|\Z)", re.DOTALL | re.MULTILINE)
_INLINE_CODE = re.compile(r"`[^`\n]+`")
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|…|\[…\]|\[\.\.\.\])\s*")
MIN_QUOTE = 2
"""Words a quotation needs to be held against the turn; one quoted word is a name, not a quotation."""
SHORT = 2
"""A sentence with fewer content words claims nothing ("Yes.", "In short:")."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer as it is kept.

    text         Markdown; every citation is ``[n]`` with one number
    kind         "answer", or "nothing" when the model found nothing
    unsupported  (start, length) in ``text`` of sentences without a valid citation, or of invalid marks
    cited        the numbers that are cited and exist
    astray       those of ``unsupported`` that have a source, which does not hold them
    """

    text: str
    kind: Literal["answer", "nothing"]
    unsupported: tuple[tuple[int, int], ...]
    cited: frozenset[int]
    astray: tuple[tuple[int, int], ...] = ()


def check(text: str, citations: Sequence[Citation]) -> Checked:
    """Hold an answer against its passages.

    A sentence of prose or of a list is supported when it carries a number that exists, when everything it
    puts in quotation marks stands in a turn it cites, and when it shares at least one meaningful word with
    them. Headings, code, and lines that only lead over to a list are left alone.
    """
    body = tidy(text)
    by_number = {c.n: c for c in citations}
    cut = sentences(body)
    unsupported: list[tuple[int, int]] = []
    astray: list[tuple[int, int]] = []
    cited: set[int] = set()
    for n, sentence in enumerate(cut):
        if sentence.kind == "code":
            continue
        words = body[sentence.start : sentence.end]
        marks = [(int(m[1]), m.start(), m.end()) for m in MARK.finditer(words)]
        valid = [by_number[number] for number, _, _ in marks if number in by_number]
        cited |= {c.n for c in valid}
        if _is_bare(words, marks, sentence, cut[n + 1] if n + 1 < len(cut) else None):
            continue
        if not valid or not _holds(words, valid):
            unsupported.append((sentence.start, sentence.end - sentence.start))
            astray += unsupported[-1:] if valid else []
        else:
            unsupported += [(sentence.start + a, b - a) for number, a, b in marks if number not in by_number]
    nothing = bool(_NOTHING.search(body)) and not cited
    if nothing:
        unsupported = [r for r in unsupported if not _NOTHING.search(body[r[0] : r[0] + r[1]])]
    return Checked(
        body, "nothing" if nothing else "answer", tuple(unsupported), frozenset(cited), tuple(astray)
    )


class Unthought:
    """Hides the thinking some models write before their answer, while it streams."""

    def __init__(self) -> None:
        self._held = ""
        self._open = True

    def feed(self, piece: str) -> str:
        """What may be shown after this piece."""
        if not self._open:
            return piece
        self._held += piece
        start = self._held.lstrip().lower()
        if start.startswith("<think"):
            end = _THOUGHT.search(self._held)
            if end is None:
                return ""
            self._held = self._held[end.end() :].lstrip()
            if not self._held:
                return ""
        elif "<think".startswith(start):
            return ""
        self._open = False
        shown, self._held = self._held.lstrip(), ""
        return shown


def tidy(text: str) -> str:
    """A model's text ready to be kept: clean, without thinking, citations as ``[1][3]``, code untouched."""
    body = _THINKING.sub("", clean(text)).strip()
    out: list[str] = []
    at = 0
    for match in re.finditer(f"(?:{_FENCED.pattern})|(?:{_INLINE_CODE.pattern})", body, _FENCED.flags):
        out += [_GROUP.sub(_spread, body[at : match.start()]), match.group()]
        at = match.end()
    out.append(_GROUP.sub(_spread, body[at:]))
    return "".join(out)


def _spread(match: re.Match[str]) -> str:
    numbers: list[int] = []
    for piece in re.split(r"\s*[,;]\s*", match[1]):
        ends = [int(n) for n in re.split(r"\s*[–-]\s*", piece)]
        if len(ends) == 2 and 0 < ends[1] - ends[0] <= 20:
            numbers += range(ends[0], ends[1] + 1)
        else:
            numbers += ends
    return "".join(f"[{n}]" for n in dict.fromkeys(numbers))


def _is_bare(
    words: str, marks: list[tuple[int, int, int]], sentence: Sentence, following: Sentence | None
) -> bool:
    """Whether the sentence claims nothing that needs a source."""
    if marks:
        return False
    if sentence.kind == "heading":
        return True
    plain = words.rstrip("*_ ")
    leads = plain.endswith(":") and following is not None and following.kind in ("item", "code")
    return leads or (len(content_words(words)) < SHORT and not _quoted(words))


def _holds(words: str, cited: Sequence[Citation]) -> bool:
    """Whether the cited turns can carry the sentence: its quotations stand there, and some of its words."""
    sources = [fold(c.text or c.quote).casefold() for c in cited]
    for quote in _quoted(words):
        pieces = [fold(piece).casefold().strip(" .,;:!?") for piece in _ELLIPSIS.split(quote)]
        if not any(all(piece in source for piece in pieces) for source in sources):
            return False
    meaning = set(content_words(MARK.sub("", words)))
    if len(meaning) < SHORT:
        return True
    about = " ".join(f"{c.text or c.quote} {c.project} {c.session_title}" for c in cited)
    return bool(meaning & set(content_words(about)))


def _quoted(words: str) -> list[str]:
    outside_code = _INLINE_CODE.sub(" ", words)
    quotes = [next(group for group in match.groups() if group) for match in _QUOTE.finditer(outside_code)]
    return [quote for quote in quotes if len(quote.split()) >= MIN_QUOTE]
