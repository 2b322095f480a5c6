"""Reading a rollout from a cursor on."""

from __future__ import annotations

from collections.abc import Iterator

from importers.codex.content import short
from importers.codex.files import Unpacked, id_in_name, is_compressed, last_uuid
from importers.codex.records import Record
from importers.codex.state import State
from importers.codex.thread import Thread
from importers.contract import Cursor, Problem, Source, Span
from importers.contract import Record as Out
from importers.readers import as_dict, as_list, json_lines

_CHECKPOINT = 4 * 1024 * 1024
"""Bytes between two cursors."""


def read_rollout(source: Source, cursor: Cursor | None) -> Iterator[Out]:
    """Everything after the cursor. While the last records wait for a decision, or nothing was said yet, the
    cursor carries where to begin again (``from``), so a later read decides with more before it."""
    try:
        lines: Source = Unpacked.of(source) if is_compressed(source.path) else source
        done = cursor.offset if cursor else 0
        seen = done + cursor.pending if cursor else 0
        if isinstance(lines, Unpacked) and lines.error and (lines.size > seen or not seen):
            hint = (
                "What stands before the damage is read; nothing needs doing if the plain file is still there."
            )
            yield Problem(str(source.path), lines.error, hint, Span(0, lines.size, 0))
        begin, state = _resume(cursor)
        yield from _read(lines, begin, state, done)
    except OSError as exc:
        hint = "Check that the file can be read; it is tried again at the next run."
        yield Problem(str(source.path), f"could not be read: {exc.strerror or exc}", hint, kind="io")
        yield cursor or Cursor()


def _resume(cursor: Cursor | None) -> tuple[Cursor, State]:
    if cursor is None:
        return Cursor(), State()
    again = [value for value in as_list(cursor.state.get("from")) if isinstance(value, int)]
    state = State.from_json(as_dict(cursor.state.get("thread")))
    if len(again) == 2:
        return Cursor(again[0], again[1]), state
    return Cursor(cursor.offset, cursor.line), state


def _read(source: Source, begin: Cursor, state: State, done: int) -> Iterator[Out]:
    path = source.path
    thread = Thread(state, id_in_name(path), last_uuid(path) or short(path.stem), str(path))
    offset, line, pending, last = begin.offset, begin.line, 0, begin.offset
    for row in json_lines(source, begin):
        if not row.complete:
            pending = source.size - row.end
            break
        is_new = row.end > done
        if is_new:
            yield from row.problems
        for value, span in row.objects:
            for out in thread.take(Record.of(value, span)):
                if is_new or not isinstance(out, Problem):
                    yield out
        offset, line = row.end, row.lines
        if offset - last >= _CHECKPOINT and thread.is_settled:
            last = offset
            yield from thread.flush()
            yield Cursor(offset, line, {"thread": state.to_json()})
    if not pending and offset < source.size:
        offset, line = _after_blanks(source, offset, line)
    yield from _finish(thread, state, max(offset, done), line, pending)


def _finish(thread: Thread, state: State, offset: int, line: int, pending: int) -> Iterator[Out]:
    if thread.is_settled:
        yield from thread.flush()
        yield Cursor(offset, line, {"thread": state.to_json()}, pending)
        return
    again: dict[str, object] = {"from": [0, 0]}
    if state.began and thread.mark is not None:
        again = {"from": [thread.mark[0], thread.mark[1]], "thread": thread.mark[2].to_json()}
    yield from thread.settle()
    yield Cursor(offset, line, again, pending)


def _after_blanks(source: Source, offset: int, line: int) -> tuple[int, int]:
    """The end of the last line when only blank ones are left."""
    with source.open() as file:
        file.seek(offset)
        left = source.size - offset
        while left > 0 and (piece := file.read(min(left, 1024 * 1024))):
            left -= len(piece)
            end = piece.rfind(b"\n")
            if end >= 0:
                line += piece.count(b"\n")
                offset = source.size - left - len(piece) + end + 1
    return offset, line
