"""Taking a JSON array of any size apart, one element at a time, without holding more than one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_ELEMENT = 256 * 1024 * 1024
"""Bytes of one element that are held; a larger one is passed over and told."""
_STEP = 1024 * 1024
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+[{}\[\]]', re.DOTALL)
_OPEN = b"{["
_OBJECT = ord("{")


@dataclass(frozen=True, slots=True)
class Element:
    """An object of the top-level array, or the one object a file is.

    raw     its bytes; empty when it is too large to hold
    offset  where it stands in the file
    is_cut  the file ends inside it
    """

    raw: bytes
    offset: int
    length: int
    is_cut: bool = False


def elements(file: BinaryIO, size: int) -> Iterator[Element]:
    """The objects of a file that is an array of objects, or a single object, in order.

    Args:
        file: standing at the start.
        size: bytes that may be read.

    Only brackets and strings are looked at, so an object that is broken inside still comes as a whole.
    A file that ends before its array does gives a last element that is cut, of no bytes if between two.
    """
    buffer = bytearray()
    base = at = depth = 0
    begin = -1
    started = dropped = is_single = False
    while size > 0 and (piece := file.read(min(size, max(_STEP, len(buffer) - at)))):
        size -= len(piece)
        buffer += piece
        while (found := _BRACKET.match(buffer, at)) is not None:
            at = found.end()
            bracket = buffer[at - 1]
            if bracket in _OPEN:
                if bracket == _OBJECT and depth == 0:
                    begin = base + at - 1
                depth += 1 if started or bracket == _OBJECT else 0
                is_single = is_single or (not started and bracket == _OBJECT)
                started = True
            elif depth == 0:
                return
            else:
                depth -= 1
                if depth == 0 and begin >= 0:
                    raw = b"" if dropped else bytes(buffer[begin - base : at])
                    yield Element(raw, begin, base + at - begin)
                    begin, dropped = -1, False
        dropped = dropped or (begin >= 0 and base + at - begin > MAX_ELEMENT)
        keep = at if begin < 0 or dropped else begin - base
        del buffer[:keep]
        base, at = base + keep, at - keep
    end = base + len(buffer)
    if begin >= 0:
        yield Element(b"", begin, end - begin, is_cut=True)
    elif end > 0 and not is_single:
        yield Element(b"", end, 0, is_cut=True)
