"""Stable ids (DESIGN section 4): the same thing has the same id on every machine and after every rebuild."""

from __future__ import annotations

import base64
import hashlib
import unicodedata


def _short(key: str) -> str:
    raw = hashlib.sha256(key.encode("utf-8", "replace")).digest()
    return base64.b32encode(raw)[:16].decode().lower()


def turn_id(key: str) -> str:
    """``t_`` + 16 base32 characters of the key's sha256."""
    return "t_" + _short(key)


def session_id(harness: str, native_id: str) -> str:
    """``s_`` + 16 base32 characters of harness and the harness's own id."""
    return "s_" + _short(f"{harness}\0{native_id}")


def digest(text: str) -> str:
    """sha256 (hex) of the NFC of cleaned, unmasked text."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def joint_digest(digests: list[str]) -> str:
    """The digest of a turn from those of its parts: of one part, that part's own; of several, the sha256 of
    the list. So a turn read in stages has the digest of one read at once."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
