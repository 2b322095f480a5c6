"""Reading foreign files: JSON lines that grow, tear, glue and lie (FORMATS section 0, R1-R5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson

from importers.contract import Cursor, Problem, Source, Span

MAX_LINE = 24 * 1024 * 1024
"""Bytes of one line that are parsed; a longer one is reported and passed over (it stays on the tape). One
character beyond Latin-1 makes its text four bytes a character, and reading it takes two such texts at once."""
MAX_RESTARTS = 64
"""Places inside a broken line where a record is looked for before the rest is given up."""
_STEP = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n\x00"
_BRACE = ord("{")
_DECODER = json.JSONDecoder(strict=False)
_GAP = re.compile(r"[ \t\r\n\x00]*")
_RECORD_START = re.compile(r'\{"(?:type|timestamp|parentUuid|uuid|sessionId|record_type|id)":')
_ESCAPED = re.compile("[\udc80-\udcff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_YEAR_5000 = 95_617_584_000
"""Seconds; a larger number is taken for milliseconds."""
_YEAR_2 = -62_104_060_800


@dataclass(frozen=True, slots=True)
class Row:
    """One physical line: its JSON objects (glued ones apart), and what could not be read.

    objects  each with its exact bytes: from its ``{`` to the end of the line (newline left out), or to its
             own ``}`` where several share the line
    end      offset after what was read: a cursor may stand here
    lines    physical lines that are complete at ``end``
    complete False only for a torn last line; then ``objects`` is empty and the line is not consumed
    """

    span: Span
    objects: tuple[tuple[dict[str, Any], Span], ...]
    problems: tuple[Problem, ...]
    end: int
    lines: int
    complete: bool = True


def json_lines(source: Source, cursor: Cursor | None) -> Iterator[Row]:
    """The lines after ``cursor``, one Row each; blank lines are passed over (but counted), save a last one,
    which comes as a Row without objects so that a cursor can stand at the end.

    Splits on ``\\n`` only, reads no further than ``source.size``, keeps memory bounded by MAX_LINE.
    A last line without a newline that does not parse is a write in progress: it comes as an incomplete
    Row and must not be consumed. Whole objects in front of it come as a Row of their own.
    """
    offset = cursor.offset if cursor else 0
    number = cursor.line if cursor else 0
    limit = source.size
    with source.open() as file:
        file.seek(offset)
        while offset < limit:
            raw = file.readline(min(MAX_LINE, limit - offset))
            if not raw:
                return
            number += 1
            length = len(raw)
            if raw.endswith(b"\n"):
                row = _whole_line(source, raw, Span(number, offset, length))
                if row is not None or offset + length >= limit:
                    yield row or Row(Span(number, offset, length), (), (), offset + length, number)
            elif offset + length >= limit:
                yield from _last_line(source, raw, Span(number, offset, length))
                return
            else:
                skipped, ended = _skip_line(file, limit - offset - length)
                length += skipped
                span = Span(number, offset, length)
                if not ended:
                    yield Row(span, (), (), offset, number - 1, complete=False)
                    return
                what = f"a line of {length:,} bytes is too long to read"
                yield Row(span, (), (_problem(source, span, what, "too-long"),), offset + length, number)
            offset += length


def _skip_line(file: BinaryIO, left: int) -> tuple[int, bool]:
    """Passes over the rest of a line: (bytes passed over, whether its newline was found)."""
    skipped = 0
    while skipped < left:
        piece = file.readline(min(_STEP, left - skipped))
        skipped += len(piece)
        if piece.endswith(b"\n"):
            return skipped, True
        if not piece:
            break
    return skipped, False


def _whole_line(source: Source, raw: bytes, span: Span) -> Row | None:
    begin = len(_BOM) if span.offset == 0 and raw.startswith(_BOM) else 0
    end = span.offset + span.length
    try:
        value = orjson.loads(raw if not begin else raw[begin:])
    except ValueError:
        if not raw[begin:].strip(_BLANK):
            return None
    else:
        if isinstance(value, dict):
            lead, length = begin, span.length - begin - 1
            if not raw.endswith(b"}\n") or raw[begin] != _BRACE:
                lead = raw.index(b"{")
                length = len(raw.rstrip(_BLANK)) - lead
            return Row(span, ((value, Span(span.line, span.offset + lead, length)),), (), end, span.line)
    glued = _glued(raw[begin:].rstrip(_BLANK), span.line, span.offset + begin)
    if glued.at < glued.size:
        glued.restart()
    return Row(span, tuple(glued.objects), _problems(source, span, glued), end, span.line)


def _last_line(source: Source, raw: bytes, span: Span) -> Iterator[Row]:
    """A line without a newline: what is whole is consumed, the rest is a write in progress."""
    begin = len(_BOM) if span.offset == 0 and raw.startswith(_BOM) else 0
    glued = _glued(raw[begin:], span.line, span.offset + begin)
    end = glued.objects[-1][1].offset + glued.objects[-1][1].length if glued.objects else span.offset
    if glued.objects:
        whole = Span(span.line, span.offset, end - span.offset)
        glued.strange = glued.strange_before
        yield Row(whole, tuple(glued.objects), _problems(source, whole, glued), end, span.line - 1)
    left = span.offset + span.length - end
    if raw[len(raw) - left :].strip(_BLANK):
        yield Row(Span(span.line, end, left), (), (), end, span.line - 1, complete=False)


class _Glued:
    """The objects of one line that is more than one plain object, found one after the other.

    Works on text in which every byte that is not UTF-8 stands as one lone surrogate, so that lengths in
    bytes stay exact. Linear: every byte is counted once, and restarts are limited.

    at              character after what was read
    lost            bytes of what could not be read
    strange         bytes of values that are not objects; ``strange_before``: those before the last object
    replaced        whether an object held bytes that are not UTF-8
    """

    def __init__(self, text: str, line: int, offset: int) -> None:
        self.text = text
        self.line = line
        self.size = len(text)
        self.at = 0
        self.lost = 0
        self.strange = 0
        self.strange_before = 0
        self.replaced = False
        self.objects: list[tuple[dict[str, Any], Span]] = []
        self._offset = offset
        self._counted = 0

    def run(self) -> None:
        """Reads objects from ``at`` on, until the end or the first thing that is none."""
        while True:
            begin = _end_of_gap(self.text, self.at)
            if begin >= self.size:
                self.at = self.size
                return
            try:
                value, stop = _DECODER.raw_decode(self.text, begin)
            except (ValueError, RecursionError):
                self.at = begin
                return
            start = self._bytes_to(begin)
            length = self._bytes_to(stop) - start
            if isinstance(value, dict):
                self.objects.append((self._utf8(value, begin, stop), Span(self.line, start, length)))
                self.strange_before = self.strange
            else:
                self.strange += length
            self.at = stop

    def restart(self) -> None:
        """After something broken: a record counts only when everything from it to the end of the line
        reads as records, so an object inside a broken one is never taken for a record."""
        broken, known, strange = self.at, len(self.objects), self.strange
        begin = self._bytes_to(broken)
        for tried, found in enumerate(_RECORD_START.finditer(self.text, broken + 1)):
            if tried == MAX_RESTARTS:
                break
            self.at = found.start()
            self.run()
            if self.at >= self.size:
                self.lost += self._first_byte(known) - begin
                return
            del self.objects[known:]
            self._offset, self._counted, self.strange = begin, broken, strange
        self.lost += self._bytes_to(self.size) - begin
        self.at = self.size

    def _first_byte(self, index: int) -> int:
        return self.objects[index][1].offset if index < len(self.objects) else self._offset

    def _bytes_to(self, at: int) -> int:
        self._offset += len(self.text[self._counted : at].encode("utf-8", "surrogateescape"))
        self._counted = at
        return self._offset

    def _utf8(self, value: dict[str, Any], begin: int, stop: int) -> dict[str, Any]:
        piece = self.text[begin:stop]
        if _ESCAPED.search(piece) is None:
            return value
        self.replaced = True
        clean: dict[str, Any] = _DECODER.decode(_ESCAPED.sub("\ufffd", piece))
        return clean


def _end_of_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def _glued(body: bytes, line: int, offset: int) -> _Glued:
    glued = _Glued(body.decode("utf-8", "surrogateescape"), line, offset)
    glued.run()
    return glued


def _problems(source: Source, span: Span, glued: _Glued) -> tuple[Problem, ...]:
    found: list[Problem] = []
    if glued.replaced:
        found.append(_problem(source, span, "bytes that are not UTF-8 were replaced", "invalid-utf8"))
    if glued.strange:
        found.append(_problem(source, span, "a record that is not an object", "unknown-record"))
    if glued.lost:
        what = f"{glued.lost:,} bytes of this line could not be read"
        found.append(_problem(source, span, what, "unreadable-bytes"))
    return tuple(found)


def _problem(source: Source, span: Span, what: str, kind: str) -> Problem:
    hint = "The bytes are kept on the tape; nothing needs doing."
    return Problem(f"{source.path}, line {span.line}", what, hint, span, kind)


def json_object(raw: bytes) -> dict[str, Any]:
    """The object these bytes are; {} when they are none. For small files and records read again."""
    try:
        return as_dict(orjson.loads(raw))
    except ValueError:
        pass
    try:
        return as_dict(_DECODER.decode(raw.decode("utf-8", "replace").strip("\x00 \t\r\n")))
    except (ValueError, RecursionError):
        return {}


def iso_time(value: object) -> float | None:
    """Unix seconds of an ISO-8601 time (``Z`` or offset; without a zone: UTC), a number of seconds, or of
    milliseconds (when it is larger than the year 5000 in seconds). None for anything else, and for times no
    calendar can show."""
    try:
        if isinstance(value, str):
            parsed = datetime.fromisoformat(value.strip())
            seconds = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            seconds = float(value)
            seconds = seconds / 1000 if abs(seconds) > _YEAR_5000 else seconds
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return seconds if _YEAR_2 < seconds < _YEAR_5000 else None


def as_text(value: object) -> str:
    """A string as it is; anything else as "" (a field that should be text may hold any JSON value)."""
    return value if isinstance(value, str) else ""


def as_dict(value: object) -> dict[str, Any]:
    """A JSON object as it is; anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """A JSON list as it is; anything else as an empty one."""
    return value if isinstance(value, list) else []


def as_count(value: object) -> int:
    """A whole number of things, 0 to 2**53; anything else (negative, NaN, text) as 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 2**53:
        return 0
    return int(value)


def as_id(value: object) -> str:
    """A string that can be an identifier: printable ASCII without spaces, at most 200 characters; else ""."""
    if isinstance(value, str) and 0 < len(value) <= 200 and value.isascii() and value.isprintable():
        return "" if " " in value else value
    return ""


def storable(text: str, limit: int = 1_000) -> str:
    """At most ``limit`` characters of the text, lone surrogates replaced: safe in a cursor's state."""
    text = text[:limit]
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def one_line(text: str, limit: int = 200) -> str:
    """The text as one storable line of at most ``limit`` characters, ending in … when cut."""
    line = _SPACE.sub(" ", storable(text, limit * 6)).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def compact_json(value: object, limit: int = 20_000) -> str:
    """The value as one line of JSON, at most ``limit`` characters."""
    try:
        text = orjson.dumps(value).decode()
    except (TypeError, ValueError):
        try:
            text = json.dumps(value, ensure_ascii=True, default=str)
        except RecursionError:
            text = "[nested too deeply to show]"
    return text if len(text) <= limit else text[: limit - 1] + "…"
