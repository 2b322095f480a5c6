"""Keys of turns: the same in every copy, fork and resume of a message (DESIGN section 4, Identity)."""

from __future__ import annotations

import hashlib
from typing import Any

from importers.claude_code.files import is_uuid
from importers.claude_code.state import State
from importers.readers import compact_json

HARNESS = "claude-code"


def native_id(record: dict[str, Any]) -> str:
    """The id that is the same in every copy of a record: its uuid; in forks made by the SDK, which give new
    ones, the uuid of the original. "" where it is not a UUID, for only those are globally unique."""
    origin = record.get("forkedFrom")
    if isinstance(origin, dict) and is_uuid(origin.get("messageUuid")):
        return str(origin["messageUuid"])
    uuid = record.get("uuid")
    return str(uuid) if is_uuid(uuid) else ""


def turn_key(state: State, record: dict[str, Any]) -> str:
    """The key of the turn this record starts."""
    own = native_id(record)
    return f"{HARNESS}:{own}" if own else content_key(state, record)


def content_key(state: State, record: dict[str, Any]) -> str:
    """For records without an id of their own: their session, content, and how often it came."""
    content = record.get("message") or record.get("attachment") or record.get("content")
    said = compact_json([record.get("type"), record.get("timestamp"), content], limit=1 << 30)
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:20]
    nth = state.repeats.get(digest, 0) + 1
    state.repeats.put(digest, nth)
    return f"{HARNESS}:{state.session}:{digest}:{nth}"


def short(uuid: object) -> str:
    """Enough of a uuid to know it again inside one file, safe to store; "" for what is no text."""
    if not isinstance(uuid, str) or not uuid:
        return ""
    if len(uuid) == 36 and uuid.isascii():
        return uuid[24:]
    return hashlib.sha256(uuid.encode("utf-8", "replace")).hexdigest()[:12]
