"""Lines as they really are: growing, torn, glued, and full of bytes nobody expected (FORMATS R1-R5)."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import readers
from importers.contract import Cursor, Span
from importers.readers import (
    Row,
    as_count,
    as_id,
    compact_json,
    iso_time,
    json_lines,
    json_object,
    one_line,
)


@dataclass(frozen=True)
class Bytes:
    """A source over bytes, of which ``size`` may be read."""

    data: bytes
    limit: int | None = None
    path: Path = Path("session.jsonl")

    @property
    def size(self) -> int:
        return len(self.data) if self.limit is None else self.limit

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    def siblings(self, pattern: str) -> list[Path]:
        return []

    def open_sibling(self, path: Path) -> BinaryIO:
        raise FileNotFoundError(path)


def rows(data: bytes, cursor: Cursor | None = None, limit: int | None = None) -> list[Row]:
    return list(json_lines(Bytes(data, limit), cursor))


def objects(data: bytes) -> list[Any]:
    return [value for row in rows(data) for value, _ in row.objects]


def test_lines_split_on_newline_only() -> None:
    """Line separators of Unicode and a carriage return inside a string do not end a line."""
    data = '{"a":"x\u2028y\u2029z\u0085"}\r\n\n{"b":1}\n'.encode()
    first, second = rows(data)
    assert first.objects[0][0] == {"a": "x\u2028y\u2029z\u0085"}
    assert (second.span.line, second.lines) == (3, 3)
    assert second.objects[0][1] == Span(3, len(data) - 8, 7)


def test_a_span_is_the_object_without_newline_and_space() -> None:
    data = b'  {"a":1} \r\n'
    _, span = rows(data)[0].objects[0]
    assert data[span.offset : span.offset + span.length] == b'{"a":1}'


def test_glued_objects_have_exact_bytes() -> None:
    """GOTCHAS 4: two and three objects on one line, with letters of several bytes before them."""
    pieces = ['{"a":"ä€🫖"}', '{"b":"ß"}', '{"c":3}']
    data = ("".join(pieces) + "\n").encode()
    (row,) = rows(data)
    assert [data[s.offset : s.offset + s.length].decode() for _, s in row.objects] == pieces
    assert (row.problems, row.end, row.lines) == ((), len(data), 1)


def test_a_torn_last_line_is_not_consumed() -> None:
    """GOTCHAS 22: a write in progress is no problem and is read when it is whole."""
    data = b'{"a":1}\n{"b":'
    whole, torn = rows(data)
    assert whole.complete
    assert (torn.complete, torn.objects, torn.problems) == (False, (), ())
    assert (torn.end, torn.lines, torn.span.length) == (8, 1, 5)


def test_a_torn_tail_behind_a_whole_object() -> None:
    """GOTCHAS 4 and 22 together: the whole object is consumed, only the torn one waits."""
    whole, torn = rows(b'{"a":1}{"b":')
    assert whole.objects[0][0] == {"a": 1}
    assert (whole.end, whole.lines) == (7, 0)
    assert (torn.end, torn.lines, torn.complete) == (7, 0, False)


def test_a_last_line_without_newline_keeps_its_number() -> None:
    """The newline that comes later ends line 1; it does not make a line of its own."""
    data = b'{"a":1}\n{"b":2}\n'
    first = rows(data, limit=7)[0]
    assert (first.end, first.lines) == (7, 0)
    (second,) = rows(data, Cursor(first.end, first.lines))
    assert second.span.line == 2


def test_a_glued_object_that_comes_later_is_on_the_same_line() -> None:
    data = b'{"a":1}{"b":2}\n'
    (second,) = rows(data, Cursor(7, 0))
    assert second.objects[0] == ({"b": 2}, Span(1, 7, 7))


def test_nothing_is_read_past_the_size() -> None:
    assert [row.complete for row in rows(b'{"a":1}\n{"b":2}\n', limit=10)] == [True, False]


def test_bytes_that_are_not_utf8_are_replaced_and_told() -> None:
    """The record survives with replacement characters; what is glued behind keeps its exact place."""
    data = b'\xef\xbb\xbf{"a":"caf\xe9\xff"}{"b":2}\n'
    (row,) = rows(data)
    assert [value for value, _ in row.objects] == [{"a": "caf\ufffd\ufffd"}, {"b": 2}]
    assert [data[s.offset : s.offset + s.length] for _, s in row.objects] == [
        b'{"a":"caf\xe9\xff"}',
        b'{"b":2}',
    ]
    assert [problem.kind for problem in row.problems] == ["invalid-utf8"]


def test_a_byte_order_mark_is_no_problem() -> None:
    (row,) = rows(b'\xef\xbb\xbf{"a":1}\n')
    assert (row.objects, row.problems) == ((({"a": 1}, Span(1, 3, 7)),), ())


def test_lone_surrogates_and_nul_are_values() -> None:
    """GOTCHAS 23: both are legal JSON; cleaning them is the library's work."""
    assert objects(rb'{"a":"\ud83d","b":"x\u0000y"}' + b"\n") == [{"a": "\ud83d", "b": "x\0y"}]


def test_blank_lines_and_nul_blocks_are_passed_over() -> None:
    """A crash may leave a block of NULs; it is no record and no problem."""
    (row,) = rows(b'\n \r\n\x00\x00\x00\n{"a":1}\n')
    assert (row.span.line, row.problems) == (4, ())


@pytest.mark.parametrize("line", [b'"text"', b"42", b"[1]", b"null", b"true"])
def test_records_that_are_no_objects_are_told(line: bytes) -> None:
    (row,) = rows(line + b"\n")
    assert row.objects == ()
    assert [problem.kind for problem in row.problems] == ["unknown-record"]


def test_an_object_inside_a_broken_one_is_no_record() -> None:
    """The line is broken at its first character; its inner block must not become a message."""
    (row,) = rows(b'x{"type":"user","message":{"type":"inner"},"more":tru}\n')
    assert row.objects == ()
    assert row.problems[0].what == "54 bytes of this line could not be read"


def test_a_record_after_a_torn_one_is_read() -> None:
    """The process died inside a record and the next one appended to the same line."""
    data = b'{"type":"user","mess{"type":"assistant","n":1}{"type":"user","n":2}\n'
    (row,) = rows(data)
    assert [value["n"] for value, _ in row.objects] == [1, 2]
    assert row.objects[0][1] == Span(1, 20, 26)
    assert row.problems[0].what.startswith("20 bytes")


def test_a_hundred_thousand_brackets_are_one_problem() -> None:
    """Nesting too deep for any parser must not end the program."""
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    records = b'{"type":' * 30_000
    found = rows(deep + b"\n" + records + b'\n{"b":1}\n')
    assert [len(row.objects) for row in found] == [0, 0, 1]
    assert [problem.kind for row in found for problem in row.problems] == ["unreadable-bytes"] * 2


def test_a_line_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, stays on the tape, and the next line is read; unfinished, it waits like any torn line."""
    monkeypatch.setattr(readers, "MAX_LINE", 64)
    monkeypatch.setattr(readers, "_STEP", 16)
    long = b'{"a":"' + b"x" * 200 + b'"}\n'
    first, second = rows(long + b'{"b":1}\n')
    assert [problem.kind for problem in first.problems] == ["too-long"]
    assert (first.end, second.objects[0][0]) == (len(long), {"b": 1})
    (torn,) = rows(long[:-1])
    assert (torn.complete, torn.end) == (False, 0)


def test_a_line_as_long_as_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b'{"a":"' + b"x" * 55 + b'"}\n'
    monkeypatch.setattr(readers, "MAX_LINE", len(line))
    assert len(objects(line + line)) == 2


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_OBJECT = st.dictionaries(st.text(max_size=5), _JSON, max_size=4)
_GAP = st.sampled_from(["\n", "\n\n", "\r\n", "", " ", " \n ", "\x00\n"])


@given(st.lists(st.tuples(_OBJECT, _GAP, st.booleans()), max_size=8))
def test_every_object_comes_back_with_its_bytes(pieces: list[tuple[dict[str, Any], str, bool]]) -> None:
    """Whatever stands between them, all objects come in order, and each span is that object alone."""
    data = "".join(json.dumps(o, ensure_ascii=a) + gap for o, gap, a in pieces).encode(
        "utf-8", "surrogatepass"
    )
    found = [(value, span) for row in rows(data) for value, span in row.objects]
    assert [json.loads(data[s.offset : s.offset + s.length]) for _, s in found] == [v for v, _ in found]
    assert [value for value, _ in found] == [json.loads(json.dumps(o)) for o, _, _ in pieces]


@given(
    st.lists(
        st.sampled_from([b'{"type":"a"}', b'{"b":[1,"\xc3\xa9"]}', b"\n", b"{", b"x", b"\xff", b"7", b'"'])
    )
)
def test_reading_in_stages_equals_reading_once(pieces: list[bytes]) -> None:
    """Cut anywhere and go on from the cursor: the same objects at the same places, torn pieces or not."""
    data = b"".join([*pieces, b"\n"])
    once = [found for row in rows(data) for found in row.objects]
    staged: list[Any] = []
    cursor = Cursor()
    for limit in range(len(data) + 1):
        for row in rows(data, cursor, limit):
            staged += row.objects
            cursor = Cursor(row.end, row.lines) if row.complete else cursor
    assert staged == once


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    end = 0
    for row in rows(data):
        assert end <= row.end <= len(data)
        end = row.end


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-03-02T09:00:00Z", 1772442000.0),
        ("2026-03-02T09:00:00.250+00:00", 1772442000.25),
        ("2026-03-02T10:00:00+01:00", 1772442000.0),
        ("2026-03-02T09:00:00", 1772442000.0),
        (1772442000, 1772442000.0),
        (1772442000500, 1772442000.5),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_times(value: object, seconds: float | None) -> None:
    assert iso_time(value) == seconds


def test_small_helpers_take_any_value() -> None:
    assert [as_count(v) for v in (3, 2.9, -1, True, None, "5", float("nan"), float("inf"), 10**30)] == [
        3, 2, 0, 0, 0, 0, 0, 0, 0,
    ]  # fmt: skip
    assert [as_id(v) for v in ("msg_1", "", "a b", "é", "x" * 201, 7, "a\n")] == ["msg_1"] + [""] * 6
    assert one_line("  a\n\n b\t" + "c" * 300, 10) == "a b ccccc…"
    assert compact_json({"a": "\ud83d"}) == '{"a": "\\ud83d"}'
    assert compact_json("x" * 30, limit=10) == '"xxxxxxxx…'
    assert json_object(b'{"a":"\xff"}') == {"a": "\ufffd"}
    assert json_object(b"[1]") == json_object(b"{") == json_object(b"[" * 100_000) == {}


def test_values_nested_too_deep_to_write_are_told() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    assert compact_json(deep) == "[nested too deeply to show]"
