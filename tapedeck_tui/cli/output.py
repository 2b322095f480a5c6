"""The only writer to stdout."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import IO, Any

from tapedeck_tui.text import clean

MAX_WIDTH = 100
"""Columns prose is wrapped at on a terminal."""


class Strong(str):
    """Text to be shown bold where colour is allowed."""

    __slots__ = ()


class Dim(str):
    """Text to be shown faint where colour is allowed."""

    __slots__ = ()


def has_colour(stream: IO[str]) -> bool:
    """Whether escape sequences may be written: a terminal that wants them."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled(pieces: Sequence[str], colour: bool) -> str:
    """The pieces as one text, cleaned; emphasis only with colour."""
    out: list[str] = []
    for piece in pieces:
        text = clean(str(piece))
        if colour and text and isinstance(piece, (Strong, Dim)):
            text = f"\x1b[{1 if isinstance(piece, Strong) else 2}m{text}\x1b[0m"
        out.append(text)
    return "".join(out)


class Output:
    """Writes results: text for people, JSON for programs.

    Args:
        stream: where to; default: stdout as it is when something is written.
    """

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream

    @property
    def stream(self) -> IO[str]:
        return self._stream or sys.stdout

    @property
    def is_terminal(self) -> bool:
        return self.stream.isatty()

    @property
    def width(self) -> int:
        """Columns to wrap at; 0 where nothing should be wrapped (a file, a pipe)."""
        return min(shutil.get_terminal_size().columns, MAX_WIDTH) if self.is_terminal else 0

    def line(self, *pieces: str) -> None:
        """One line (or several: line breaks in the text are kept)."""
        self.stream.write(styled(pieces, has_colour(self.stream)) + "\n")

    def wrapped(self, *pieces: str, indent: str = "") -> None:
        """Prose, wrapped on a terminal, each line after the indent; line breaks of the text are kept."""
        pieces = tuple(type(p)(clean(p)) for p in pieces)
        text = "".join(pieces)
        room = self.width - len(indent)
        for start, stop in _lines(text, room if room > 20 else 0):
            line = styled(_cut(pieces, start, stop), has_colour(self.stream))
            self.stream.write((indent + line).rstrip() + "\n")

    def piece(self, text: str) -> None:
        """A piece of streamed text, shown at once."""
        self.stream.write(clean(text))
        self.stream.flush()

    def json(self, value: dict[str, Any]) -> None:
        """One JSON object, indented; stable keys in a stable order."""
        self.stream.write(json.dumps(value, indent=2, ensure_ascii=not self._is_unicode) + "\n")

    def raw_line(self, line: str) -> None:
        """A line that is already encoded for programs, sent at once."""
        self.stream.write(line + "\n")
        self.stream.flush()

    @property
    def _is_unicode(self) -> bool:
        return (getattr(self.stream, "encoding", "") or "").lower().replace("-", "") == "utf8"


def _lines(text: str, room: int) -> list[tuple[int, int]]:
    """Where the lines of the text begin and end when wrapped at ``room`` columns (0: not wrapped)."""
    found: list[tuple[int, int]] = []
    at = 0
    for line in text.split("\n"):
        end = at + len(line)
        parts = (
            textwrap.wrap(
                line,
                room,
                break_long_words=False,
                break_on_hyphens=False,
                expand_tabs=False,
                replace_whitespace=False,
            )
            if room
            else []
        )
        if len(parts) < 2:
            found.append((at, end))
        else:
            for part in parts:
                at = text.index(part, at)
                found.append((at, at + len(part)))
                at += len(part)
        at = end + 1
    return found


def _cut(pieces: Sequence[str], start: int, stop: int) -> list[str]:
    """The pieces between two offsets of their joined text, each with its own emphasis."""
    out: list[str] = []
    at = 0
    for piece in pieces:
        inside = piece[max(0, start - at) : max(0, stop - at)]
        if inside:
            out.append(type(piece)(inside))
        at += len(piece)
    return out
