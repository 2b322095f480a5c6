"""Ids that look like the real ones and never change: made from a story's name, not from the clock."""

from __future__ import annotations

import hashlib
from uuid import UUID

from tapedeck_tui.demo.story import Story

REFERENCE = 1_767_225_600.0
"""The fixed ``now`` that time-ordered ids count from (1 January 2026), so that they do not move with the demo."""

_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _digest(*parts: object) -> bytes:
    return hashlib.sha256("\x1f".join(str(part) for part in ("tapedeck-demo", *parts)).encode()).digest()


def random_uuid(*parts: object) -> str:
    """A version 4 UUID."""
    return str(UUID(bytes=_digest(*parts)[:16], version=4))


def ordered_uuid(story: Story, step: int) -> str:
    """A version 7 UUID: its first 48 bits grow with the story's start and with ``step``."""
    milliseconds = int(story.start(REFERENCE) * 1000) + step * 1000
    raw = bytearray(milliseconds.to_bytes(6, "big") + _digest(story.name, step)[:10])
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return str(UUID(bytes=bytes(raw)))


def token(prefix: str, length: int, *parts: object) -> str:
    """A prefix and ``length`` letters and digits: message, request and call ids."""
    number = int.from_bytes(_digest(prefix, *parts), "big")
    out = []
    for _ in range(length):
        number, rest = divmod(number, len(_LETTERS))
        out.append(_LETTERS[rest])
    return prefix + "".join(out)


def hexadecimal(length: int, *parts: object) -> str:
    """``length`` hexadecimal digits, at most 64."""
    return _digest(*parts).hex()[:length]


def session_id(story: Story) -> str:
    """The id the harness gives this session: what its file is named after."""
    if "agent-of" in story.facts:
        return "agent-" + hexadecimal(17, story.name)
    return ordered_uuid(story, 0) if story.source == "codex" else random_uuid(story.name)
