"""What a Codex reader remembers between two records, and between two reads of a growing file."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from importers.readers import as_dict, as_list, as_text

_TURNS = 16
"""Codex turns whose item count is kept (records of an older turn may come late)."""
_CALLS = 48
"""Open tool calls whose name is kept for their result."""
_SEGMENTS = 16
"""User turns that a roll-back can reach."""
_SEGMENT_BITS = 12_000
"""Items of those user turns, altogether; older ones are dropped first."""
_KINDS = 32
"""Unknown record kinds that are reported once each."""


@dataclass(slots=True)
class State:
    """Everything is small: the whole is a few KB whatever the size of the file.

    thread    id of the session, "" before the first record
    meta      the session's facts as the file's first header says them (strings)
    turn      id of the Codex turn that items belong to now ("" where the format has none)
    counts    items seen per Codex turn, the newest last
    run       key of the assistant turn that may still grow, "" when none
    calls     tool call id -> tool name
    segments  the turn keys since each of the last user turns, for roll-backs: Codex turn id -> bit set of n
    base      token totals [input, output, cached, written] that belong to a replayed parent
    total     the newest token totals, in the same order
    replay    the records are a replay of the parent's (a legacy fork)
    replay_v7 a time-ordered turn id was seen in the replay, so only such an id ends it
    ahead     messages of an author that still wait for the event that repeats them
    events    digests of the newest event-side texts
    paired    items and events were seen to repeat each other in this file
    kinds     unknown record kinds that were reported
    began     a turn that is not machine text was handed on, so the session exists
    titled    a first prompt was seen
    """

    thread: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    turn: str = ""
    model: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    run: str = ""
    calls: dict[str, str] = field(default_factory=dict)
    segments: list[dict[str, int]] = field(default_factory=lambda: [{}])
    base: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    total: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    replay: bool = False
    replay_v7: bool = False
    ahead: dict[str, int] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    paired: bool = False
    began: bool = False
    titled: bool = False

    def next_item(self) -> int:
        """The number of the next item in the running Codex turn, counted from 0."""
        number = self.counts.pop(self.turn, 0)
        self.counts[self.turn] = number + 1
        if len(self.counts) > _TURNS:
            del self.counts[next(iter(self.counts))]
        return number

    def key(self, number: int) -> str:
        """The turn key of an item: thread, Codex turn and position are the same in every copy of the file."""
        return f"codex:{self.thread}:{self.turn}:{number}"

    def remember_call(self, call_id: str, name: str) -> None:
        self.calls[call_id] = name
        if len(self.calls) > _CALLS:
            del self.calls[next(iter(self.calls))]

    def remember_key(self, number: int) -> None:
        segment = self.segments[-1]
        segment[self.turn] = segment.get(self.turn, 0) | (1 << number)

    def begin_segment(self) -> None:
        """A user turn starts: what follows is undone together with it."""
        self.segments.append({})
        del self.segments[:-_SEGMENTS]
        while len(self.segments) > 1 and self._segment_bits() > _SEGMENT_BITS:
            del self.segments[0]

    def _segment_bits(self) -> int:
        return sum(bits.bit_length() + 150 for segment in self.segments for bits in segment.values())

    def roll_back(self, count: int) -> list[str]:
        """The keys of everything since the ``count``-th last user turn; they are forgotten here.

        The first segment holds what came before any user turn that is remembered and is never undone.
        """
        undone = self.segments[max(1, len(self.segments) - count) :] if count > 0 else []
        del self.segments[len(self.segments) - len(undone) :]
        keys: list[str] = []
        for segment in undone:
            for turn, bits in segment.items():
                while bits:
                    low = bits & -bits
                    keys.append(f"codex:{self.thread}:{turn}:{low.bit_length() - 1}")
                    bits ^= low
        return keys

    def is_new_kind(self, kind: str) -> bool:
        if kind in self.kinds or len(self.kinds) >= _KINDS:
            return False
        self.kinds.append(kind)
        return True

    def copy(self) -> State:
        """The state as it is now, whatever is done to this one later."""
        twin = replace(self)
        for name in ("meta", "counts", "calls", "ahead", "base", "total", "events", "kinds"):
            setattr(twin, name, getattr(self, name).copy())
        twin.segments = [*self.segments[:-1], self.segments[-1].copy()]
        return twin

    def to_json(self) -> dict[str, object]:
        """A plain copy for the cursor."""
        out: dict[str, object] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "segments":
                value = [{turn: format(bits, "x") for turn, bits in segment.items()} for segment in value]
            elif isinstance(value, (dict, list)):
                value = value.copy()
            out[one.name] = value
        return out

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> State:
        """The state a cursor carries; anything that is not as ``to_json`` wrote it falls back to a fresh value."""
        state = cls()
        state.thread, state.turn = as_text(raw.get("thread")), as_text(raw.get("turn"))
        state.model, state.run = as_text(raw.get("model")), as_text(raw.get("run"))
        state.meta = {str(k): as_text(v) for k, v in as_dict(raw.get("meta")).items()}
        state.calls = {str(k): as_text(v) for k, v in as_dict(raw.get("calls")).items()}
        state.counts = _numbers(raw.get("counts"))
        state.ahead = _numbers(raw.get("ahead"))
        state.segments = [_segment(one) for one in as_list(raw.get("segments"))] or [{}]
        state.base, state.total = _totals(raw.get("base")), _totals(raw.get("total"))
        state.events = [as_text(one) for one in as_list(raw.get("events"))]
        state.kinds = [as_text(one) for one in as_list(raw.get("kinds"))]
        for name in ("replay", "replay_v7", "paired", "began", "titled"):
            setattr(state, name, raw.get(name) is True)
        return state


def _numbers(value: object) -> dict[str, int]:
    return {str(k): v for k, v in as_dict(value).items() if isinstance(v, int)}


def _totals(value: object) -> list[int]:
    numbers = [v if isinstance(v, int) else 0 for v in as_list(value)]
    return [*numbers, 0, 0, 0, 0][:4]


def _segment(value: object) -> dict[str, int]:
    segment: dict[str, int] = {}
    for turn, bits in as_dict(value).items():
        try:
            segment[str(turn)] = int(as_text(bits), 16)
        except ValueError:
            continue
    return segment
