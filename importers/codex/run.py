"""The assistant turn that is being written: reasoning, messages and calls up to a result or a prompt."""

from __future__ import annotations

from importers.codex.state import State
from importers.contract import Part, Span, Turn

_PARTS, _CHARACTERS = 64, 1024 * 1024
"""Parts, and characters of them, that are collected before they are handed on."""


class Run:
    """Collects the parts of one assistant turn. Its key lives in the state, so an append extends it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._parts: list[Part] = []
        self._characters = 0
        self._at: float | None = None
        self._span = Span()

    @property
    def is_full(self) -> bool:
        return len(self._parts) >= _PARTS or self._characters >= _CHARACTERS

    def extend(self, number: int, parts: list[Part], at: float | None, span: Span) -> None:
        """Adds the parts of item ``number``; the first item of a run gives the turn its key."""
        if not parts:
            return
        if not self._state.run:
            self._state.run = self._state.key(number)
            self._state.remember_key(number)
        if not self._parts:
            self._at, self._span = None, span
        self._at = at if self._at is None else self._at
        self._parts.extend(parts)
        self._characters += sum(len(part.text) for part in parts)

    def flush(self, flags: frozenset[str]) -> Turn | None:
        """What was collected since the last time, None when there is nothing. The run stays open."""
        if not self._parts:
            return None
        state = self._state
        parts, self._parts, self._characters = tuple(self._parts), [], 0
        return Turn(
            state.run, state.thread, "assistant", parts, self._at, state.model, flags=flags, span=self._span
        )
