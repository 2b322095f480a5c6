"""File names as SQLite keeps them. A name is bytes; one that is no UTF-8 cannot be SQLite text."""

from __future__ import annotations

import os


def stored(path: str) -> str | bytes:
    """The path as a column holds it: text, or its bytes when they are no UTF-8 (lone surrogates in Python)."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path


def read(value: object) -> str:
    """What ``stored`` was given; "" for NULL."""
    return os.fsdecode(value) if isinstance(value, bytes) else str(value or "")


def is_gone(path: str) -> bool:
    """Whether there is surely no such file; one we may not look at is not gone."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
