"""The library in numbers: what status, sources and doctor say."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tapedeck_tui.library.feed import LAST_LOOK, get_meta


@dataclass(frozen=True, slots=True)
class SourceNumbers:
    """What the library holds of one importer."""

    files: int = 0
    bytes: int = 0
    sessions: int = 0
    turns: int = 0
    problems: int = 0
    pending: int = 0
    gone: int = 0
    last_read: float | None = None


def by_importer(db: sqlite3.Connection) -> dict[str, SourceNumbers]:
    """Numbers of each importer that has read anything."""
    out: dict[str, SourceNumbers] = {}
    sessions = dict(db.execute("SELECT harness, count(*) FROM sessions WHERE turns > 0 GROUP BY harness"))
    turns = dict(db.execute("SELECT harness, sum(turns) FROM sessions GROUP BY harness"))
    problems = dict(
        db.execute(
            "SELECT f.importer, count(*) FROM problems p JOIN files f ON f.row = p.file_row GROUP BY 1"
        )
    )
    looked = last_look(db)
    for name, files, size, pending, gone, last in db.execute(
        "SELECT importer, count(*), coalesce(sum(kept), 0), sum(pending > 0), count(gone_at), max(read_at)"
        " FROM files GROUP BY importer"
    ):
        if last is not None and looked is not None:
            last = max(last, looked)  # nothing new is news, too
        out[name] = SourceNumbers(
            files,
            size,
            sessions.get(name, 0),
            turns.get(name, 0) or 0,
            problems.get(name, 0),
            pending,
            gone,
            last,
        )
    return out


def last_look(db: sqlite3.Connection) -> float | None:
    """When all sources were looked at last, Unix seconds; None when never."""
    found = get_meta(db, LAST_LOOK)
    return float(found) if found else None


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything the library holds."""

    sessions: int
    turns: int
    by_author: tuple[tuple[str, int], ...]
    problems: int
    pending: int
    files: int
    lexical_behind: int
    vectors_behind: int
    chunks: int
    first_at: float | None
    last_at: float | None
    last_sync: float | None
    harnesses: int


def totals(db: sqlite3.Connection) -> Totals:
    def one(sql: str) -> int:
        return int(db.execute(sql).fetchone()[0] or 0)

    def behind(index: str) -> int:
        return one(f"SELECT count(*) FROM outbox WHERE seq > {int(get_meta(db, f'{index}-seq', '0'))}")

    first, last = db.execute("SELECT min(started_at), max(ended_at) FROM sessions WHERE turns > 0").fetchone()
    read_at = db.execute("SELECT max(read_at) FROM files").fetchone()[0]
    authors = db.execute("SELECT author, count(*) FROM turns GROUP BY author ORDER BY 2 DESC").fetchall()
    return Totals(
        sessions=one("SELECT count(*) FROM sessions WHERE turns > 0"),
        turns=one("SELECT count(*) FROM turns"),
        by_author=tuple((str(a), int(n)) for a, n in authors),
        problems=one("SELECT count(*) FROM problems"),
        pending=one("SELECT count(*) FROM files WHERE pending > 0"),
        files=one("SELECT count(*) FROM files"),
        lexical_behind=behind("lexical"),
        vectors_behind=behind("vectors"),
        chunks=one("SELECT coalesce(sum(chunks), 0) FROM turns"),
        first_at=first,
        last_at=last,
        last_sync=max((at for at in (read_at, last_look(db)) if at is not None), default=None),
        harnesses=one("SELECT count(DISTINCT harness) FROM sessions WHERE turns > 0"),
    )
