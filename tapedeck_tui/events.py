"""What long work reports. Long work is a generator of these; closing the generator stops it."""

from __future__ import annotations

from dataclasses import dataclass

from importers.contract import Problem


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

__all__ = ["Changed", "Event", "Finished", "Problem", "Progress"]
