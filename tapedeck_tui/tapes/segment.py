"""The file format of a tape segment: byte-exact, append-only, readable with standard tools.

A record is a zstd *skippable frame* (RFC 8878 section 3.1.2: magic 0x184D2A5A and a length, both little
endian) that holds a JSON header, followed by an ordinary zstd frame (level 3, content checksum) of the
bytes. ``zstdcat 2026-11.tape`` therefore prints every kept byte in the order it was kept.

The header is what the caller gives plus what is needed to pass over the record and to trust it:

    length   bytes of source in this record
    z        bytes of the ordinary frame that follows
    sha256   of the source bytes
    crc      CRC-32 of the header without this field; it is always the last field
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from tapedeck_tui.errors import StorageError

MAGIC = (0x184D2A5A).to_bytes(4, "little")
FRAME_MAGIC = (0xFD2FB528).to_bytes(4, "little")
MAX_RAW = 8 * 1024 * 1024
"""Source bytes of one record at most; longer data becomes several records."""
MAX_HEADER = 64 * 1024
"""Bytes of a header at most: a longest path, escaped, fits with room to spare."""
LEVEL = 3
_PEEK = 2048
_STEP = 1024 * 1024
_CRC = b',"crc":"'
_local = threading.local()


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """A record as its header tells it.

    pos       where the record starts in its segment
    data_pos  where its ordinary frame starts
    end       the first byte after it
    header    the parsed header
    """

    pos: int
    data_pos: int
    end: int
    header: dict[str, Any]

    @property
    def length(self) -> int:
        """Source bytes in the record."""
        return int(self.header["length"])


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a segment that are no record.

    torn  nothing readable follows and the bytes are the beginning of a record that was never finished
    tail  nothing readable follows
    """

    pos: int
    end: int
    what: str
    torn: bool = False
    tail: bool = False


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(
            level=LEVEL, write_checksum=True, write_content_size=True
        )
    found: zstandard.ZstdCompressor = _local.compressor
    return found


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    found: zstandard.ZstdDecompressor = _local.decompressor
    return found


def _seal(header: Mapping[str, Any]) -> bytes:
    body = json.dumps(header, separators=(",", ":")).encode("ascii")
    return body[:-1] + _CRC + b'%08x"}' % zlib.crc32(body)


def _unseal(payload: bytes) -> dict[str, Any] | None:
    body, mark, tail = payload.rpartition(_CRC)
    if not mark or tail != b'%08x"}' % zlib.crc32(body + b"}"):
        return None
    try:
        header = json.loads(body + b"}")
    except ValueError:
        return None
    sound = isinstance(header, dict) and all(isinstance(header.get(k), int) for k in ("length", "z"))
    return header if sound and isinstance(header.get("sha256"), str) else None


def append(file: BinaryIO, header: Mapping[str, Any], data: bytes) -> list[RecordInfo]:
    """Write the bytes as one record (several when longer than MAX_RAW) at the end of the segment.

    Args:
        file: the segment, opened for reading and writing in binary, unbuffered or buffered.
        header: facts of the caller; ``offset`` (bytes, default 0) is moved on for each further record.
        data: source bytes; empty data makes one empty record.

    Returns: the records written. They are durable only after the caller's fsync.
    Raises: OSError; the segment is then as long as before the record that failed.
    """
    records: list[RecordInfo] = []
    offset = int(header.get("offset", 0))
    view = memoryview(data)
    for start in range(0, max(len(data), 1), MAX_RAW):
        piece = view[start : start + MAX_RAW]
        frame = _compressor().compress(piece)
        full = {
            **header,
            "offset": offset + start,
            "length": len(piece),
            "z": len(frame),
            "sha256": hashlib.sha256(piece).hexdigest(),
        }
        sealed = _seal(full)
        if len(sealed) > MAX_HEADER:
            raise StorageError(f"A tape header of {len(sealed):,} bytes is too long to write.")
        pos = file.seek(0, os.SEEK_END)
        try:
            _write_all(file, MAGIC + len(sealed).to_bytes(4, "little") + sealed + frame)
        except OSError:
            file.truncate(pos)
            raise
        data_pos = pos + 8 + len(sealed)
        records.append(RecordInfo(pos, data_pos, data_pos + len(frame), full))
    return records


def _write_all(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = file.write(view)
        view = view[written or 0 :]
    file.flush()


def _record_at(file: BinaryIO, pos: int, size: int) -> RecordInfo | Damage:
    """The record at ``pos``, or why there is none."""
    file.seek(pos)
    head = file.read(_PEEK)
    if not MAGIC.startswith(head[:4]):
        return Damage(pos, size, "no record starts here", torn=not head.strip(b"\0"))
    if len(head) < 8:
        return Damage(pos, size, "a record that was never finished", torn=True)
    length = int.from_bytes(head[4:8], "little")
    if length > MAX_HEADER:
        return Damage(pos, size, "a header that cannot be read")
    if len(head) < 8 + length:
        head += file.read(8 + length - len(head))
    if len(head) < 8 + length:
        return Damage(pos, size, "a record that was never finished", torn=True)
    header = _unseal(head[8 : 8 + length])
    if header is None:
        return Damage(pos, size, "a header that cannot be read")
    data_pos = pos + 8 + length
    end = data_pos + int(header["z"])
    if end > size:
        return Damage(pos, size, "a record that was never finished", torn=True)
    return RecordInfo(pos, data_pos, end, header)


def _next_record(file: BinaryIO, start: int, size: int) -> int:
    """Where the next readable record starts at or after ``start``; ``size`` when there is none."""
    at = start
    while at < size:
        file.seek(at)
        piece = file.read(_STEP)
        found = piece.find(MAGIC)
        while found >= 0:
            if isinstance(_record_at(file, at + found, size), RecordInfo):
                return at + found
            found = piece.find(MAGIC, found + 1)
        if len(piece) < _STEP:
            break
        at += len(piece) - len(MAGIC) + 1
    return size


def scan(path: Path, start: int = 0, check: bool = False) -> Iterator[RecordInfo | Damage]:
    """The records of a segment from ``start`` on, and the bytes between them that are none.

    Reads headers only and passes over the data; with ``check`` every record's data is read and a record
    that is not what it was comes as Damage. Goes on after damage at the next readable record. Reads no
    further than the size the file has at the start.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        pos = start
        while pos < size:
            found = _record_at(file, pos, size)
            if isinstance(found, RecordInfo):
                if check:
                    why = _wrong(file, found)
                    found = Damage(pos, found.end, why, tail=found.end == size) if why else found
                yield found
                pos = found.end
                continue
            after = _next_record(file, pos + 1, size)
            tail = after == size
            yield Damage(pos, after, found.what, torn=found.torn and tail, tail=tail)
            pos = after


def cut_torn_tail(path: Path, start: int = 0, unfinished: bool = False) -> int:
    """Cut off what a killed writer left unfinished at the end of a segment.

    Args:
        path: the segment.
        start: where to begin looking; a record boundary.
        unfinished: nothing after ``start`` was ever acknowledged, so records at the end whose bytes are not
            what their header says are cut too. Otherwise only a plainly unfinished record is.

    Returns: bytes removed.
    """
    cut = -1
    for item in scan(path, start, check=unfinished):
        if isinstance(item, RecordInfo):
            cut = -1
        elif cut < 0 and (item.torn or unfinished):
            cut = item.pos
    if cut < 0:
        return 0
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(cut)
        os.fsync(file.fileno())
    return size - cut


def _expand(file: BinaryIO, record: RecordInfo) -> bytes | str:
    """The bytes of a record, or what is wrong with it."""
    file.seek(record.data_pos)
    frame = file.read(int(record.header["z"]))
    if not frame.startswith(FRAME_MAGIC):
        return "the data of the record does not begin as it should"
    if record.length > MAX_RAW:
        return "the record says it is longer than records are"
    try:
        data = _decompressor().decompress(frame, max_output_size=MAX_RAW)
    except zstandard.ZstdError as exc:
        return f"the data of the record cannot be expanded ({exc})"
    if len(data) != record.length or hashlib.sha256(data).hexdigest() != record.header["sha256"]:
        return "the bytes of the record are not the ones that were kept"
    return data


def _wrong(file: BinaryIO, record: RecordInfo) -> str:
    found = _expand(file, record)
    return found if isinstance(found, str) else ""


def read(path: Path, pos: int) -> tuple[dict[str, Any], bytes]:
    """The header and the bytes of the record at ``pos``, checked against its sha256.

    Raises: StorageError naming segment and position when they are not what was kept, or cannot be read.
    """
    hint = "Run: tapedeck doctor. Copy this segment back from a backup or another machine."
    try:
        with path.open("rb") as file:
            record = _record_at(file, pos, os.fstat(file.fileno()).st_size)
            if isinstance(record, Damage):
                raise StorageError(f"{path}, byte {pos:,}: {record.what}.", hint)
            data = _expand(file, record)
    except OSError as exc:
        raise StorageError(f"{path}, byte {pos:,}: cannot be read: {exc.strerror or exc}.", hint) from exc
    if isinstance(data, str):
        raise StorageError(f"{path}, byte {pos:,}: {data}.", hint)
    return record.header, data
