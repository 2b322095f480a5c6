"""A small real PNG for prompts with a pasted image."""

from __future__ import annotations

import random
import struct
import zlib

_WIDTH, _HEIGHT = 96, 54


def png(seed: str) -> bytes:
    """A few KB of grey noise in bands, the same for the same seed."""
    chance = random.Random(seed)
    rows = b"".join(
        b"\x00" + bytes((y * 4 + chance.randint(0, 24)) % 256 for _ in range(_WIDTH)) for y in range(_HEIGHT)
    )
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
