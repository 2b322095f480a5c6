"""The library's tables and how they are opened. Rebuildable: everything here comes from the tapes."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from tapedeck_tui.errors import StorageError
from tapedeck_tui.library.connection import Connection
from tapedeck_tui.paths import FILE_MODE

BUSY_MS = 5_000
"""How long a reader waits for a writer, milliseconds."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE files (
        row INTEGER PRIMARY KEY,
        importer TEXT NOT NULL,
        path TEXT NOT NULL UNIQUE,
        tape_id TEXT NOT NULL DEFAULT '',
        take INTEGER NOT NULL DEFAULT 0,
        kept INTEGER NOT NULL DEFAULT 0,
        offset INTEGER NOT NULL DEFAULT 0,
        line INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL DEFAULT '{}',
        pending INTEGER NOT NULL DEFAULT 0,
        seq INTEGER NOT NULL DEFAULT 0,
        prompt_row INTEGER,
        inode INTEGER NOT NULL DEFAULT 0,
        size INTEGER NOT NULL DEFAULT -1,
        mtime_ns INTEGER NOT NULL DEFAULT 0,
        first_at REAL,
        gone_at REAL,
        read_at REAL
    );
    CREATE TABLE sessions (
        row INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        harness TEXT NOT NULL,
        native_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        title_rank INTEGER NOT NULL DEFAULT -1,
        project TEXT NOT NULL DEFAULT '',
        cwd TEXT NOT NULL DEFAULT '',
        branch TEXT NOT NULL DEFAULT '',
        model TEXT NOT NULL DEFAULT '',
        parent TEXT NOT NULL DEFAULT '',
        headless INTEGER NOT NULL DEFAULT 0,
        started_at REAL,
        ended_at REAL,
        sort_at REAL NOT NULL DEFAULT 0,
        turns INTEGER NOT NULL DEFAULT 0,
        typed INTEGER NOT NULL DEFAULT 0,
        tools INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0,
        extra TEXT NOT NULL DEFAULT '{}',
        gone_at REAL
    );
    CREATE INDEX sessions_list ON sessions (sort_at DESC, row DESC, headless, parent, harness, project);
    CREATE INDEX sessions_native ON sessions (native_id);
    CREATE INDEX sessions_parent ON sessions (parent) WHERE parent <> '';
    CREATE TABLE turns (
        row INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        session_row INTEGER NOT NULL,
        file_row INTEGER NOT NULL,
        prompt_row INTEGER,
        author TEXT NOT NULL,
        at REAL,
        model TEXT NOT NULL DEFAULT '',
        speaker TEXT NOT NULL DEFAULT '',
        flags TEXT NOT NULL DEFAULT '',
        digest TEXT NOT NULL,
        parts BLOB NOT NULL,
        tools INTEGER NOT NULL DEFAULT 0,
        line INTEGER NOT NULL DEFAULT 0,
        offset INTEGER NOT NULL DEFAULT 0,
        length INTEGER NOT NULL DEFAULT 0,
        chunks INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX turns_file ON turns (file_row);
    CREATE TABLE membership (
        session_row INTEGER NOT NULL,
        turn_row INTEGER NOT NULL,
        file_row INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (session_row, turn_row)
    ) WITHOUT ROWID;
    CREATE INDEX membership_position ON membership (session_row, position, turn_row);
    CREATE INDEX membership_turn ON membership (turn_row);
    CREATE INDEX membership_file ON membership (file_row);
    CREATE TABLE usage (
        key TEXT PRIMARY KEY,
        session_row INTEGER NOT NULL,
        model TEXT NOT NULL,
        input INTEGER NOT NULL,
        output INTEGER NOT NULL,
        cache_read INTEGER NOT NULL,
        cache_write INTEGER NOT NULL,
        at REAL
    ) WITHOUT ROWID;
    CREATE INDEX usage_session ON usage (session_row);
    CREATE TABLE links (
        session_row INTEGER NOT NULL,
        kind TEXT NOT NULL,
        target TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (session_row, kind, target)
    ) WITHOUT ROWID;
    CREATE INDEX links_target ON links (kind, target);
    CREATE TABLE problems (
        row INTEGER PRIMARY KEY,
        file_row INTEGER,
        kind TEXT NOT NULL,
        place TEXT NOT NULL,
        line INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        length INTEGER NOT NULL,
        what TEXT NOT NULL,
        hint TEXT NOT NULL,
        UNIQUE (file_row, kind, offset, what)
    );
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        turn_row INTEGER NOT NULL UNIQUE ON CONFLICT REPLACE
    );
    """,
)


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """A connection to the library. ``write=True`` creates it and applies migrations.

    Raises StorageError when the file cannot be opened, is damaged, or was made by a newer version.
    """
    try:
        if write:
            fresh = not path.exists()
            db = _open(path)
            if fresh:
                path.chmod(FILE_MODE)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA cache_size = -32000")
        else:
            db = _open(path)
            db.execute("PRAGMA query_only = ON")
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        _migrate(db, path, write)
    except sqlite3.DatabaseError as exc:
        hint = "Delete library.db, lexical/ and vectors/ in that folder and run: tapedeck sync"
        raise StorageError(f"The library {path} cannot be opened: {exc}.", hint) from exc
    return db


def _open(path: Path) -> Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Connection)


def _migrate(db: sqlite3.Connection, path: Path, write: bool) -> None:
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise StorageError(
            f"The library {path} was made by a newer tapedeck.", "Update tapedeck, or use another --home."
        )
    if version == len(MIGRATIONS) or not write:
        return
    for number in range(version, len(MIGRATIONS)):
        db.executescript(f"BEGIN; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;")


class Readers:
    """One read connection per thread; opening fails softly while the library does not exist yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def get(self) -> sqlite3.Connection | None:
        """This thread's connection, None while there is no library."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        inode = self._inode()
        if db is not None and getattr(self._local, "inode", None) == inode:
            return db
        if db is not None:
            db.close()
            self._local.db = None
        if inode is None:
            return None
        db = connect(self._path)
        if not int(db.execute("PRAGMA user_version").fetchone()[0]):
            db.close()
            return None
        self._local.db, self._local.inode = db, inode
        return db

    def _inode(self) -> int | None:
        try:
            return self._path.stat().st_ino
        except OSError:
            return None
