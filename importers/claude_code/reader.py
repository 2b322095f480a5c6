"""Reads one file of Claude Code from top to bottom (FORMATS 1.2-1.7).

File order is kept: walking the parent chain would lose the results of parallel calls, everything before a
compaction and what the user rewound (FORMATS 1.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from importers.claude_code import around, messages
from importers.claude_code.reading import Reading
from importers.claude_code.state import State
from importers.contract import Cursor, Record, Source, Span
from importers.readers import json_lines

CHECKPOINT = 4 * 1024 * 1024
"""Bytes between two cursors inside a long file."""

_KINDS: dict[object, Callable[[Reading, dict[str, Any], Span], None]] = {
    "user": messages.user,
    "assistant": messages.assistant,
    "attachment": messages.attachment,
    "system": around.system,
    "summary": around.summary,
    "custom-title": around.titled,
    "ai-title": around.titled,
    "agent-name": around.titled,
    "last-prompt": around.last_prompt,
    "queue-operation": around.queue_operation,
    "file-history-snapshot": around.file_history,
    "file-history-delta": around.file_history,
    "pr-link": around.pull_request,
    "tag": around.tag,
    "agent-color": around.nothing,
    "agent-setting": around.nothing,
    "bridge-session": around.nothing,
    "content-replacement": around.nothing,
    "frame-link": around.nothing,
    "mode": around.nothing,
    "permission-mode": around.nothing,
    "progress": around.nothing,
    "relocated": around.nothing,
    "worktree-state": around.nothing,
}


def read(source: Source, cursor: Cursor | None) -> Iterator[Record]:
    """Everything after the cursor; see ``contract.Importer.read``."""
    offset, line = (cursor.offset, cursor.line) if cursor else (0, 0)
    reading = Reading(source, State.load(cursor.state if cursor else {}))
    covered, pending = offset, 0
    for row in json_lines(source, cursor):
        if not row.complete:
            pending = row.span.length
            break
        yield from row.problems
        for record, span in row.objects:
            feed(reading, record, span)
        yield from reading.out
        reading.out.clear()
        offset, line = row.end, row.lines
        if offset - covered >= CHECKPOINT:
            covered = offset
            yield from reading.flush()
            yield Cursor(offset, line, reading.state.dump())
    yield from reading.flush()
    yield Cursor(offset, line, reading.state.dump(), pending)


def feed(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """Takes one record; what it gives is appended to ``reading.out``."""
    kind = record.get("type")
    handle = _KINDS.get(kind) if isinstance(kind, str) else None
    if handle is None:
        reading.skipped(kind)
        return
    handle(reading, record, span)
    around.seen(reading, record)
