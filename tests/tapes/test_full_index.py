"""The tape index on a disk that is full."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tapedeck_tui.errors import StorageError
from tapedeck_tui.paths import Home
from tapedeck_tui.tapes.index import TapeIndex
from tapedeck_tui.tapes.store import TapeStore


def test_an_index_that_cannot_be_written_is_said_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes are on the tape before the index is written: the error names the disk, and the next store finds
    them there and does not keep them twice."""
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"{}\n" * 1000)
    store = TapeStore(Home(tmp_path / "home"), "machine", lambda: 1_760_000_000.0)

    def full(self: TapeIndex) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(TapeIndex, "commit", full)
        with pytest.raises(StorageError, match="disk is full"):
            store.keep(source, "claude-code")
    store.close()
    again = TapeStore(Home(tmp_path / "home"), "machine", lambda: 1_760_000_000.0)
    kept = again.keep(source, "claude-code")
    assert (kept.new_bytes, kept.length) == (0, 3000)
    assert again.read(kept.tape_id, kept.take, 0, 3000) == source.read_bytes()
    again.close()
