"""One reading of one file: what is known of its session, and what it has given so far."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from importers.claude_code import files, queued
from importers.claude_code.authors import is_headless, own_words
from importers.claude_code.keys import HARNESS, content_key
from importers.claude_code.state import State
from importers.contract import (
    FLAG_HEADLESS,
    FLAG_LOW_CONFIDENCE,
    FLAG_QUEUED,
    FLAG_SIDECHAIN,
    TITLE_CHARS,
    Author,
    Link,
    Part,
    Record,
    Session,
    Source,
    Span,
    Turn,
)
from importers.readers import as_dict, as_id, as_text, iso_time, json_object, one_line, storable

MAX_HELD = 16
"""Links kept back until the first turn shows that there is a session."""
_CARD = (("agentType", "agent"), ("toolUseId", "tool call"), ("worktreePath", "worktree"))


class Reading:
    """The source, the state, and ``out``: the records made since they were last handed on.

    follows_rewinds  False while a stretch is only read again to see what was abandoned in it
    """

    def __init__(self, source: Source, state: State, *, follows_rewinds: bool = True) -> None:
        self.source = source
        self.state = state
        self.follows_rewinds = follows_rewinds
        self.out: list[Record] = []
        self._changed = False
        if not state.session:
            state.session = files.id_in_name(source.path)

    # -- the session -------------------------------------------------------------------------------

    @property
    def is_agent(self) -> bool:
        """Whether this is the file of a sub-agent."""
        return self.state.session.startswith("agent-")

    def is_sidechain(self, record: dict[str, Any]) -> bool:
        return record.get("isSidechain") is True or self.is_agent

    def identify(self, record: dict[str, Any]) -> None:
        """The id from the first record that may start a turn, where the file name is none."""
        if self.state.session:
            return
        agent = as_id(record.get("agentId"))
        if agent and record.get("isSidechain") is True:
            self.state.session = f"agent-{agent.removeprefix('agent-')}"
        else:
            self.state.session = as_id(record.get("sessionId")) or files.id_from_name(self.source.path)

    def title(self, text: str, rank: int) -> None:
        """A better title: higher ranks win; of the same rank the later one, but the first prompt stays."""
        facts = self.state.facts
        line = one_line(text, TITLE_CHARS)
        if line and (rank > facts.title_rank or (rank == facts.title_rank and rank > 10)):
            self._changed = self._changed or line != facts.title
            facts.title, facts.title_rank = line, rank

    def model(self, name: str) -> None:
        if name != self.state.facts.model:
            self.state.facts.model, self._changed = storable(name, 100), True

    def fact(self, name: str, value: str) -> None:
        """A small fact worth showing beside the session."""
        if value and self.state.facts.extra.get(name) != value:
            self.state.facts.extra[name], self._changed = one_line(value), True

    def skipped(self, kind: object) -> None:
        """A record of a kind nobody knows: counted, told with the session, never an error."""
        name = as_id(kind)[:60] or "untyped"
        self.state.skipped.put(name, self.state.skipped.get(name, 0) + 1)
        self._changed = True

    def asked(self, record: dict[str, Any]) -> None:
        """A prompt; the first one decides whether a program runs this session."""
        if not self.state.asked:
            self.state.asked = True
            self.state.facts.headless = is_headless(record)
            self._changed = True

    def flush(self) -> Iterator[Record]:
        """The session again, when more became known since it was last given."""
        if self._changed and self.state.started:
            yield self._session()

    # -- what it gives -----------------------------------------------------------------------------

    def link(self, kind: str, target: str, note: str = "") -> None:
        """A relation of this session, once each."""
        digest = hashlib.sha256(f"{kind} {target}".encode("utf-8", "replace")).hexdigest()[:10]
        if digest in self.state.links:
            return
        self.state.links.put(digest, 1)
        if self.state.started:
            self.out.append(Link(kind, self.state.session, target, note))
        elif len(self.state.held) < MAX_HELD:
            self.state.held.append([kind, storable(target), storable(note)])

    def turn(
        self,
        record: dict[str, Any],
        key: str,
        author: Author,
        parts: list[Part],
        span: Span,
        flags: frozenset[str] = frozenset(),
        model: str = "",
    ) -> None:
        """A turn, or more of one; nothing when there are no parts."""
        if not parts:
            return
        self._learn(record)
        if not self.state.started:
            self._start()
        if self.is_sidechain(record):
            flags |= {FLAG_SIDECHAIN}
        if is_headless(record):
            flags |= {FLAG_HEADLESS}
        at = iso_time(record.get("timestamp"))
        speaker = self.state.facts.extra.get("agent", "") if self.is_agent and author == "assistant" else ""
        self.out.append(
            Turn(key, self.state.session, author, tuple(parts), at, model, speaker, flags, span),
        )
        if self.state.queue and author in ("assistant", "tool"):
            for place in queued.lost(self.state):
                self._lost_prompt(place)

    def again(self, place: Span) -> dict[str, Any]:
        """The record at a place read before; {} when it is no longer there."""
        with self.source.open() as file:
            file.seek(place.offset)
            return json_object(file.read(place.length))

    # -- within ------------------------------------------------------------------------------------

    def _learn(self, record: dict[str, Any]) -> None:
        """What every record of the chain carries: the first project and time, the latest branch and version."""
        facts = self.state.facts
        if facts.started_at is None and (at := iso_time(record.get("timestamp"))) is not None:
            facts.started_at, self._changed = at, True
        if not facts.project and (folder := as_text(record.get("cwd"))):
            facts.project, self._changed = storable(folder), True
        branch = record.get("gitBranch")
        if (
            isinstance(branch, str)
            and branch != facts.branch
            and branch
            and (branch != "HEAD" or not facts.branch)
        ):
            facts.branch, self._changed = storable(branch, 200), True
        for name in ("version", "entrypoint"):
            value = record.get(name)
            if isinstance(value, str) and value != facts.extra.get(name):
                self.fact(name, value)
        if self.is_agent and not facts.parent:
            facts.parent, self._changed = self._parent(record), True
        origin = record.get("forkedFrom")
        if origin and not self.state.forked:
            self.state.forked = True
            if target := as_id(as_dict(origin).get("sessionId")):
                self.link("forked-from", target)

    def _parent(self, record: dict[str, Any]) -> str:
        """The session a sub-agent works for: its records carry that one's id; else the folder names it."""
        named = as_id(record.get("sessionId"))
        return named if named and named != self.state.session else files.parent_in_path(self.source.path)

    def _start(self) -> None:
        """The first turn is here: from now on this is a session."""
        state = self.state
        state.started = True
        links: list[Record] = []
        if self.is_agent:
            card = files.agent_card(self.source, state.session)
            about = one_line(as_text(card.get("description")))
            self.title(about, 40)
            for field, name in _CARD:
                self.fact(name, as_text(card.get(field)))
            if state.facts.parent:
                links.append(Link("spawned", state.facts.parent, state.session, about))
        links.extend(Link(kind, state.session, target, note) for kind, target, note in state.held)
        state.held.clear()
        self.out[:0] = [self._session(), *links]

    def _session(self) -> Session:
        self._changed = False
        facts = self.state.facts
        extra = dict(facts.extra)
        if self.state.skipped:
            extra["unknown records"] = ", ".join(f"{k} {n}" for k, n in sorted(self.state.skipped.items()))
        return Session(
            id=self.state.session,
            harness=HARNESS,
            title=facts.title,
            title_rank=facts.title_rank,
            project=facts.project,
            branch=facts.branch,
            model=facts.model,
            parent=facts.parent,
            headless=facts.headless,
            started_at=facts.started_at,
            extra=tuple(sorted(extra.items())),
        )

    def _lost_prompt(self, place: Span) -> None:
        record = self.again(place)
        text = own_words(as_text(record.get("content")))
        if text:
            author: Author = "program" if self.state.facts.headless else "typed"
            flags = frozenset({FLAG_QUEUED, FLAG_LOW_CONFIDENCE})
            at = iso_time(record.get("timestamp"))
            key, part = content_key(self.state, record), Part("text", text, span=place)
            self.out.append(Turn(key, self.state.session, author, (part,), at, flags=flags, span=place))
