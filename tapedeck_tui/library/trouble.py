"""Problems as the library keeps them: those of a file with the file, the others by their place."""

from __future__ import annotations

import sqlite3

from importers.contract import Problem
from tapedeck_tui.text import clean


def save(db: sqlite3.Connection, file_row: int | None, problem: Problem) -> None:
    """Keep a problem once. ``file_row`` None: of something that could not be read at all."""
    place, span = clean(problem.where), problem.span
    if file_row is None:
        db.execute("DELETE FROM problems WHERE file_row IS NULL AND place = ?", (place,))
    db.execute(
        "INSERT OR IGNORE INTO problems (file_row, kind, place, line, offset, length, what, hint)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (
            file_row, problem.kind, place, span.line, span.offset, span.length, clean(problem.what),
            clean(problem.hint),
        ),
    )  # fmt: skip


def forget_loose(db: sqlite3.Connection, place: str | None = None) -> None:
    """Forget what could not be read at an earlier run: all of it, or of one place. It is said again if it holds."""
    if place is None:
        db.execute("DELETE FROM problems WHERE file_row IS NULL")
    else:
        db.execute("DELETE FROM problems WHERE file_row IS NULL AND place = ?", (clean(place),))
