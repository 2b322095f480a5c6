"""Where everything stands on the tapes. A SQLite file that can be thrown away: the segments say it all."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tapedeck_tui.errors import StorageError
from tapedeck_tui.paths import FILE_MODE
from tapedeck_tui.tapes.segment import RecordInfo

_MIGRATIONS = (
    """
    CREATE TABLE segments (
        id INTEGER PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL,
        UNIQUE (machine, name)
    );
    CREATE TABLE tapes (
        id TEXT PRIMARY KEY, machine TEXT NOT NULL, importer TEXT NOT NULL, path BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE takes (
        tape TEXT NOT NULL, take INTEGER NOT NULL, length INTEGER NOT NULL, head TEXT NOT NULL,
        tail TEXT NOT NULL, whole INTEGER NOT NULL, first_at REAL NOT NULL, last_at REAL NOT NULL,
        PRIMARY KEY (tape, take)
    ) WITHOUT ROWID;
    CREATE TABLE records (
        tape TEXT NOT NULL, take INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
        segment INTEGER NOT NULL, pos INTEGER NOT NULL, sha256 BLOB NOT NULL,
        PRIMARY KEY (tape, take, offset, length)
    ) WITHOUT ROWID;
    """,
)
"""Applied in order, once each; an entry is never edited after a release."""


@dataclass(frozen=True, slots=True)
class TakeInfo:
    """One version of a source file.

    length  bytes kept
    head    digest of the first 64 KB kept, tail of the last 64 KB (of all of it when it is shorter)
    whole   no record of it is missing
    """

    take: int
    length: int
    head: str
    tail: str
    whole: bool
    first_at: float
    last_at: float


@dataclass(frozen=True, slots=True)
class TapeInfo:
    """The kept copy of one source file; the newest take last."""

    tape_id: str
    machine: str
    importer: str
    path: Path
    takes: tuple[TakeInfo, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Where some bytes of a take stand: ``pos`` in segment ``machine/name``."""

    offset: int
    length: int
    machine: str
    name: str
    pos: int
    sha256: bytes


class TapeIndex:
    """The index file. Usable from any thread; only the holder of the writer's lock may change it.

    Raises StorageError when it can be neither opened nor remade.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        try:
            self._connect()
        except sqlite3.DatabaseError:  # not a database, or damaged: the tapes know everything in it
            self._throw_away()
            self._connect()

    def _throw_away(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def _connect(self) -> sqlite3.Connection:
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, FILE_MODE))
            db = sqlite3.connect(self.path, timeout=30.0, isolation_level=None)
        except (OSError, sqlite3.OperationalError) as exc:
            raise StorageError(
                f"Cannot open the tape index {self.path}: {exc}.", "Check that the folder can be written to."
            ) from exc
        try:
            _prepare(db)
        except sqlite3.OperationalError as exc:
            db.close()
            raise StorageError(
                f"Cannot use the tape index {self.path}: {exc}.",
                "Close other programs that use it, or delete it: it is made again from the tapes.",
            ) from exc
        except sqlite3.DatabaseError:
            db.close()
            raise
        self._local.db = db
        return db

    @property
    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        return db if db is not None else self._connect()

    def close(self) -> None:
        """Close this thread's connection."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is not None:
            db.close()
            self._local.db = None

    # writing
    def begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def rollback(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def clear(self) -> None:
        """Forget everything; for remaking from the segments."""
        for table in ("records", "takes", "tapes", "segments"):
            self._db.execute(f"DELETE FROM {table}")

    def note(self, machine: str, name: str, record: RecordInfo) -> None:
        """Add one record, in the order the segments hold them."""
        h = record.header
        tape, take, offset, end = (
            str(h["tape"]),
            int(h["take"]),
            int(h["offset"]),
            int(h["offset"]) + record.length,
        )
        segment = self.reach(machine, name, record.end)
        self._db.execute(
            "INSERT OR IGNORE INTO tapes VALUES (?, ?, ?, ?)",
            (tape, machine, str(h["importer"]), os.fsencode(str(h["path"]))),
        )
        self._db.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)",
            (tape, take, offset, record.length, segment, record.pos, bytes.fromhex(h["sha256"])),
        )
        self._db.execute(
            "INSERT INTO takes VALUES (:tape, :take, :end, :head, :tail, :offset = 0, :at, :at) "
            "ON CONFLICT (tape, take) DO UPDATE SET whole = whole AND :offset = length, "
            "length = max(length, :end), head = :head, tail = :tail, last_at = :at",
            {"tape": tape, "take": take, "offset": offset, "end": end,
             "head": str(h["head"]), "tail": str(h["tail"]), "at": float(h["at"])},
        )  # fmt: skip

    def reach(self, machine: str, name: str, size: int) -> int:
        """Say that the segment is known up to ``size``; gives its number."""
        row = self._db.execute(
            "INSERT INTO segments (machine, name, bytes) VALUES (?, ?, ?) "
            "ON CONFLICT (machine, name) DO UPDATE SET bytes = excluded.bytes RETURNING id",
            (machine, name, size),
        ).fetchone()
        return int(row[0])

    # reading
    def known(self) -> dict[tuple[str, str], int]:
        """How far each segment is known: {(machine, name): bytes}."""
        return {(m, n): b for m, n, b in self._db.execute("SELECT machine, name, bytes FROM segments")}

    def newest_take(self, tape: str) -> TakeInfo | None:
        row = self._db.execute(
            "SELECT take, length, head, tail, whole, first_at, last_at FROM takes WHERE tape = ? "
            "ORDER BY take DESC LIMIT 1",
            (tape,),
        ).fetchone()
        return None if row is None else _take(row)

    def take(self, tape: str, take: int) -> TakeInfo | None:
        row = self._db.execute(
            "SELECT take, length, head, tail, whole, first_at, last_at FROM takes WHERE tape = ? AND take = ?",
            (tape, take),
        ).fetchone()
        return None if row is None else _take(row)

    def piece(self, tape: str, take: int, offset: int) -> Piece | None:
        """The record that holds this byte of the take; None when it is missing."""
        row = self._db.execute(
            "SELECT r.offset, r.length, s.machine, s.name, r.pos, r.sha256 FROM records r "
            "JOIN segments s ON s.id = r.segment WHERE tape = ? AND take = ? AND offset <= ? AND length > 0 "
            "ORDER BY offset DESC, length DESC LIMIT 1",
            (tape, take, offset),
        ).fetchone()
        found = None if row is None else Piece(*row)
        return found if found is not None and offset < found.offset + found.length else None

    def pieces(self, tape: str, take: int) -> Iterator[Piece]:
        """The records of a take in order."""
        for row in self._db.execute(
            "SELECT r.offset, r.length, s.machine, s.name, r.pos, r.sha256 FROM records r "
            "JOIN segments s ON s.id = r.segment WHERE tape = ? AND take = ? ORDER BY offset, length",
            (tape, take),
        ):
            yield Piece(*row)

    def tapes(self) -> Iterator[TapeInfo]:
        rows = self._db.execute("SELECT id, machine, importer, path FROM tapes ORDER BY path, id").fetchall()
        for tape, machine, importer, path in rows:
            takes = self._db.execute(
                "SELECT take, length, head, tail, whole, first_at, last_at FROM takes WHERE tape = ? ORDER BY take",
                (tape,),
            ).fetchall()
            yield TapeInfo(tape, machine, importer, Path(os.fsdecode(path)), tuple(_take(t) for t in takes))

    def totals(self) -> tuple[int, int]:
        """Files, and bytes kept of them in all takes."""
        row = self._db.execute(
            "SELECT (SELECT count(*) FROM tapes), (SELECT sum(length) FROM records)"
        ).fetchone()
        return int(row[0]), int(row[1] or 0)


def _take(row: tuple[int, int, str, str, int, float, float]) -> TakeInfo:
    return TakeInfo(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6])


def _prepare(db: sqlite3.Connection) -> None:
    """Settings and migrations. A database of a later version than ours raises DatabaseError."""
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(_MIGRATIONS):
        raise sqlite3.DatabaseError("written by a later version")
    if version == len(_MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    version = int(db.execute("PRAGMA user_version").fetchone()[0])  # another process may have been first
    for number, script in enumerate(_MIGRATIONS[version:], version + 1):
        for statement in script.split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version={number}")
    db.execute("COMMIT")
