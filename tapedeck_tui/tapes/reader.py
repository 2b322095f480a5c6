"""Reading a take as if it were the file."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

from tapedeck_tui.errors import StorageError
from tapedeck_tui.tapes import segment
from tapedeck_tui.tapes.index import Piece, TapeIndex

BUFFER = 256 * 1024


class TapeReader(io.RawIOBase):
    """The kept bytes of one take, seekable. Holds one record (8 MB at most) at a time.

    Args:
        index: where the records stand.
        locate: gives the path of a record's segment.
        length: bytes of the take.

    Reading raises StorageError when a record is missing or damaged.
    """

    def __init__(
        self, index: TapeIndex, locate: Callable[[Piece], Path], tape: str, take: int, length: int
    ) -> None:
        self._index = index
        self._locate = locate
        self._tape = tape
        self._take = take
        self._length = length
        self._at = 0
        self._start = 0
        self._data = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        if base + offset < 0:
            raise ValueError("cannot seek before the start")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at >= self._length or not len(buffer):
            return 0
        if not self._start <= self._at < self._start + len(self._data):
            self._load()
        begin = self._at - self._start
        piece = self._data[begin : begin + min(len(buffer), self._length - self._at)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _load(self) -> None:
        found = self._index.piece(self._tape, self._take, self._at)
        if found is None:
            raise StorageError(
                f"Byte {self._at:,} of tape {self._tape}, take {self._take}, is missing.",
                "Run: tapedeck doctor. Copy the segment that held it back from a backup or another machine.",
            )
        path = self._locate(found)
        header, data = segment.read(path, found.pos)
        if header["sha256"] != found.sha256.hex():
            raise StorageError(
                f"{path}, byte {found.pos:,}: another record stands where the index points.",
                "Delete tape-index.db; it is made again from the tapes.",
            )
        self._start, self._data = found.offset, data
