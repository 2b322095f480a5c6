"""Cleaning and measuring text. Everything in an archive is hostile until it went through ``clean``."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TAB = "    "
"""What a tab becomes: cells cannot be counted otherwise."""

_BAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 but \t \n \r, DEL, C1
    "\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u206f"  # zero width, bidi marks and controls, invisible operators
    "\ufeff\ufff9-\ufffb\ud800-\udfff"  # BOM, interlinear, lone surrogates
    "\U000e0000-\U000e007f]"  # tags
)
_CSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x1b\\|\x07|\x9c|(?=\n)|$)"  # OSC, DCS, SOS, PM, APC with their content
    r"|\x1b[ -/]*[0-~]",  # two-character escapes
)
_BREAKS = re.compile("\r\n?|[\u2028\u2029\u0085]")
_SPACE = re.compile(r"\s+")
_NEEDS = re.compile("[^\n\x20-\x7e\u00a0-\u061b\u061d-\u1fff\u2070-\ud7ff]")

MAX_MARKS = 8
"""Combining marks in a row that are kept; more is a drawing attack."""
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARKS = re.compile(f"({_MARK}{{{MAX_MARKS}}}){_MARK}+")


def clean(text: str) -> str:
    """Text that is safe to store and draw: no escape sequence, control, bidi control, invisible tag,
    NUL or lone surrogate; line breaks are ``\\n``, tabs are spaces. Idempotent."""
    if _NEEDS.search(text) is None and _MARKS.search(text) is None:
        return text
    if "\x1b" in text:
        text = _CSI.sub("", text)
    text = _BREAKS.sub("\n", text).replace("\t", TAB)
    return _MARKS.sub(r"\1", _BAD.sub("", text))


def one_line(text: str, limit: int = 200) -> str:
    """The text as one clean line of at most ``limit`` characters, ending in … when cut."""
    line = _SPACE.sub(" ", clean(text[: limit * 6])).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 file``, ``2,000 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def fold(text: str) -> str:
    """Text for comparing quotes: cleaned, NFC, whitespace runs as one space."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", clean(text))).strip()


def middle_clip(text: str, head: int, tail: int) -> str:
    """The first ``head`` and last ``tail`` characters, with a line between that says what is missing."""
    if len(text) <= head + tail + 80:
        return text
    missing = len(text) - head - tail
    return f"{text[:head]}\n[… {missing:,} characters more on the tape …]\n{text[-tail:]}"


_HUMP = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])"
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_IDENT = re.compile(r"\w+(?:[./:\\-]\w+)*", re.UNICODE)


@lru_cache(maxsize=65536)
def split_word(word: str) -> tuple[str, ...]:
    """The parts of an identifier: ``getHTTPAgent_v2`` -> get HTTP Agent v 2. A plain word gives itself."""
    return tuple(p for piece in _WORD.findall(word) for p in _HUMP.split(piece) if p)


def split_identifiers(text: str) -> str:
    """The parts of every compound identifier in the text, space separated; plain words are left out."""
    out: list[str] = []
    for token in set(_IDENT.findall(text)):
        if len(token) <= 80 and not (token.isalpha() and token[1:].islower()):
            parts = split_word(token)
            if len(parts) > 1:
                out.extend(parts)
    return " ".join(out)
