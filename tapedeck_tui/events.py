"""What long work reports. Long work is a generator of these; closing the generator stops it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from importers.contract import Problem, Span


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is. At most ten a second; a newer one of the same stage replaces an older one.

    stage  one lower-case word or two: "looking", "keeping", "indexing", "vectors", "asking"
    done   units done so far
    total  units in all, None while unknown
    unit   what is counted: "files", "MB", "turns"
    note   what is being worked on now (already cleaned for drawing)
    """

    stage: str
    done: int
    total: int | None = None
    unit: str = "files"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """Something a list shows is new: re-read. ``sessions`` and ``turns`` are totals in the library."""

    sessions: int
    turns: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The work is done. ``counts`` holds what was done in numbers, for programs."""

    summary: str
    counts: tuple[tuple[str, int], ...] = ()


Event = Progress | Problem | Changed | Finished

UNREAD = frozenset({"unknown", "io"})
"""Kinds of problems after which nothing of a file was read."""


def unread_of(problems: Iterable[Problem], named: Iterable[Path]) -> list[Problem]:
    """The problems because of which a file that was named was not read at all."""
    names = {str(path) for path in named}
    return [p for p in problems if p.kind in UNREAD and p.where in names]


_NAMES: dict[type[Event], str] = {
    Progress: "progress",
    Problem: "problem",
    Changed: "changed",
    Finished: "finished",
}
_TYPES = {name: kind for kind, name in _NAMES.items()}


def encode(event: Event) -> str:
    """The event as one line of JSON (without the line break): its fields, and its kind as ``event``."""
    return json.dumps({"event": _NAMES[type(event)], **asdict(event)}, separators=(",", ":"))


def decode(line: str) -> Event | None:
    """The event of a line that ``encode`` wrote; None for any other line."""
    try:
        fields = json.loads(line)
        kind = _TYPES[fields.pop("event")]
        if kind is Problem:
            fields["span"] = Span(**fields["span"])
        elif kind is Finished:
            fields["counts"] = tuple((str(name), int(number)) for name, number in fields["counts"])
        return kind(**fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


__all__ = ["Changed", "Event", "Finished", "Problem", "Progress", "decode", "encode", "unread_of"]
