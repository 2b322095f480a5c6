"""What the user rewound: a second prompt under the same parent leaves the first one's branch behind.

All other branches of the parent chain are mechanical (parallel calls, hooks) and mean nothing (FORMATS 1.7).
"""

from __future__ import annotations

from typing import Any

from importers.claude_code.keys import short
from importers.claude_code.reading import Reading
from importers.claude_code.state import State
from importers.contract import Cursor, Link, Span, Turn
from importers.readers import json_lines


def answered(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """Notes the first line of an answer that stands directly under a prompt."""
    parent = short(record.get("parentUuid"))
    if parent and parent in reading.state.prompts:
        _note_child(reading.state, parent, record, span)


def prompted(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """Notes a prompt; where its parent has a prompt or an answer already, that branch is abandoned."""
    uuid, parent = short(record.get("uuid")), short(record.get("parentUuid"))
    if not uuid or reading.is_sidechain(record):
        return
    reading.state.prompts.put(uuid, 1)
    before = _note_child(reading.state, parent, record, span) if parent else None
    if before is not None and reading.follows_rewinds:
        _abandon(reading, before, span.offset)


def _note_child(state: State, parent: str, record: dict[str, Any], span: Span) -> list[Any] | None:
    """Puts this child in its parent's place; gives the different one that stood there before it."""
    uuid = short(record.get("uuid"))
    before = state.children.get(parent)
    if before is not None and (before[2] == uuid or before[0] >= span.offset):
        return None
    state.children.put(parent, [span.offset, span.line, uuid])
    return before


def _abandon(reading: Reading, first: list[Any], until: int) -> None:
    """Links every turn under the record at ``first`` [offset, line, short uuid] that stands before the offset
    ``until``. That stretch is read again, so nothing of it had to be remembered."""
    from importers.claude_code.reader import feed  # the reader reads rewinds, rewinds read again

    offset, line, root = first
    inner = Reading(reading.source, State(session=reading.state.session), follows_rewinds=False)
    below, given = {root}, set[str]()
    for row in json_lines(reading.source, Cursor(offset, line - 1)):
        for record, span in row.objects:
            uuid = short(record.get("uuid"))
            if span.offset < until and uuid and (uuid in below or short(record.get("parentUuid")) in below):
                below.add(uuid)
                feed(inner, record, span)
        for each in inner.out:
            if isinstance(each, Turn) and each.key not in given:
                given.add(each.key)
                reading.out.append(Link("abandoned", reading.state.session, each.key, "rewound"))
        inner.out.clear()
        if row.end >= until:
            return
