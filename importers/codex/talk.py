"""The conversation of a thread: prompts, the assistant's runs, tool results, and which of them are doubles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from importers.codex import authors, content, kinds, replay
from importers.codex.calls import call_part
from importers.codex.outlet import Outlet
from importers.codex.prompts import Prompt
from importers.codex.records import Record, item_turn, item_type
from importers.codex.results import result_parts
from importers.codex.run import Run
from importers.codex.state import State
from importers.codex.twins import ITEM, Twins, Waiting
from importers.contract import FLAG_ANSWER, FLAG_COMPACTION, FLAG_FAILED, FLAG_SIDECHAIN, Part
from importers.contract import Record as Out
from importers.readers import as_dict, as_text

_EDITED = 1000
"""Edited files that are remembered, so that each is linked once."""


class Talk:
    """Turns items and message events into turns.

    mark  where a later read has to begin again (offset, line, state) while a record waits: a prompt that
          looks injected for the event that says it was typed, an event for the item it repeats
    """

    def __init__(self, state: State, out: Outlet) -> None:
        self.mark: tuple[int, int, State] | None = None
        self._state = state
        self._out = out
        self._run = Run(state)
        self._twins = Twins(state)
        self._open: tuple[int, Prompt] | None = None
        self._edited: set[str] = set()

    def turn(self, turn: str) -> Iterator[Out]:
        """Moves on to another Codex turn."""
        state = self._state
        if not turn or turn == state.turn:
            return
        if replay.is_parents(state, turn):
            self._forget()
            state.replay = True
            return
        yield from self.boundary()
        state.turn = turn

    def _forget(self) -> None:
        """All that was taken so far is a parent's."""
        self._out.held.clear()
        self._state.counts.clear()
        self._state.run = ""
        self._run, self._twins = Run(self._state), Twins(self._state)
        self._open = self.mark = None

    def boundary(self) -> Iterator[Out]:
        """A Codex turn begins or ends: whatever waits is on its own."""
        yield from self.close()
        self._twins.boundary()

    def close(self) -> Iterator[Out]:
        """Ends the assistant's run and settles what waits."""
        yield from self._decide("")
        yield from self._alone("user")
        yield from self._alone("assistant")
        yield from self._close_run()

    def flush(self) -> Iterator[Out]:
        """What the run has collected; the run stays open."""
        turn = self._run.flush(self._out.flags)
        if turn is not None:
            yield from self._out.emit(turn)

    def settle(self) -> Iterator[Out]:
        """At the end of the file: what can be said of what waits. A prompt that may turn out to be typed waits
        on, and so does an event whose item is about to be written; completed items may have none."""
        if not self._state.paired and all(event.kind == ITEM for event in self._twins.waiting):
            yield from self._alone("user")
            yield from self._alone("assistant")
        yield from self.flush()

    def item(self, record: Record) -> Iterator[Out]:
        """A response item of any kind."""
        yield from self.turn(item_turn(record.payload))
        if self._state.replay:
            return
        yield from self._decide("")
        kind, role = item_type(record.payload), as_text(record.payload.get("role"))
        if kind == "message" and role == "user":
            yield from self._prompt(record)
        elif kind == "message" and role == "assistant":
            yield from self._answer(record)
        elif kind == "reasoning":
            yield from self._reasoning(record)
        elif kind == "agent_message":
            yield from self._from_agent(record)
        elif kind.endswith("_call"):
            yield from self._call(record, kind)
        elif kind.endswith(("_output", "_result")):
            yield from self._result(record)
        else:
            self._state.next_item()
            is_known = kind in kinds.SILENT_ITEMS or (kind == "message" and role in ("developer", "system"))
            if not is_known:
                yield from self._out.unknown(f"response_item/{kind}/{role}".rstrip("/"), record.span)

    def event(self, kind: str, role: str, text: str, record: Record) -> Iterator[Out]:
        """An event that repeats a message, or stands in for one."""
        if self._open is not None:
            said = role == "user" and authors.says_the_same(self._open[1].texts, text)
            yield from self._decide(text if said else "")
            if said:
                return
        source = as_dict(record.payload.get("item")) or record.payload
        images = tuple(content.images(source.get("content"), record.span))
        event = Waiting(kind, role, text, images, record.at, record.span)
        if self._twins.event(event):
            self._set_mark(record)
            if kind == ITEM:
                event = replace(event, number=self._state.next_item())
            self._twins.wait(event)

    def compacted(self, record: Record) -> Iterator[Out]:
        """A summary of what came before; the history it replaces is not repeated."""
        yield from self.close()
        number = self._state.next_item()
        text = as_text(record.payload.get("message"))
        if text.strip():
            part = Part("text", text, span=record.span)
            yield from self._out.say(number, "machine", (part,), record.at, record.span, {FLAG_COMPACTION})

    # the assistant's side

    def _answer(self, record: Record) -> Iterator[Out]:
        found = content.texts(record.payload.get("content", record.payload.get("message")))
        parts = [Part("text", text, span=record.span) for text in found if text.strip()]
        parts += content.images(record.payload.get("content"), record.span)
        event = self._twins.item("assistant", "\n".join(found))
        self._unmark()
        yield from self._step(record, parts, event)

    def _reasoning(self, record: Record) -> Iterator[Out]:
        """Summaries, or the whole where it is told; encrypted reasoning says nothing."""
        told = content.texts(record.payload.get("summary")) or content.texts(record.payload.get("content"))
        yield from self._step(
            record, [Part("thinking", text, span=record.span) for text in told if text.strip()]
        )

    def _call(self, record: Record, kind: str) -> Iterator[Out]:
        call = call_part(record.payload, record.span)
        parts = [call]
        if call.call_id:
            self._state.remember_call(call.call_id, call.name)
        image = as_text(record.payload.get("result")) if kind == "image_generation_call" else ""
        if image:
            parts.append(Part("image", "image", "image/png", size=len(image) * 3 // 4, span=record.span))
        yield from self._step(record, parts)
        if "*** " in call.text:
            if len(self._edited) > _EDITED:
                self._edited.clear()
            for path in call.paths:
                if path not in self._edited:
                    self._edited.add(path)
                    yield from self._out.link("file", path)

    def _step(self, record: Record, parts: list[Part], event: Waiting | None = None) -> Iterator[Out]:
        yield from self._alone("user")
        if event is None:
            yield from self._alone("assistant", ITEM)
        self._run.extend(self._number(event), parts, record.at, record.span)
        if self._run.is_full:
            yield from self.flush()

    def _from_agent(self, record: Record) -> Iterator[Out]:
        """A message between agents: the parent's is a prompt, any other is a sub-agent's report."""
        yield from self.close()
        number = self._state.next_item()
        text = "\n".join(content.texts(record.payload.get("content"))).strip()
        if not text or text.endswith("\nPayload:"):
            return
        sender = as_text(record.payload.get("author"))
        own = self._state.meta.get("path", "")
        is_prompt = self._out.asker == "parent-model" and own.startswith(f"{sender}/")
        part = Part("text", text, span=record.span)
        author, flags = (self._out.asker, set[str]()) if is_prompt else ("assistant", {FLAG_SIDECHAIN})
        yield from self._out.say(number, author, (part,), record.at, record.span, flags, speaker=sender)

    def _result(self, record: Record) -> Iterator[Out]:
        yield from self.close()
        number = self._state.next_item()
        call_id = content.short(record.payload.get("call_id")) or content.short(record.payload.get("id"))
        name = self._state.calls.get(call_id) or content.short(record.payload.get("name"))
        parts = result_parts(record.payload, name, record.span)
        flags = {FLAG_FAILED} if parts[0].error else set()
        if name in kinds.QUESTIONS:
            flags.add(FLAG_ANSWER)
        if name == "spawn_agent":
            told = parts[0].text
            note = content.field_of_json(told, "nickname")
            yield from self._out.link("spawned", content.field_of_json(told, "agent_id"), note)
        yield from self._out.say(number, "tool", parts, record.at, record.span, flags)

    # prompts

    def _prompt(self, record: Record) -> Iterator[Out]:
        yield from self._alone("assistant")
        yield from self._close_run()
        has_events = bool(record.written) and self._out.asker != "program"
        prompt = Prompt.of(record.payload, record.at, record.span, guess=has_events)
        is_typed = prompt.looks_typed or self._twins.says(prompt.texts)
        if not is_typed and not prompt.is_injected:
            self._set_mark(record)
        if prompt.is_empty:
            self._state.next_item()
        elif is_typed:
            event = self._twins.item("user", "\n".join(prompt.texts))
            self._unmark()
            yield from self._typed(self._number(event), prompt, event.text if event else "")
        else:
            self._open = (self._state.next_item(), prompt)
            if prompt.is_injected:
                yield from self._decide("")

    def _decide(self, event: str) -> Iterator[Out]:
        """Settles the prompt that looks injected: typed only if an event says the same."""
        if self._open is None:
            return
        (number, prompt), self._open = self._open, None
        self._unmark()
        if event:
            yield from self._typed(number, prompt, event)
            return
        for text in prompt.texts:
            self._out.project(authors.working_directory(text))
        parts, flags = prompt.machine_parts(), prompt.machine_flags()
        yield from self._out.say(number, "machine", parts, prompt.at, prompt.span, flags)

    def _typed(self, number: int, prompt: Prompt, event: str) -> Iterator[Out]:
        parts = prompt.typed_parts(bool(event) and authors.says_the_same(prompt.texts, event))
        if not parts:
            return
        if not self._state.titled:
            self._state.titled = True
            self._out.title(parts[0].text, 10)
        self._state.begin_segment()
        yield from self._out.say(number, self._out.asker, parts, prompt.at, prompt.span)

    # doubles

    def _alone(self, role: str, kind: str = "") -> Iterator[Out]:
        """Messages of a role that stand in the file as events only (of one kind)."""
        alone = self._twins.take(role, kind)
        self._unmark()
        for event in alone:
            if role == "assistant":
                parts = [Part("text", event.text, span=event.span), *event.images]
                self._run.extend(self._number(event), parts, event.at, event.span)
            else:
                yield from self._close_run()
                prompt = Prompt((event.text,), event.images, event.at, event.span, confirmed=True)
                yield from self._typed(self._number(event), prompt, event.text)

    def _number(self, event: Waiting | None) -> int:
        """The position of a message: the one its event took, else the next."""
        if event is not None and event.number is not None:
            return event.number
        return self._state.next_item()

    def _close_run(self) -> Iterator[Out]:
        turn = self._run.flush(self._out.flags)
        self._state.run = ""
        if turn is not None:
            yield from self._out.emit(turn)

    def _set_mark(self, record: Record) -> None:
        if self.mark is None:
            self.mark = (record.span.offset, record.span.line - 1, self._state.copy())

    def _unmark(self) -> None:
        if self._open is None and not self._twins.waiting:
            self.mark = None
