"""What happens to the library when the disk does not take it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from importers.contract import Cursor, Part, Turn
from tapedeck_tui.errors import StorageError
from tapedeck_tui.library import schema
from tapedeck_tui.library.write import Writer


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = schema.connect(tmp_path / "library.db", write=True)
    yield made
    made.close()


def fill(writer: Writer, name: str, size: int = 200_000) -> None:
    file = writer.file("claude-code", name)
    file.kept = size
    words = " ".join(f"{name}{i}" for i in range(size // 10))
    writer.add(file, Turn(f"claude-code:{name}", "one", "typed", (Part("text", words),)))
    writer.add(file, Cursor(size, 1))


def test_a_full_disk_is_said_and_nothing_half_is_kept(db: sqlite3.Connection, tmp_path: Path) -> None:
    """The error names the disk, not a rollback. What SQLite took back is not built upon: the writer writes no
    more, and the next run, with room, writes everything."""
    writer = Writer(db, lambda: 5.0)
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 10}")
    fill(writer, "a")
    with pytest.raises(StorageError, match="full") as told:
        writer.flush()
    assert "room" in told.value.hint
    with pytest.raises(StorageError, match="full"):
        writer.flush()
    again = schema.connect(tmp_path / "library.db", write=True)
    assert again.execute("SELECT count(*) FROM turns").fetchone() == (0,)
    writer = Writer(again, lambda: 5.0)
    fill(writer, "a")
    writer.flush()
    assert again.execute("SELECT count(*) FROM turns").fetchone() == (1,)
    again.close()


def test_a_damaged_library_is_said(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    schema.connect(path, write=True).close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    db = schema.connect(path)
    with pytest.raises(StorageError, match="damaged"):
        db.execute("SELECT * FROM turns").fetchone()
    db.close()


def test_another_writer_is_said(db: sqlite3.Connection, tmp_path: Path) -> None:
    other = schema.connect(tmp_path / "library.db", write=True)
    other.execute("PRAGMA busy_timeout = 0")
    db.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="in use"):
        other.execute("BEGIN IMMEDIATE")
    db.execute("ROLLBACK")
    other.execute("BEGIN IMMEDIATE")  # a lock is no failure of the file: the connection goes on
    other.close()


def test_a_mistake_in_a_statement_stays_a_mistake(db: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError):
        db.execute("SELECT nothing FROM nowhere")
