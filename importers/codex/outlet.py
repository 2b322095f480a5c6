"""What a thread says goes through here: nothing before there is a conversation, session and usage when they change."""

from __future__ import annotations

from collections.abc import Iterator

from importers.codex import content, header
from importers.codex.state import State
from importers.contract import (
    FLAG_HEADLESS,
    FLAG_SIDECHAIN,
    TITLE_CHARS,
    Author,
    Link,
    Part,
    Problem,
    Record,
    Session,
    Span,
    Turn,
    Usage,
)
from importers.readers import iso_time

_HELD = 64
"""Machine turns that are held back until a conversation begins."""
_FLAGS = {"program": frozenset({FLAG_HEADLESS}), "sub-agent": frozenset({FLAG_SIDECHAIN})}


class Outlet:
    """Hands records on. ``held`` is what was said before the session had a conversation."""

    def __init__(self, state: State, where: str) -> None:
        self.held: list[Record] = []
        self._state = state
        self._where = where
        self._changed = False
        self._counted = False

    @property
    def flags(self) -> frozenset[str]:
        """The flags of every turn of such a session."""
        return _FLAGS.get(self._state.meta.get("kind", ""), frozenset())

    @property
    def asker(self) -> Author:
        """Who writes the prompts of such a session."""
        return header.prompt_author(self._state.meta)

    def emit(self, record: Record) -> Iterator[Record]:
        """Hands a record on, or holds it while there is no conversation."""
        state = self._state
        if not state.began:
            begins = isinstance(record, Turn) and record.author != "machine"
            if not begins and len(self.held) < _HELD:
                self.held.append(record)
                return
            state.began, self._counted, self._changed = True, True, False
            yield self._session()
            for name in ("forked-from", "history-base"):
                if state.meta.get(name):
                    yield Link("forked-from", state.thread, state.meta[name])
            yield from self.held
            self.held.clear()
        yield record

    def say(
        self,
        number: int,
        author: Author,
        parts: tuple[Part, ...],
        at: float | None,
        span: Span,
        flags: set[str] | frozenset[str] = frozenset(),
        speaker: str = "",
    ) -> Iterator[Record]:
        """A whole turn: item ``number`` of the running Codex turn."""
        state = self._state
        state.remember_key(number)
        model = state.model if author == "assistant" and not speaker else ""
        key = state.key(number)
        yield from self.emit(
            Turn(key, state.thread, author, parts, at, model, speaker, self.flags | flags, span)
        )

    def flush(self) -> Iterator[Record]:
        """Session and usage, where they changed since they were last handed on."""
        state = self._state
        if not state.began:
            return
        if self._changed:
            self._changed = False
            yield self._session()
        if self._counted:
            self._counted = False
            used = [max(0, now - before) for now, before in zip(state.total, state.base, strict=True)]
            if any(used):
                fresh, output, read, written = used
                key = f"codex:{state.thread}"
                at = iso_time(state.meta.get("started"))
                yield Usage(key, state.thread, state.model, fresh, output, read, written, at)

    def link(self, kind: str, target: str, note: str = "") -> Iterator[Record]:
        if target and target != self._state.thread:
            yield from self.emit(Link(kind, self._state.thread, target, note))

    def unknown(self, kind: str, span: Span) -> Iterator[Record]:
        """Each unknown kind is told once."""
        kind = content.short(kind)
        if self._state.is_new_kind(kind):
            what = f"a kind of record this importer does not know: {kind}"
            hint = "It was passed over and is kept on the tape; a newer tapedeck may read it."
            yield Problem(f"{self._where}, line {span.line}", what, hint, span, "unknown-record")

    def totals(self, totals: list[int]) -> None:
        """The newest token totals of the thread. They come twice, and never go down; only more counts."""
        most = [max(pair) for pair in zip(self._state.total, totals, strict=True)]
        if most != self._state.total:
            self._state.total = most
            self._counted = True

    def title(self, title: str, rank: int) -> None:
        """A title, unless a better one is known."""
        meta = self._state.meta
        line = content.short(" ".join(title[:2000].split()), 2000)
        if line and rank >= int(meta.get("title-rank") or "0"):
            meta["title"] = line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1] + "…"
            meta["title-rank"] = str(rank)
            self._changed = True

    def model(self, model: str) -> Iterator[Record]:
        """Another model answers from here on."""
        if model and model != self._state.model:
            yield from self.flush()
            self._state.model = model
            self._changed = True

    def facts(self, facts: dict[str, str]) -> None:
        """What the header says; a late one changes a session that was handed on."""
        self._state.meta.update(facts)
        self._changed = True

    def project(self, folder: str) -> None:
        """A working directory; the first one known is the session's."""
        if folder and not self._state.meta.get("project"):
            self._state.meta["project"] = folder
            self._changed = True

    def _session(self) -> Session:
        return header.session(self._state.thread, self._state.meta, self._state.model)
