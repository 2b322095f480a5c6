"""Codex rollout files: knowing one, the id in its name, and reading a compressed one (FORMATS 2.1)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson
import zstandard

from importers.contract import Source
from importers.readers import as_dict, as_list, as_text

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ROLLOUT = re.compile(
    rf"rollout-\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\d-({UUID})(?:_[^.]*)?\.jsonl(?:\.zst)?$", re.IGNORECASE
)
_ANY_UUID = re.compile(UUID, re.IGNORECASE)
_HEAD = 16 * 1024
"""Bytes that ``sniff`` reads. A header line may be longer (it holds the instructions), so its start must do."""
_STEP = 4 * 1024
"""Compressed bytes that are unpacked at a time: even made to burst, they give no more than 128 MB."""
_ENVELOPES = {"session_meta", "response_item", "event_msg", "turn_context", "compacted", "world_state"}
_ITEMS = {"message", "reasoning", "function_call", "function_call_output", "local_shell_call"}
_CUT_META = re.compile(rb'"type"\s*:\s*"session_meta"\s*,\s*"payload"\s*:\s*\{')
_CUT_HEADER = re.compile(rb'\A\{"id"\s*:\s*"[^"]+"\s*,\s*"timestamp"\s*:\s*"[^"]+"\s*,\s*"instructions"\s*:')
_CUT_ENVELOPE = re.compile(
    rb'\A\{"timestamp"\s*:\s*"[^"]*"\s*,\s*(?:"ordinal"\s*:\s*\d+\s*,\s*)?'
    rb'"type"\s*:\s*"(?:response_item|event_msg|turn_context|compacted)"\s*,\s*"payload"'
)


def id_in_name(path: Path) -> str:
    """The thread id of a ``rollout-<time>-<uuid>`` name (a revision suffix is not part of it), "" if none."""
    found = _ROLLOUT.search(path.name)
    return found.group(1).lower() if found else ""


def last_uuid(path: Path) -> str:
    """The last UUID in the file's name, "" if none."""
    found = _ANY_UUID.findall(path.name)
    return str(found[-1]).lower() if found else ""


def is_compressed(path: Path) -> bool:
    return path.name.endswith(".zst")


def looks_like_rollout(path: Path) -> bool:
    """Whether the first few KB are a Codex rollout of any generation. Never raises."""
    if path.name.startswith("rollout-compress-"):
        return False
    try:
        with path.open("rb") as file:
            head = _start(file, is_compressed(path))
    except (OSError, zstandard.ZstdError, ValueError):
        return False
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return any(_is_record(line.strip()) for line in lines[:8])


def _start(file: BinaryIO, compressed: bool) -> bytes:
    if not compressed:
        return file.read(_HEAD)
    head = b""
    with _Unpacker(file, 4 * _HEAD) as unpacker:
        while len(head) < _HEAD and (piece := unpacker.read(_HEAD)):
            head += piece
    return head


def _is_record(line: bytes) -> bool:
    try:
        value = orjson.loads(line)
    except ValueError:
        return any(cut.search(line[:2000]) for cut in (_CUT_META, _CUT_HEADER, _CUT_ENVELOPE))
    if not isinstance(value, dict):
        return False
    kind = as_text(value.get("type"))
    if kind in _ENVELOPES:
        return isinstance(value.get("payload"), dict)
    if "record_type" in value:
        return bool(value["record_type"] == "state")
    if kind in _ITEMS:
        blocks = {as_text(as_dict(block).get("type")) for block in as_list(value.get("content"))}
        return kind != "message" or bool(blocks & {"input_text", "output_text"})
    return is_old_header(value)


def is_old_header(value: dict[str, Any]) -> bool:
    """The bare first line of the oldest rollouts."""
    return (
        {"id", "timestamp", "instructions"} <= value.keys() and "payload" not in value and "role" not in value
    )


class _Unpacker(io.RawIOBase):
    """The unpacked bytes of a zstd file of any number of frames; damage ends it and is told in ``error``."""

    def __init__(self, packed: BinaryIO, size: int) -> None:
        self._packed = packed
        self._left = size
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._inside = False
        self._ready = memoryview(b"")
        self._at = 0
        self.error = ""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Forward only: what lies between is unpacked and passed over."""
        if whence != io.SEEK_SET or offset < self._at:
            raise io.UnsupportedOperation("a compressed rollout can only be read forward")
        while self._at < offset and self._fill():
            self._take(offset - self._at)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if not self._fill():
            return 0
        piece = self._take(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._packed.close()
        super().close()

    def _take(self, most: int) -> memoryview:
        piece, self._ready = self._ready[:most], self._ready[most:]
        self._at += len(piece)
        return piece

    def _fill(self) -> bool:
        rest = b""
        while not self._ready and not self.error:
            packed = rest or self._packed.read(min(_STEP, self._left))
            self._left -= len(packed) - len(rest)
            if not packed:
                self.error = "the compressed file is cut off" if self._inside else ""
                return False
            try:
                self._ready = memoryview(self._frame.decompress(packed))
                rest = self._frame.unused_data if self._frame.eof else b""
            except zstandard.ZstdError as exc:
                self.error = f"the compressed file is damaged ({exc})"
                return False
            self._inside = not self._frame.eof
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            if rest and self._ready:
                self._packed.seek(-len(rest), io.SEEK_CUR)
                self._left += len(rest)
                rest = b""
        return bool(self._ready)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A ``.jsonl.zst`` source as the lines in it. Offsets and sizes are those of the unpacked bytes.

    size   unpacked bytes that can be read
    error  why the rest cannot, "" when all can
    """

    packed: Source
    size: int
    error: str

    @classmethod
    def of(cls, packed: Source) -> Unpacked:
        """Unpacks once without keeping anything, to know how much there is. Raises OSError."""
        size = 0
        buffer = bytearray(1024 * 1024)
        with _Unpacker(packed.open(), packed.size) as unpacker:
            while got := unpacker.readinto(buffer):
                size += got
            return cls(packed, size, unpacker.error)

    @property
    def path(self) -> Path:
        return self.packed.path

    def open(self) -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Unpacker(self.packed.open(), self.packed.size), 1024 * 1024))

    def siblings(self, pattern: str) -> Sequence[Path]:
        return self.packed.siblings(pattern)

    def open_sibling(self, path: Path) -> BinaryIO:
        return self.packed.open_sibling(path)
