"""What the reader must remember between two lines, and so between two reads: small whatever the file size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Recent(dict[str, V], Generic[V]):
    """A dict that keeps the ``limit`` entries touched last."""

    def __init__(self, limit: int, items: Mapping[str, V] | None = None) -> None:
        super().__init__(items or {})
        self.limit = limit

    def put(self, key: str, value: V) -> None:
        self.pop(key, None)
        self[key] = value
        if len(self) > self.limit:
            del self[next(iter(self))]


@dataclass(slots=True)
class Facts:
    """What is known of the session so far; see ``contract.Session``."""

    title: str = ""
    title_rank: int = 0
    project: str = ""
    branch: str = ""
    model: str = ""
    parent: str = ""
    headless: bool = False
    started_at: float | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Everything the reader carries along. Goes into the cursor as plain JSON.

    session    the session's id, once known
    started    whether a turn was yielded (a file without turns is no session)
    asked      whether the first prompt was seen (it decides whether the session is headless)
    forked     whether the link to the session this one was forked from was yielded
    facts      the session so far
    messages   message id -> turn key, usage key, usage so far
    calls      call id -> tool name
    children   parent's short uuid -> [offset, line, short uuid] of its first prompt or answer
    prompts    short uuids of typed prompts
    uuids      short uuids of the last records
    summaries  short leaf uuid -> [offset, length] of a ``summary`` whose leaf was not seen yet
    queue      queued prompts not met again yet, see ``queue.py``
    repeats    digest of a record without uuid -> how often it came
    links      digests of links already given
    skipped    kind of record nobody knows -> how many
    held       links met before the first turn
    """

    session: str = ""
    started: bool = False
    asked: bool = False
    forked: bool = False
    facts: Facts = field(default_factory=Facts)
    messages: Recent[list[Any]] = field(default_factory=lambda: Recent(16))
    calls: Recent[str] = field(default_factory=lambda: Recent(32))
    children: Recent[list[Any]] = field(default_factory=lambda: Recent(32))
    prompts: Recent[int] = field(default_factory=lambda: Recent(16))
    uuids: Recent[int] = field(default_factory=lambda: Recent(32))
    summaries: Recent[list[int]] = field(default_factory=lambda: Recent(16))
    queue: list[list[Any]] = field(default_factory=list)
    repeats: Recent[int] = field(default_factory=lambda: Recent(16))
    links: Recent[int] = field(default_factory=lambda: Recent(64))
    skipped: Recent[int] = field(default_factory=lambda: Recent(16))
    held: list[list[str]] = field(default_factory=list)

    def dump(self) -> dict[str, object]:
        """A copy as plain JSON; what is empty is left out."""
        stored: dict[str, object] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, Facts):
                stored[each.name] = asdict(value)
            elif isinstance(value, dict):
                stored.update({each.name: {k: _copy(v) for k, v in value.items()}} if value else {})
            elif isinstance(value, list):
                stored.update({each.name: [_copy(v) for v in value]} if value else {})
            elif value:
                stored[each.name] = value
        return stored

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> State:
        state = cls(facts=Facts(**stored.get("facts", {})))
        for each in fields(cls):
            value = stored.get(each.name)
            if not value or each.name == "facts":
                continue
            known = getattr(state, each.name)
            if isinstance(known, Recent):
                known.update({k: _copy(v) for k, v in value.items()})
            elif isinstance(value, list):
                known.extend(_copy(v) for v in value)
            else:
                setattr(state, each.name, value)
        return state


def _copy(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value
