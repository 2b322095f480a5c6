"""A source file as the library knows it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from importers.contract import Cursor


@dataclass(slots=True)
class FileState:
    """What the library knows of one source file. ``row`` is 0 until the first flush.

    kept        bytes of this take on the tape; ``cursor`` is how far they were read
    seq         orders the turns of the file: where the last one stands (byte offset), or one more than the one before
    prompt_row  the last ask, in ``prompt_session``, that following turns answer
    size        with ``inode`` and ``mtime_ns``: how the file looked when it was last read
    first_at    time of its first turn
    """

    importer: str
    path: str
    row: int = 0
    tape_id: str = ""
    take: int = 0
    kept: int = 0
    cursor: Cursor = field(default_factory=Cursor)
    seq: int = 0
    prompt_row: int | None = None
    prompt_session: str = ""
    inode: int = 0
    size: int = -1
    mtime_ns: int = 0
    first_at: float | None = None
    read_at: float | None = None

    def read_again(self) -> None:
        """Forget how far it was read: the next read begins at its start. Turns known by then are known again."""
        self.cursor, self.seq, self.size = Cursor(), 0, -1
        self.prompt_row, self.prompt_session = None, ""

    def is_unchanged(self, stat: os.stat_result) -> bool:
        """Whether nothing happened to the file since it was last read to its end."""
        return (
            self.size == stat.st_size
            and self.mtime_ns == stat.st_mtime_ns
            and self.inode == stat.st_ino
            and self.cursor.offset + self.cursor.pending >= min(self.kept, stat.st_size)
        )
