"""Keeping source files byte-exactly, and giving them back."""

from __future__ import annotations

import hashlib
import io
import os
import re
import sqlite3
import threading
import time
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from filelock import FileLock, Timeout

from importers.contract import Problem, Span
from tapedeck_tui.errors import Busy, NotFound, Refused, StorageError
from tapedeck_tui.paths import FILE_MODE, FOLDER_MODE, Home
from tapedeck_tui.tapes import segment
from tapedeck_tui.tapes.index import Piece, TakeInfo, TapeIndex, TapeInfo
from tapedeck_tui.tapes.reader import BUFFER, TapeReader
from tapedeck_tui.tapes.segment import Damage, RecordInfo
from tapedeck_tui.tapes.source import CountedFile, is_credential, open_regular

EDGE = 64 * 1024
"""Bytes at the start of a file, and before the kept length, that are compared before bytes are added."""
_EMPTY = hashlib.sha256(b"").hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Kept:
    """What ``keep`` did.

    offset_before  bytes of this take kept before
    length         bytes of this take kept now
    new_bytes      bytes written to the tape
    rewritten      the file was not a longer version of what was kept: a new take was begun
    bytes_read     bytes read from the source file
    """

    tape_id: str
    take: int
    offset_before: int
    length: int
    new_bytes: int
    rewritten: bool
    bytes_read: int


@dataclass(frozen=True, slots=True)
class Totals:
    """files kept; bytes of them in all takes; bytes of the segments."""

    files: int
    source_bytes: int
    tape_bytes: int


def tape_id(machine: str, path: Path) -> str:
    """The tape of a source file: the same for the same absolute path on the same machine."""
    key = machine.encode() + b"\0" + os.fsencode(os.path.abspath(path))
    return "tp_" + b32encode(hashlib.sha256(key).digest()).decode().lower()[:16]


class TapeStore:
    """All tapes of a home. Any number may read; one process at a time keeps.

    Args:
        home: where the tapes are; folders are made when missing.
        machine: id of this machine; the name of its folder of segments.
        clock: Unix seconds.

    Opening adds to the index what the segments hold beyond it, cuts what a killed writer left unfinished,
    and makes the index again when it is gone or does not fit. Raises StorageError when that is impossible.
    """

    def __init__(self, home: Home, machine: str, clock: Callable[[], float] = time.time) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", machine):
            raise StorageError(
                f"{machine!r} cannot be the name of a machine's tapes.", "Use letters, digits, . _ -"
            )
        self.root = home.make().tapes
        self.machine = machine
        self._clock = clock
        self._folder = self.root / machine
        for folder in (self.root, self._folder):
            _private_folder(folder)
        self._writer = FileLock(str(self.root / ".writer.lock"), mode=FILE_MODE, thread_local=False)
        self._turn = threading.RLock()
        self._depth = 0
        self._files: dict[str, BinaryIO] = {}
        self._index = TapeIndex(home.tape_index_db)
        try:
            with self._writer.acquire(timeout=0):
                self._recover()
        except Timeout:
            pass  # a living writer looks after its own segment, and its index says what is kept

    def close(self) -> None:
        self._index.close()

    # keeping
    @contextmanager
    def batch(self) -> Iterator[None]:
        """Keep several files with one fsync at the end; nothing kept inside is durable before.

        What was kept before an error inside stays kept. Raises Busy when another process is keeping.
        """
        with self._turn:
            if self._depth == 0:
                self._enter()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._leave()

    def _enter(self) -> None:
        try:
            self._writer.acquire(timeout=10)
        except Timeout as exc:
            raise Busy("Another process is writing tapes.", "Wait until it is done, or stop it.") from exc
        try:
            self._recover()
            self._index.begin()
        except sqlite3.OperationalError as exc:
            self._writer.release()
            raise StorageError(f"Cannot write the tape index: {exc}.", _FULL) from exc
        except BaseException:
            self._writer.release()
            raise

    def _leave(self) -> None:
        try:
            try:
                for file in self._files.values():
                    os.fsync(file.fileno())
            except OSError as exc:
                self._index.rollback()
                raise StorageError(
                    f"Cannot write tapes below {self._folder}: {exc.strerror or exc}.", _FULL
                ) from exc
            try:
                self._index.commit()
            except sqlite3.Error as exc:  # the tapes hold it all: the next run notes it
                raise StorageError(f"Cannot write the tape index: {exc}.", _FULL) from exc
        finally:
            for file in self._files.values():
                file.close()
            self._files.clear()
            self._writer.release()

    def keep(self, path: Path, importer: str, deep: bool = False) -> Kept:
        """Keep what is new of one file; durable on return (in a batch: when the batch ends).

        Args:
            path: the file; it is read up to the size it has now.
            importer: who will read it.
            deep: compare everything kept with the file, not only both ends of it.

        Raises: Refused for files that hold credentials; NotFound when the file is gone; StorageError when it
        cannot be read or the tape cannot be written (the tape stays whole); Busy.
        """
        path = Path(os.path.abspath(path))
        if is_credential(path) or (path.is_symlink() and is_credential(path.resolve())):
            raise Refused(f"{path} holds credentials; such files are never kept.")
        with self.batch():
            try:
                with open_regular(path) as source:
                    return self._keep(CountedFile(source), path, importer, deep)
            except FileNotFoundError as exc:
                raise NotFound(
                    f"{path} is gone.", "What was kept of it before is still on its tape."
                ) from exc
            except OSError as exc:
                raise StorageError(
                    f"{path} cannot be read: {exc.strerror or exc}.",
                    "Check that the file may be read by you.",
                ) from exc

    def _keep(self, source: CountedFile, path: Path, importer: str, deep: bool) -> Kept:
        size = source.size
        tape = tape_id(self.machine, path)
        known = self._index.newest_take(tape)
        last = None if known is None else self._continues(source, tape, known, size, deep)
        if known is not None and last is not None:
            take, before, tail, head_hash = known.take, known.length, last, known.head
            head = last if known.length <= EDGE else b""
        else:
            take, before, head, tail, head_hash = (known.take + 1 if known else 1), 0, b"", b"", _EMPTY
        at = before
        header = {"tape": tape, "take": take, "importer": importer, "path": str(path)}
        while at < size or (at == 0 and last is None):
            data = source.read(at, min(segment.MAX_RAW, size - at))
            if not data and (at or last is not None):
                break  # it shrank while it was read: what was seen is kept, the next look starts a new take
            if at < EDGE:
                head = (head + data)[:EDGE]
                head_hash = _digest(head)
            tail = (tail + data[-EDGE:])[-EDGE:]
            now = self._clock()
            self._write(
                {**header, "offset": at, "at": now, "head": head_hash, "tail": _digest(tail)}, data, now
            )
            at += len(data)
            if not data:
                break
        return Kept(tape, take, before, at, at - before, known is not None and last is None, source.count)

    def _continues(
        self, source: CountedFile, tape: str, known: TakeInfo, size: int, deep: bool
    ) -> bytes | None:
        """The last bytes kept (64 KB at most) when the file still begins with all that was kept, else None."""
        if size < known.length or not known.whole:
            return None
        edge = min(EDGE, known.length)
        head = source.read(0, edge)
        if _digest(head) != known.head:
            return None
        tail = head if known.length <= EDGE else source.read(known.length - edge, edge)
        if _digest(tail) != known.tail:
            return None
        if deep:
            for piece in self._index.pieces(tape, known.take):
                if hashlib.sha256(source.read(piece.offset, piece.length)).digest() != piece.sha256:
                    return None
        return tail

    def _write(self, header: dict[str, object], data: bytes, now: float) -> None:
        name = datetime.fromtimestamp(now, UTC).strftime("%Y-%m") + ".tape"
        try:
            file = self._files.get(name) or self._open_segment(name)
            records = segment.append(file, header, data)
        except OSError as exc:
            raise StorageError(f"Cannot write {self._folder / name}: {exc.strerror or exc}.", _FULL) from exc
        try:
            for record in records:
                self._index.note(self.machine, name, record)
        except sqlite3.Error as exc:
            raise StorageError(f"Cannot write the tape index: {exc}.", _FULL) from exc

    def _open_segment(self, name: str) -> BinaryIO:
        path = self._folder / name
        is_new = not path.exists()
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        file = cast(BinaryIO, os.fdopen(number, "r+b", buffering=0))
        self._files[name] = file
        if is_new:
            for folder in (self._folder, self.root):
                _sync_folder(folder)
        return file

    # giving back
    def open(self, tape: str, take: int) -> BinaryIO:
        """The kept bytes of one take as a seekable file. Raises NotFound; reading raises StorageError."""
        info = self._index.take(tape, take)
        if info is None:
            raise NotFound(f"There is no take {take} of tape {tape}.")
        raw = TapeReader(self._index, self._path, tape, take, info.length)
        return cast(BinaryIO, io.BufferedReader(raw, BUFFER))

    def read(self, tape: str, take: int, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset`` on (fewer at the end of the take). Raises as ``open``."""
        with self.open(tape, take) as file:
            file.seek(offset)
            return file.read(length)

    def holds(self, path: Path) -> bool:
        """Whether nothing happened to the file since it was kept, as far as its size and time tell."""
        newest = self._index.newest_take(tape_id(self.machine, path))
        try:
            now = path.stat()
        except OSError:
            return True  # gone: there is nothing to keep
        return newest is not None and newest.length == now.st_size and now.st_mtime < newest.last_at

    def tapes(self) -> Iterator[TapeInfo]:
        """All tapes, in order of their paths."""
        return self._index.tapes()

    def totals(self) -> Totals:
        files, source_bytes = self._index.totals()
        return Totals(files, source_bytes, sum(p.stat().st_size for _, p in self._segments()))

    # looking after
    def verify(self) -> Iterator[Problem]:
        """Read every record of every segment and compare it with its hash; what is wrong or missing."""
        hint = "Copy the segment back from a backup or another machine; the other records are whole."
        for _, path in self._segments():
            for item in segment.scan(path, check=True):
                if isinstance(item, Damage):
                    where = f"{path}, byte {item.pos:,}"
                    yield Problem(
                        where, item.what, hint, Span(0, item.pos, item.end - item.pos), "tape-damaged"
                    )
        for info in self._index.tapes():
            for take in info.takes:
                reached = 0
                for piece in self._index.pieces(info.tape_id, take.take):
                    if piece.offset > reached:
                        what = f"bytes {reached:,} to {piece.offset:,} of take {take.take} are missing"
                        span = Span(0, reached, piece.offset - reached)
                        yield Problem(f"{info.path} (tape {info.tape_id})", what, hint, span, "tape-missing")
                    reached = max(reached, piece.offset + piece.length)

    def rebuild_index(self) -> None:
        """Make the index again from the segments. Raises Busy."""
        with self.batch():
            self._remake()

    def _remake(self) -> None:
        self._index.clear()
        for machine, path in self._segments():
            if machine == self.machine:
                segment.cut_torn_tail(path)
            self._add(machine, path, 0)

    def _recover(self) -> None:
        """Bring the index up to the segments. Needs the writer's lock."""
        known = self._index.known()
        paths = {(machine, path.name): path for machine, path in self._segments()}
        sizes = {key: path.stat().st_size for key, path in paths.items()}
        if known == sizes:
            return
        self._index.begin()
        try:
            if not known or any(sizes.get(key, -1) < size for key, size in known.items()):
                self._remake()
            else:
                for key, path in paths.items():
                    start = known.get(key, 0)
                    if start < sizes[key]:
                        if key[0] == self.machine:
                            segment.cut_torn_tail(path, start, unfinished=start > 0)
                        self._add(key[0], path, start)
        except BaseException:
            self._index.rollback()
            raise
        self._index.commit()

    def _add(self, machine: str, path: Path, start: int) -> None:
        for item in segment.scan(path, start, check=start > 0):
            if isinstance(item, RecordInfo):
                self._index.note(machine, path.name, item)
        self._index.reach(machine, path.name, path.stat().st_size)

    def _segments(self) -> Iterator[tuple[str, Path]]:
        """(machine, segment), in the order they were written."""
        for folder in sorted(p for p in self.root.iterdir() if p.is_dir()):
            for path in sorted(folder.glob("*.tape")):
                yield folder.name, path

    def _path(self, piece: Piece) -> Path:
        return self.root / piece.machine / piece.name


_FULL = "Check that the disk is not full; what was kept before is safe."


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _private_folder(path: Path) -> None:
    try:
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if os.name == "posix":
            path.chmod(FOLDER_MODE)
    except OSError as exc:
        raise StorageError(
            f"Cannot create or use the folder {path}: {exc.strerror or exc}.",
            "Set TAPEDECK_HOME to a folder you can write to.",
        ) from exc


def _sync_folder(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
