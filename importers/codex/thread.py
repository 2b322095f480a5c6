"""From the records of one Codex thread to sessions, turns, usage and links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from importers.codex import content, header, kinds, replay
from importers.codex.outlet import Outlet
from importers.codex.records import Record
from importers.codex.state import State
from importers.codex.talk import Talk
from importers.codex.twins import ITEM
from importers.contract import Record as Out
from importers.readers import as_dict, as_text


class Thread:
    """``take`` records in file order; ``flush`` what is collected; ``settle`` what is open at the end."""

    def __init__(self, state: State, named: str, fallback: str, where: str) -> None:
        """``named`` is the id in the file's name, ``fallback`` what to call a thread that no one names."""
        self._state = state
        self._named = named
        self._fallback = fallback
        self._out = Outlet(state, where)
        self._talk = Talk(state, self._out)

    @property
    def mark(self) -> tuple[int, int, State] | None:
        """Where a later read has to begin again; see ``Talk``."""
        return self._talk.mark

    @property
    def is_settled(self) -> bool:
        """Whether a later read may go on from here."""
        return self._talk.mark is None and not self._out.held

    def take(self, record: Record) -> Iterator[Out]:
        """What this record settles."""
        state = self._state
        if not state.thread and record.kind != "session_meta":
            state.thread = self._named or self._fallback
        if state.replay and not self._is_own(record):
            return
        if record.kind == "response_item":
            yield from self._talk.item(record)
        elif record.kind == "event_msg":
            yield from self._event(record)
        elif record.kind == "session_meta":
            self._header(record)
        elif record.kind == "turn_context":
            yield from self._context(record.payload)
        elif record.kind == "compacted":
            yield from self._talk.compacted(record)
        elif record.kind not in kinds.SILENT_RECORDS:
            yield from self._out.unknown(record.kind or "a record without type", record.span)

    def flush(self) -> Iterator[Out]:
        """What is collected and changed; nothing that waits for a decision."""
        yield from self._talk.flush()
        yield from self._out.flush()

    def settle(self) -> Iterator[Out]:
        """Everything, the undecided as far as it is known."""
        yield from self._talk.settle()
        yield from self._out.flush()

    def _header(self, record: Record) -> None:
        """The first header is the session's; a second one with another id, before anything else, is the
        parent's: the file repeats it (FORMATS 2.6)."""
        state, payload = self._state, record.payload
        told = content.short(payload.get("id")) or content.short(payload.get("session_id"))
        if "told" not in state.meta:
            state.thread = state.thread or self._named or told or self._fallback
            facts = header.facts(payload, state.thread)
            self._out.facts({**facts, "told": told, "written": content.short(record.written)})
        elif (
            told and told != state.meta.get("told") and not state.counts and "history-base" not in state.meta
        ):
            state.meta.setdefault("forked-from", told)
            state.replay = True

    def _is_own(self, record: Record) -> bool:
        """Follows a repeated parent; True when this record is the file's own."""
        state = self._state
        if replay.starts_own(state, record):
            state.replay = False
            return True
        if record.kind == "event_msg" and (totals := replay.totals(record.payload)) is not None:
            state.base, state.total = totals, totals.copy()
        if not state.replay_v7 and replay.is_last(record.payload):
            state.replay = False
        return False

    def _context(self, payload: dict[str, Any]) -> Iterator[Out]:
        inner = as_dict(payload.get("turn_context")) or payload
        yield from self._talk.turn(content.short(inner.get("turn_id")))
        if self._state.replay:
            return
        model = content.short(inner.get("model"))
        if model and model != self._state.model:
            yield from self._talk.flush()
            yield from self._out.model(model)
        self._out.project(content.short(inner.get("cwd"), 1000))

    def _event(self, record: Record) -> Iterator[Out]:
        payload, kind = record.payload, as_text(record.payload.get("type"))
        if kind == "token_count":
            totals = replay.totals(payload)
            if totals is not None:
                self._out.totals(totals)
        elif kind in kinds.BOUNDARIES:
            yield from self._talk.boundary()
            yield from self._talk.turn(content.short(payload.get("turn_id")))
        elif kind == "user_message":
            yield from self._talk.event(kind, "user", as_text(payload.get("message")), record)
        elif kind == "agent_message":
            yield from self._talk.event(kind, "assistant", as_text(payload.get("message")), record)
        elif kind == "item_completed":
            yield from self._item_event(record)
        elif kind == "thread_name_updated":
            self._out.title(content.short(payload.get("thread_name")), header.name_rank(self._state.meta))
        elif kind == "thread_rolled_back":
            yield from self._rolled_back(payload)
        elif kind == "collab_agent_spawn_end":
            note = content.short(payload.get("new_agent_nickname"))
            yield from self._out.link("spawned", content.short(payload.get("new_thread_id")), note)
        elif kind == "sub_agent_activity":
            if payload.get("kind") == "started":
                note = content.short(payload.get("agent_path"))
                yield from self._out.link("spawned", content.short(payload.get("agent_thread_id")), note)
        elif kind not in kinds.SILENT_EVENTS:
            yield from self._out.unknown(f"event_msg/{kind}", record.span)

    def _item_event(self, record: Record) -> Iterator[Out]:
        """Numbered histories (0.146 on) tell messages as completed items."""
        item = as_dict(record.payload.get("item"))
        kind = as_text(item.get("type"))
        if kind in ("UserMessage", "AgentMessage"):
            yield from self._talk.turn(content.short(record.payload.get("turn_id")))
            if not self._state.replay:
                role = "user" if kind == "UserMessage" else "assistant"
                text = "\n".join(content.texts(item.get("content")))
                yield from self._talk.event(ITEM, role, text, record)
        elif kind not in kinds.SILENT_EVENT_ITEMS:
            yield from self._out.unknown(f"item_completed/{kind}", record.span)

    def _rolled_back(self, payload: dict[str, Any]) -> Iterator[Out]:
        """The last user turns were undone; they stay in the file."""
        yield from self._talk.close()
        count = payload.get("num_turns")
        for key in self._state.roll_back(count if isinstance(count, int) else 0):
            yield from self._out.link("abandoned", key, "rolled back")
