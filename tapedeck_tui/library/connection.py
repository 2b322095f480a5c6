"""A connection to the library that says in words when the file under it fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tapedeck_tui.errors import StorageError

_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
                   sqlite3.SQLITE_PERM})  # fmt: skip
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_IN_USE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_T = TypeVar("_T")


class Connection(sqlite3.Connection):
    """Raises StorageError when the disk is full or fails, the file is damaged, or another process keeps it.

    SQLite takes a whole transaction back when the disk fails inside it. Whoever was writing believes in rows that
    are not there, so a transaction that failed is the last one of its connection: every later statement
    raises the same error, and ROLLBACK does nothing more.
    """

    _failure: StorageError | None = None

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if self._failure is not None and sql == "ROLLBACK":
            if self.in_transaction:
                super().execute(sql)
            return self.cursor()
        return self._told(lambda: super(Connection, self).execute(sql, parameters))

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        return self._told(lambda: super(Connection, self).executemany(sql, parameters))

    def executescript(self, sql_script: str, /) -> sqlite3.Cursor:
        return self._told(lambda: super(Connection, self).executescript(sql_script))

    def _told(self, do: Callable[[], _T]) -> _T:
        if self._failure is not None:
            raise self._failure
        inside = self.in_transaction
        try:
            return do()
        except sqlite3.DatabaseError as exc:
            error = _in_words(exc)
            if error is None:
                raise
            if inside:
                self._failure = error
            raise error from exc


def _in_words(exc: sqlite3.DatabaseError) -> StorageError | None:
    """What failed and what to do; None for a mistake in a statement."""
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code in _DISK:
        return StorageError(
            f"The library cannot be read or written: {exc}.",
            "Make room on the disk and check that the folder may be written; then run: tapedeck sync",
        )
    if code in _DAMAGE:
        return StorageError(
            f"The library is damaged: {exc}.",
            "Delete library.db, lexical/ and vectors/ in its folder and run: tapedeck sync",
        )
    if code in _IN_USE:
        return StorageError(f"The library is in use: {exc}.", "Wait for the other tapedeck, then try again.")
    return None
