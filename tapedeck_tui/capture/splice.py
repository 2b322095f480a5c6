"""Changing a JSON text in one place: every other byte stays as its owner wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[ \t\r\n]*")

Key = str | int


@dataclass(frozen=True, slots=True)
class Item:
    """A member of an object or an element of a list: from ``start`` (its key, if it has one) to ``end``."""

    key: Key
    start: int
    value: int
    end: int


def items(text: str, at: int) -> tuple[list[Item], int]:
    """What stands in the object or list that begins at ``at``, and where it ends."""
    is_object = text[at] == "{"
    closing = "}" if is_object else "]"
    found: list[Item] = []
    here = _after_gap(text, at + 1)
    while text[here] != closing:
        start, key = here, len(found)
        name: Key = key
        if is_object:
            name, here = _DECODER.raw_decode(text, here)
            here = _after_gap(text, _after_gap(text, here) + 1)
        _, end = _DECODER.raw_decode(text, here)
        found.append(Item(name, start, here, end))
        here = _after_gap(text, end)
        if text[here] == ",":
            here = _after_gap(text, here + 1)
    return found, here + 1


def place(text: str, keys: Sequence[Key]) -> int:
    """Where the value with these keys begins. Raises KeyError; of a key that comes twice the last counts."""
    at = _after_gap(text, 0)
    for key in keys:
        if text[at] not in "{[":
            raise KeyError(key)
        at = {item.key: item.value for item in items(text, at)[0]}[key]
    return at


def append(text: str, keys: Sequence[Key], value: Any, name: str = "") -> str:
    """The text with one more item at the end of the object (then ``name`` is its key) or list at ``keys``."""
    at = place(text, keys)
    found, end = items(text, at)
    newline = "\r\n" if "\r\n" in text else "\n"
    unit = _unit(text)
    if found:
        indent = _indent(text, found[-1].start)
        if indent is None:
            return _put(text, found[-1].end, found[-1].end, ", " + _rendered(value, name, None, ""))
        piece = "," + newline + indent + _rendered(value, name, unit, newline + indent)
        return _put(text, found[-1].end, found[-1].end, piece)
    line = text[text.rfind("\n", 0, at) + 1 : at]
    outer = line[: len(line) - len(line.lstrip(" \t"))]
    inner = outer + unit
    piece = newline + inner + _rendered(value, name, unit, newline + inner) + newline + outer
    return _put(text, at + 1, end - 1, piece)


def remove(text: str, keys: Sequence[Key]) -> str:
    """The text without the item at ``keys``, and without the comma that parted it from another."""
    at = place(text, keys[:-1])
    found, end = items(text, at)
    index = max(i for i, item in enumerate(found) if item.key == keys[-1])
    if len(found) == 1:
        return _put(text, at + 1, end - 1, "")
    if index:
        return _put(text, found[index - 1].end, found[index].end, "")
    return _put(text, found[0].start, found[1].start, "")


def _rendered(value: Any, name: str, unit: str | None, line: str) -> str:
    text = json.dumps(value, indent=unit, ensure_ascii=False)
    return (json.dumps(name, ensure_ascii=False) + ": " if name else "") + text.replace("\n", line)


def _put(text: str, start: int, end: int, piece: str) -> str:
    return text[:start] + piece + text[end:]


def _after_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def _indent(text: str, at: int) -> str | None:
    """The white space in front of ``at`` when nothing else stands before it on its line; else None."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return before if "\n" in text[:at] and not before.strip(" \t") else None


def _unit(text: str) -> str:
    """One step of indentation, as the text itself does it."""
    found = re.search(r"[{\[]\r?\n([ \t]+)\S", text)
    return found.group(1) if found else "  "
