"""One shape for the records of all generations: kind, payload, time (FORMATS 2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from importers.codex.content import short
from importers.codex.files import is_old_header
from importers.contract import Span
from importers.readers import as_dict, as_text, iso_time


@dataclass(slots=True)
class Record:
    """A record of a rollout.

    kind     the envelope's type; bare objects of the oldest files get the type they have today
    payload  what it says
    written  its time as text, "" if it has none
    span     its bytes
    """

    kind: str
    payload: dict[str, Any]
    written: str
    span: Span

    @property
    def at(self) -> float | None:
        """Unix seconds as written, None if it has no time."""
        return iso_time(self.written) if self.written else None

    @classmethod
    def of(cls, value: dict[str, Any], span: Span) -> Record:
        """A parsed line as a record; an object of no known shape keeps its type (or none) as kind."""
        payload = value.get("payload")
        written = as_text(value.get("timestamp"))
        if isinstance(payload, dict):
            written = written or as_text(payload.get("timestamp"))
            return cls(as_text(value.get("type")), payload, written, span)
        kind = as_text(value.get("type"))
        if "record_type" in value:
            return cls("state", {}, "", span)
        if is_old_header(value):
            return cls("session_meta", value, written, span)
        if kind or "role" in value:
            written = written or as_text(value.get("created_at"))
            return cls("response_item", value, written, span)
        return cls("", value, "", span)


def item_type(item: dict[str, Any]) -> str:
    """The type of an item; an item with a role and no type is a message."""
    return as_text(item.get("type")) or ("message" if "role" in item else "")


def item_turn(item: dict[str, Any]) -> str:
    """The Codex turn an item names itself (0.145 on), "" if it does not."""
    for field in ("internal_chat_message_metadata_passthrough", "metadata"):
        turn = short(as_dict(item.get(field)).get("turn_id"))
        if turn:
            return turn
    return ""
