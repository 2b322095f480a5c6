"""Source files that are not there any more: their sessions stay, marked gone, while no live file holds them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable

from tapedeck_tui.library import filenames

PACKED = ".zst"
"""Ending that a harness adds when it compresses a finished file (FORMATS 2.1)."""


def mark(
    db: sqlite3.Connection,
    now: float,
    importers: Iterable[str],
    seen: Collection[str],
    paths: Iterable[str] | None = None,
) -> list[str]:
    """Mark files as gone; returns their paths. See ``Writer.mark_gone``."""
    found: list[str] = []
    for row, path in _known(db, importers, paths):
        if path not in seen and filenames.is_gone(path):
            found.append(path)
            db.execute("UPDATE files SET gone_at = ? WHERE row = ?", (now, row))
            db.execute(
                "UPDATE sessions SET gone_at = ?1 WHERE row IN (SELECT session_row FROM membership WHERE"
                " file_row = ?2) AND NOT EXISTS (SELECT 1 FROM membership m JOIN files f ON"
                " f.row = m.file_row WHERE m.session_row = sessions.row AND f.gone_at IS NULL)",
                (now, row),
            )
    return found


def _known(
    db: sqlite3.Connection, importers: Iterable[str], paths: Iterable[str] | None
) -> list[tuple[int, str]]:
    """(row, path) of files not yet marked."""
    rows: list[tuple[int, object]] = []
    if paths is None:
        for name in importers:
            rows += db.execute("SELECT row, path FROM files WHERE importer = ? AND gone_at IS NULL", (name,))
    else:
        for path in paths:
            rows += db.execute(
                "SELECT row, path FROM files WHERE path = ? AND gone_at IS NULL", (filenames.stored(path),)
            )
    return [(row, filenames.read(path)) for row, path in rows]


def twins(db: sqlite3.Connection, path: str) -> list[str]:
    """Paths of live files with the same name, compressed or not, in any folder."""
    name = os.path.basename(path).removesuffix(PACKED)
    rows = db.execute(
        "SELECT path FROM files WHERE gone_at IS NULL AND instr(path, ?) > 0", (filenames.stored(name),)
    )
    found = [filenames.read(row[0]) for row in rows]
    return [other for other in found if os.path.basename(other).removesuffix(PACKED) == name]
