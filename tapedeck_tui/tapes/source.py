"""Source files as the tapes read them: plain files only, no credentials, and every byte read is counted."""

from __future__ import annotations

import fnmatch
import os
import stat
from pathlib import Path
from typing import BinaryIO, cast

from tapedeck_tui.errors import StorageError

_SECRET_NAMES = ("auth.json", ".credentials.json", "credentials*.json", "*.pem", "id_*", ".env")


def is_credential(path: Path) -> bool:
    """Whether the file's name says that it holds keys or tokens; such files are never kept."""
    return any(fnmatch.fnmatchcase(path.name.lower(), pattern) for pattern in _SECRET_NAMES)


class CountedFile:
    """A source file of which we know how much was read."""

    def __init__(self, file: BinaryIO) -> None:
        self.count = 0
        self.size = os.fstat(file.fileno()).st_size
        self._file = file

    def read(self, offset: int, length: int) -> bytes:
        """``length`` bytes at ``offset``; fewer only when the file ends before."""
        self._file.seek(offset)
        got = bytearray()
        while len(got) < length:
            piece = self._file.read(length - len(got))
            if not piece:
                break
            got += piece
        self.count += len(got)
        return bytes(got)


def open_regular(path: Path) -> BinaryIO:
    if not stat.S_ISREG(path.stat().st_mode):
        raise StorageError(f"{path} is not a plain file.", "Only plain files can be kept.")
    return cast(BinaryIO, path.open("rb", buffering=0))
