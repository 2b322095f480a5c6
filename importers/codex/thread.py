"""From the records of one Codex thread to sessions, turns, usage and links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from importers.codex import authors, content, replay
from importers.codex.calls import call_part
from importers.codex.header import facts, name_rank, prompt_author, session
from importers.codex.prompts import Prompt
from importers.codex.records import Record, item_turn, item_type
from importers.codex.results import result_parts
from importers.codex.run import Run
from importers.codex.state import State
from importers.codex.twins import Twins, Waiting
from importers.contract import (
    FLAG_ANSWER,
    FLAG_COMPACTION,
    FLAG_FAILED,
    FLAG_HEADLESS,
    FLAG_SIDECHAIN,
    Author,
    Link,
    Part,
    Problem,
    Session,
    Span,
    Turn,
    Usage,
)
from importers.contract import Record as Out
from importers.readers import as_dict, as_text

_TITLE = 200
"""Characters of a first prompt that serve as title."""
_HELD = 64
"""Machine turns that are held back until a conversation begins."""
_BOUNDARIES = {"task_started", "turn_started", "task_complete", "turn_complete", "turn_aborted"}
_SILENT_ITEMS = {"compaction", "context_compaction", "ghost_snapshot", "additional_tools", "other"}
_SILENT_RECORDS = {"world_state", "inter_agent_communication_metadata", "inter_agent_communication", "state"}
_SILENT_EVENTS = {
    "agent_reasoning", "agent_reasoning_raw_content", "agent_reasoning_section_break", "background_event",
    "collab_agent_interaction_end", "collab_close_end", "collab_resume_end", "collab_waiting_end",
    "context_compacted", "deprecation_notice", "dynamic_tool_call_request", "dynamic_tool_call_response",
    "entered_review_mode", "error", "exec_command_begin", "exec_command_end", "exited_review_mode",
    "guardian_assessment", "guardian_warning", "image_generation_end", "mcp_tool_call_begin",
    "mcp_tool_call_end", "model_reroute", "patch_apply_begin", "patch_apply_end", "plan_update",
    "session_configured", "stream_error", "thread_goal_updated", "thread_settings_applied", "turn_diff",
    "undo_completed", "undo_started", "view_image_tool_call", "warning", "web_search_begin", "web_search_end",
}  # fmt: skip
"""Events that repeat an item or tell nothing a reader of the session would miss."""
_QUESTIONS = {"request_user_input", "ask_user_question", "ask_user"}


class Thread:
    """The state machine. ``take`` a record, yield what is settled; ``settle`` what is open at the end.

    mark  where a later read has to begin again (offset, line, state) while a record waits for its decision
    held  what was said before the session had a conversation
    """

    def __init__(self, state: State, named: str, fallback: str, where: str) -> None:
        """``named`` is the id in the file's name, ``fallback`` what to call a thread that no one names."""
        self.state = state
        self.mark: tuple[int, int, dict[str, object]] | None = None
        self.held: list[Out] = []
        self._named = named
        self._fallback = fallback
        self._where = where
        self._run = Run(state)
        self._twins = Twins(state)
        self._open: Prompt | None = None
        self._open_number = 0
        self._counted = False
        self._changed = False
        self._counted_at: float | None = None
        self._edited: set[str] = set()

    @property
    def is_settled(self) -> bool:
        """Whether a later read may go on from here."""
        return self.mark is None and not self.held

    def take(self, record: Record) -> Iterator[Out]:
        """What this record settles."""
        if not self.state.thread and record.kind != "session_meta":
            self.state.thread = self._named or self._fallback
        if self.state.replay and not self._ends_replay(record):
            return
        if record.kind == "response_item":
            yield from self._item(record)
        elif record.kind == "event_msg":
            yield from self._event(record)
        elif record.kind == "session_meta":
            yield from self._header(record)
        elif record.kind == "turn_context":
            yield from self._context(record.payload)
        elif record.kind == "compacted":
            yield from self._compacted(record)
        elif record.kind not in _SILENT_RECORDS:
            yield from self._unknown(record.kind or "a record without type", record.span)

    def settle(self) -> Iterator[Out]:
        """What is still open, as far as it is known: at the end of the file, and before a cursor."""
        yield from self._decide("")
        yield from self._alone("user")
        yield from self._alone("assistant")
        yield from self.flush()

    def flush(self) -> Iterator[Out]:
        """What is collected and changed; nothing that is undecided."""
        turn = self._run.flush(self._flags())
        if turn is not None:
            yield from self._emit(turn)
        if not self.state.began:
            return
        if self._changed:
            self._changed = False
            yield self._session()
        if self._counted:
            self._counted = False
            now, before = self.state.total, self.state.base
            fresh, output, read, written = (max(0, a - b) for a, b in zip(now, before, strict=True))
            if fresh or output or read or written:
                key = f"codex:{self.state.thread}"
                model = self.state.model
                yield Usage(key, self.state.thread, model, fresh, output, read, written, self._counted_at)

    # headers and contexts

    def _header(self, record: Record) -> Iterator[Out]:
        state = self.state
        told = as_text(record.payload.get("id")) or as_text(record.payload.get("session_id"))
        if state.meta:
            if (
                told
                and told != state.meta.get("told")
                and not state.counts
                and "history-base" not in state.meta
            ):
                state.meta.setdefault("forked-from", told)
                state.replay = True
            return
        state.thread = state.thread or self._named or told or self._fallback
        state.meta = {**facts(record.payload, state.thread), "told": told, "written": record.written}
        yield from ()

    def _ends_replay(self, record: Record) -> bool:
        """Follows a replayed parent; True when this record is the file's own."""
        state = self.state
        if replay.starts_own(state, record.kind, record.payload, record.at):
            state.replay = False
            return True
        if record.kind == "event_msg" and (totals := replay.totals(record.payload)) is not None:
            state.base, state.total = totals, totals.copy()
        if not state.replay_v7 and replay.is_last_of_replay(record.payload):
            state.replay = False
        return False

    def _context(self, payload: dict[str, Any]) -> Iterator[Out]:
        inner = as_dict(payload.get("turn_context")) or payload
        yield from self._turn(as_text(inner.get("turn_id")))
        model = as_text(inner.get("model"))
        if model and model != self.state.model:
            yield from self.flush()
            self.state.model = model
            self._changed = True
        self._project(as_text(inner.get("cwd")))

    def _project(self, folder: str) -> None:
        if folder and not self.state.meta.get("project"):
            self.state.meta["project"] = folder
            self._changed = True

    def _turn(self, turn: str) -> Iterator[Out]:
        """Moves on to another Codex turn."""
        if not turn or turn == self.state.turn:
            return
        if self._is_parents(turn):
            self.held.clear()
            self.state.counts.clear()
            self.state.replay = True
            return
        yield from self._close()
        self._twins.boundary()
        self.state.turn = turn

    def _is_parents(self, turn: str) -> bool:
        """Whether a fork that does not repeat its parent's header repeats the parent's turns."""
        state = self.state
        if state.began or "forked-from" not in state.meta or "history-base" in state.meta:
            return False
        return replay.is_older(turn, state.thread)

    def _close(self) -> Iterator[Out]:
        yield from self._decide("")
        yield from self._alone("user")
        yield from self._alone("assistant")
        yield from self._close_run()

    def _close_run(self) -> Iterator[Out]:
        turn = self._run.flush(self._flags())
        self.state.run = ""
        if turn is not None:
            yield from self._emit(turn)

    # items

    def _item(self, record: Record) -> Iterator[Out]:
        item, kind = record.payload, item_type(record.payload)
        if kind == "message" and item.get("role") == "user":
            yield from self._prompt(record)
            return
        yield from self._turn(item_turn(item))
        if self.state.replay:
            return
        yield from self._decide("")
        if kind.endswith(("_output", "_result")):
            yield from self._result(record)
        elif kind in ("message", "reasoning", "agent_message") or kind.endswith("_call"):
            yield from self._step(record, kind)
        else:
            self.state.next_item()
            if kind not in _SILENT_ITEMS:
                yield from self._unknown(f"response_item/{kind}", record.span)

    def _step(self, record: Record, kind: str) -> Iterator[Out]:
        """Something of the assistant's side: it extends the run."""
        item, span = record.payload, record.span
        role = as_text(item.get("role"))
        if kind == "agent_message":
            yield from self._agent_message(record)
            return
        if kind == "message" and role != "assistant":
            self.state.next_item()
            if role not in ("developer", "system"):
                yield from self._unknown(f"response_item/message/{role}", span)
            return
        yield from self._alone("user")
        number = self.state.next_item()
        parts: list[Part] = []
        if kind == "message":
            self._twins.item("assistant")
            self._unmark()
            found = content.texts(item.get("content", item.get("message")))
            parts = [Part("text", text, span=span) for text in found if text.strip()]
            parts += content.images(item.get("content"), span)
        elif kind == "reasoning":
            texts = content.texts(item.get("summary")) or content.texts(item.get("content"))
            parts = [Part("thinking", text, span=span) for text in texts if text.strip()]
        else:
            call = call_part(item, span)
            parts = [call]
            if call.call_id:
                self.state.remember_call(call.call_id, call.name)
            if kind == "image_generation_call" and as_text(item.get("result")):
                parts.append(
                    Part("image", "image", "image/png", size=len(item["result"]) * 3 // 4, span=span)
                )
            yield from self._edits(call)
        self._run.extend(number, parts, record.at, span)
        if self._run.is_full:
            yield from self.flush()

    def _edits(self, call: Part) -> Iterator[Out]:
        if "*** " not in call.text:
            return
        for path in call.paths:
            if path not in self._edited:
                self._edited.add(path)
                yield from self._emit(Link("file", self.state.thread, path))

    def _agent_message(self, record: Record) -> Iterator[Out]:
        """A message between agents: the parent's is a prompt, any other is a sub-agent's report."""
        yield from self._close()
        number = self.state.next_item()
        text = "\n".join(content.texts(record.payload.get("content"))).strip()
        if not text or text.endswith("\nPayload:"):
            return
        sender = as_text(record.payload.get("author"))
        own = self.state.meta.get("path", "/root")
        from_parent = prompt_author(self.state.meta) == "parent-model" and own.startswith(f"{sender}/")
        author: Author = "parent-model" if from_parent else "assistant"
        part = Part("text", text, span=record.span)
        yield from self._say(number, author, (part,), record.at, record.span, speaker=sender)

    def _result(self, record: Record) -> Iterator[Out]:
        yield from self._close()
        number = self.state.next_item()
        call_id = as_text(record.payload.get("call_id")) or as_text(record.payload.get("id"))
        name = self.state.calls.get(call_id, "") or as_text(record.payload.get("name"))
        parts = result_parts(record.payload, name, record.span)
        flags = {FLAG_FAILED} if parts[0].error else set()
        if name in _QUESTIONS:
            flags.add(FLAG_ANSWER)
        if name == "spawn_agent":
            yield from self._spawned(content.field_of_json(parts[0].text, "agent_id"), "")
        yield from self._say(number, "tool", parts, record.at, record.span, flags)

    def _compacted(self, record: Record) -> Iterator[Out]:
        yield from self._close()
        number = self.state.next_item()
        text = as_text(record.payload.get("message"))
        if text.strip():
            part = Part("text", text, span=record.span)
            yield from self._say(number, "machine", (part,), record.at, record.span, {FLAG_COMPACTION})

    # prompts

    def _prompt(self, record: Record) -> Iterator[Out]:
        yield from self._turn(item_turn(record.payload))
        if self.state.replay:
            return
        yield from self._decide("")
        yield from self._alone("assistant")
        yield from self._close_run()
        prompt = Prompt.of(record.payload, record.at, record.span)
        if not prompt.looks_typed and not any(w.role == "user" for w in self._twins.waiting):
            self._set_mark(record.span)
            self._open, self._open_number = prompt, self.state.next_item()
            return
        number = self.state.next_item()
        if prompt.is_empty:
            return
        event = None
        if prompt.looks_typed or any(
            w.role == "user" and authors.says_the_same(prompt.texts, w.text) for w in self._twins.waiting
        ):
            event = self._twins.item("user")
        self._unmark()
        yield from self._asked(number, prompt, is_typed=prompt.looks_typed or event is not None, event=event)

    def _decide(self, event: str) -> Iterator[Out]:
        """Settles the prompt that looks injected: typed only if the event says the same."""
        prompt, self._open = self._open, None
        if prompt is None:
            return
        said = bool(event) and authors.says_the_same(prompt.texts, event)
        self._unmark()
        yield from self._asked(self._open_number, prompt, is_typed=said, event=None, everything=said)

    def _asked(
        self, number: int, prompt: Prompt, *, is_typed: bool, event: Waiting | None, everything: bool = False
    ) -> Iterator[Out]:
        if not is_typed:
            for text in prompt.texts:
                self._project(authors.working_directory(text))
            parts, flags = prompt.machine_parts(), prompt.machine_flags()
            if parts:
                yield from self._say(number, "machine", parts, prompt.at, prompt.span, flags)
            return
        everything = everything or (event is not None and authors.says_the_same(prompt.texts, event.text))
        parts = prompt.typed_parts(everything)
        if parts:
            yield from self._typed(number, parts, prompt.at, prompt.span)

    def _typed(self, number: int, parts: tuple[Part, ...], at: float | None, span: Span) -> Iterator[Out]:
        if not self.state.titled:
            self.state.titled = True
            line = " ".join(parts[0].text.split())
            self._title(line if len(line) <= _TITLE else line[: _TITLE - 1] + "…", 10)
        self.state.begin_segment()
        yield from self._say(number, prompt_author(self.state.meta), parts, at, span)

    # events

    def _event(self, record: Record) -> Iterator[Out]:
        payload, kind = record.payload, as_text(record.payload.get("type"))
        if kind == "token_count":
            totals = replay.totals(payload)
            if totals is not None and totals != self.state.total:
                self.state.total = totals
                self._counted, self._counted_at = True, record.at
        elif kind in _BOUNDARIES:
            yield from self._close()
            self._twins.boundary()
            yield from self._turn(as_text(payload.get("turn_id")))
        elif kind in ("user_message", "agent_message"):
            role = "user" if kind == "user_message" else "assistant"
            yield from self._message_event(kind, role, as_text(payload.get("message")), record)
        elif kind == "item_completed":
            item = as_dict(payload.get("item"))
            role = {"UserMessage": "user", "AgentMessage": "assistant"}.get(as_text(item.get("type")), "")
            if role:
                text = "\n".join(content.texts(item.get("content")))
                yield from self._turn(as_text(payload.get("turn_id")))
                yield from self._message_event(kind, role, text, record)
        elif kind == "thread_name_updated":
            self._title(as_text(payload.get("thread_name")), name_rank(self.state.meta))
        elif kind == "thread_rolled_back":
            yield from self._rolled_back(payload)
        elif kind == "collab_agent_spawn_end":
            note = as_text(payload.get("new_agent_nickname"))
            yield from self._spawned(as_text(payload.get("new_thread_id")), note)
        elif kind == "sub_agent_activity":
            if payload.get("kind") == "started":
                yield from self._spawned(
                    as_text(payload.get("agent_thread_id")), as_text(payload.get("agent_path"))
                )
        elif kind not in _SILENT_EVENTS:
            yield from self._unknown(f"event_msg/{kind}", record.span)

    def _message_event(self, kind: str, role: str, text: str, record: Record) -> Iterator[Out]:
        if self.state.replay:
            return
        if role == "user" and self._open is not None:
            if authors.says_the_same(self._open.texts, text):
                yield from self._decide(text)
                return
            yield from self._decide("")
        item = as_dict(record.payload.get("item")) or record.payload
        images = tuple(content.images(item.get("content"), record.span))
        before = self.state.to_json() if self.mark is None and not self.state.ahead.get(role) else None
        waits = self._twins.event(kind, Waiting(role, text, images, record.at, record.span))
        if waits and before is not None:
            self.mark = (record.span.offset, record.span.line - 1, before)

    def _alone(self, role: str) -> Iterator[Out]:
        """Messages of a role that stand in the file as events only."""
        for event in self._twins.take(role):
            self._unmark()
            if role == "assistant":
                parts = [Part("text", event.text, span=event.span), *event.images]
                self._run.extend(self.state.next_item(), parts, event.at, event.span)
            else:
                yield from self._close_run()
                prompt = Prompt((event.text,), event.images, event.at, event.span, confirmed=True)
                yield from self._typed(self.state.next_item(), prompt.typed_parts(True), event.at, event.span)

    def _rolled_back(self, payload: dict[str, Any]) -> Iterator[Out]:
        yield from self._close()
        count = payload.get("num_turns")
        keys = self.state.roll_back(count if isinstance(count, int) else 0)
        for key in keys:
            yield from self._emit(Link("abandoned", self.state.thread, key, "rolled back"))

    def _spawned(self, thread: str, note: str) -> Iterator[Out]:
        if thread and thread != self.state.thread:
            yield from self._emit(Link("spawned", self.state.thread, thread, note))

    # what goes out

    def _title(self, title: str, rank: int) -> None:
        meta = self.state.meta
        if title.strip() and rank >= int(meta.get("title-rank", "0")):
            meta["title"], meta["title-rank"] = title.strip(), str(rank)
            self._changed = True

    def _session(self) -> Session:
        return session(self.state.thread, self.state.meta, self.state.model)

    def _flags(self) -> frozenset[str]:
        kind = self.state.meta.get("kind")
        flags = {"program": {FLAG_HEADLESS}, "sub-agent": {FLAG_SIDECHAIN}}.get(kind or "", set())
        return frozenset(flags)

    def _say(
        self,
        number: int,
        author: Author,
        parts: tuple[Part, ...],
        at: float | None,
        span: Span,
        flags: set[str] | frozenset[str] = frozenset(),
        speaker: str = "",
    ) -> Iterator[Out]:
        self.state.remember_key(number)
        model = self.state.model if author == "assistant" else ""
        key = self.state.key(number)
        yield from self._emit(
            Turn(key, self.state.thread, author, parts, at, model, speaker, self._flags() | flags, span)
        )

    def _emit(self, out: Out) -> Iterator[Out]:
        """Hands a record on, or holds it until there is a conversation."""
        state = self.state
        if not state.began:
            begins = isinstance(out, Turn) and out.author != "machine"
            if not begins and len(self.held) < _HELD:
                self.held.append(out)
                return
            state.began, self._counted, self._changed = True, True, False
            yield self._session()
            for name in ("forked-from", "history-base"):
                if state.meta.get(name):
                    yield Link("forked-from", state.thread, state.meta[name])
            yield from self.held
            self.held.clear()
        yield out

    def _unknown(self, kind: str, span: Span) -> Iterator[Out]:
        """Each unknown kind is told once."""
        if self.state.is_new_kind(kind):
            what = f"a kind of record this importer does not know: {kind}"
            hint = "It was passed over and is kept on the tape; a newer tapedeck may read it."
            yield Problem(f"{self._where}, line {span.line}", what, hint, span, "unknown-record")

    def _set_mark(self, span: Span) -> None:
        if self.mark is None:
            self.mark = (span.offset, span.line - 1, self.state.to_json())

    def _unmark(self) -> None:
        if self._open is None and not self._twins.waiting:
            self.mark = None
