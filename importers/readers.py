"""Reading foreign files: JSON lines that grow, tear, glue and lie (FORMATS section 0, R1-R5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import orjson

from importers.contract import Cursor, Problem, Source, Span

MAX_LINE = 64 * 1024 * 1024
"""Bytes of one line that are parsed; a longer one is reported and passed over (it stays on the tape)."""
_STEP = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One physical line: its JSON objects (glued ones apart), and what could not be read.

    end      offset after the line: a cursor may stand here
    complete False only for a torn last line; then ``objects`` is empty and the line is not consumed
    """

    span: Span
    objects: tuple[tuple[dict[str, Any], Span], ...]
    problems: tuple[Problem, ...]
    end: int
    complete: bool = True


def json_lines(source: Source, cursor: Cursor | None) -> Iterator[Row]:
    """The lines after ``cursor``, one Row each; blank lines are passed over (but counted).

    Splits on ``\\n`` only, reads no further than ``source.size``, keeps memory bounded by MAX_LINE.
    A last line without a newline that does not parse is a write in progress: it comes as an incomplete
    Row and must not be consumed.
    """
    start = cursor.offset if cursor else 0
    number = cursor.line if cursor else 0
    limit = source.size
    with source.open() as file:
        file.seek(start)
        offset = start
        while offset < limit:
            number += 1
            raw = file.readline(min(MAX_LINE, limit - offset))
            if not raw:
                break
            length = len(raw)
            if not raw.endswith(b"\n") and offset + length < limit:
                length += _skip_line(file, limit - offset - length)
                span = Span(number, offset, length)
                problem = _problem(source, span, f"a line of {length:,} bytes is too long to read", "too-long")
                yield Row(span, (), (problem,), offset + length)
            else:
                last = offset + length >= limit and not raw.endswith(b"\n")
                row = _parse(source, raw, Span(number, offset, length), last)
                if row is not None:
                    yield row
                    if not row.complete:
                        return
            offset += length


def _skip_line(file: Any, left: int) -> int:
    skipped = 0
    while skipped < left:
        piece = file.readline(min(_STEP, left - skipped))
        skipped += len(piece)
        if not piece or piece.endswith(b"\n"):
            break
    return skipped


def _parse(source: Source, raw: bytes, span: Span, last: bool) -> Row | None:
    body = raw.removeprefix(_BOM) if span.offset == 0 else raw
    if not body.strip(b" \t\r\n\x00"):
        return None
    end = span.offset + span.length
    try:
        value = orjson.loads(body)
    except ValueError:
        return _parse_glued(source, body, span, last)
    if isinstance(value, dict):
        return Row(span, ((value, span),), (), end)
    return Row(span, (), (_problem(source, span, "a record that is not an object", "unknown-record"),), end)


def _parse_glued(source: Source, body: bytes, span: Span, last: bool) -> Row:
    text = body.decode("utf-8", "replace")
    problems: list[Problem] = []
    if "\ufffd" in text and "\ufffd".encode() not in body:
        problems.append(_problem(source, span, "bytes that are not UTF-8 were replaced", "invalid-utf8"))
    objects: list[tuple[dict[str, Any], Span]] = []
    at, bad, first_bad = 0, 0, -1
    lead = len(body) - len(text.encode("utf-8", "replace")) if not problems else 0
    while at < len(text):
        if text[at] in " \t\r\n\x00":
            at += 1
            continue
        try:
            value, stop = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            nxt = text.find("{", at + 1)
            # an object inside a broken one is not a record: only a glued start "}{" or '{"type' counts
            nxt = _next_record(text, at + 1)
            stop = nxt if nxt >= 0 else len(text)
            bad += len(text[at:stop].encode("utf-8", "replace"))
            first_bad = at if first_bad < 0 else first_bad
            at = stop
            continue
        if isinstance(value, dict):
            begin = len(text[:at].encode("utf-8", "replace"))
            objects.append((value, Span(span.line, span.offset + begin + lead, stop - at)))
        else:
            bad += stop - at
            first_bad = at if first_bad < 0 else first_bad
        at = stop
    end = span.offset + span.length
    if bad and last and not objects:
        return Row(span, (), (), span.offset, complete=False)
    if bad:
        what = f"{bad:,} bytes of this line could not be read"
        problems.append(_problem(source, span, what, "unreadable-bytes"))
    return Row(span, tuple(objects), tuple(problems), end)


def _next_record(text: str, at: int) -> int:
    """Where the next record may start inside a broken line: a ``{"`` that opens a record of a known shape."""
    best = -1
    for mark in ('{"type":', '{"timestamp":', '{"parentUuid":', '{"uuid":', '{"record_type":', '{"id":'):
        found = text.find(mark, at)
        if found >= 0 and (best < 0 or found < best):
            best = found
    return best


def _problem(source: Source, span: Span, what: str, kind: str) -> Problem:
    hint = "The bytes are kept on the tape; nothing needs doing."
    return Problem(f"{source.path}, line {span.line}", what, hint, span, kind)


def iso_time(value: object) -> float | None:
    """Unix seconds of an ISO-8601 time (``Z`` or offset; without a zone: UTC), a number of seconds, or of
    milliseconds (when it is larger than the year 5000 in seconds). None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        seconds = float(value)
        seconds = seconds / 1000 if abs(seconds) > 95_617_584_000 else seconds
        return seconds if abs(seconds) < 95_617_584_000 else None
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone.utc)
    try:
        return parsed.timestamp()
    except (OverflowError, ValueError):
        return None


def as_text(value: object) -> str:
    """A string as it is; anything else as "" (a field that should be text may hold any JSON value)."""
    return value if isinstance(value, str) else ""


def as_dict(value: object) -> dict[str, Any]:
    """A JSON object as it is; anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """A JSON list as it is; anything else as an empty one."""
    return value if isinstance(value, list) else []


def compact_json(value: object, limit: int = 20_000) -> str:
    """The value as one line of JSON, at most ``limit`` characters."""
    try:
        text = orjson.dumps(value).decode()
    except (TypeError, ValueError):
        text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"
