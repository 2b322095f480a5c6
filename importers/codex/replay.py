"""Where a legacy fork stops repeating its parent (FORMATS 2.6).

A fork or forked sub-agent writes the parent's records again, with the times of the fork. They are not
its own. Thread and turn ids are UUIDv7 and so sort by time: the first record whose turn id is later than
the file's own thread id is its own. Older ids are random: then the replay is what was written within a
second of the header.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from importers.codex.records import Record
from importers.codex.state import State
from importers.readers import as_dict, as_text, iso_time

_BURST = 1.0
"""Seconds after the header in which a replay is written."""
_SPAWNED = "You are the newly spawned agent"
_MOST = 1 << 53
"""A count of tokens from here on is no count."""
_V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def is_ordered(identifier: str) -> bool:
    """Whether this is a UUIDv7, whose order is its time."""
    return _V7.fullmatch(identifier) is not None


def starts_own(state: State, record: Record) -> bool:
    """Whether this record of a replaying file is the first of its own."""
    if record.kind == "session_meta":
        return False
    turn = as_text(record.payload.get("turn_id"))
    if is_ordered(state.thread) and is_ordered(turn):
        state.replay_v7 = True
        return uuid.UUID(turn).int > uuid.UUID(state.thread).int
    if state.replay_v7:
        return False
    written = iso_time(state.meta.get("written"))
    return record.at is not None and written is not None and record.at - written > _BURST


def is_last(payload: dict[str, Any]) -> bool:
    """Whether this replayed record is the answer that tells a new sub-agent that it is one."""
    return as_text(payload.get("output")).startswith(_SPAWNED)


def is_parents(state: State, turn: str) -> bool:
    """Whether a fork that does not repeat its parent's header repeats the parent's turns all the same."""
    if state.began or "forked-from" not in state.meta or "history-base" in state.meta:
        return False
    if not (is_ordered(turn) and is_ordered(state.thread)):
        return False
    return uuid.UUID(turn).int < uuid.UUID(state.thread).int


def totals(payload: dict[str, Any]) -> list[int] | None:
    """Token totals of a token_count event: input without cached, output, cached, written to the cache."""
    usage = as_dict(as_dict(payload.get("info")).get("total_token_usage"))
    if not usage:
        return None
    read, written = _count(usage, "cached_input_tokens"), _count(usage, "cache_write_input_tokens")
    fresh = max(0, _count(usage, "input_tokens") - read - written)
    return [fresh, _count(usage, "output_tokens"), read, written]


def _count(usage: dict[str, Any], name: str) -> int:
    value = usage.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if 0 < value < _MOST else 0
