"""Byte-exact keeping of source files: the durable part of the library.

``TapeStore`` in ``store`` is the door; ``segment`` is the file format.
"""

from __future__ import annotations
