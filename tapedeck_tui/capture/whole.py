"""Reading a clipped turn whole again, from the bytes on its tape."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from importers import registry
from importers.contract import Cursor, Part, Turn
from tapedeck_tui.errors import StorageError
from tapedeck_tui.library.browse import Browser
from tapedeck_tui.library.ids import turn_id
from tapedeck_tui.model import PartView, TurnView
from tapedeck_tui.paths import Home
from tapedeck_tui.secrets import mask
from tapedeck_tui.tapes.store import TapeStore
from tapedeck_tui.text import clean


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of one turn, as a source of their own."""

    path: Path
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    def siblings(self, pattern: str) -> Sequence[Path]:
        return []

    def open_sibling(self, path: Path) -> BinaryIO:
        raise FileNotFoundError(path)


def whole_turn(home: Home, machine: str, browser: Browser, name: str) -> TurnView:
    """The turn with nothing left out. Parts that cannot be read again stay as the library has them.

    Raises NotFound for an unknown turn, StorageError when the tape is damaged.
    """
    turn = browser.turn(name)
    if not any(p.clipped for p in turn.parts):
        return turn
    place = browser.tape_place(turn.id)
    importer = registry.by_name(place.importer) if place else None
    if place is None or importer is None:
        raise StorageError(f"The tape of turn {turn.id} is not known.", "See: tapedeck doctor")
    store = TapeStore(home, machine)
    try:
        parts = list(turn.parts)
        for offset, length in place.spans:
            data = store.read(place.tape_id, place.take, offset, length)
            for record in importer.read(_Lines(Path(place.path), data), Cursor()):
                if isinstance(record, Turn) and turn_id(record.key) == turn.id:
                    parts = [_fuller(p, record.parts) for p in parts]
    finally:
        store.close()
    return replace(turn, parts=tuple(parts))


def _fuller(part: PartView, read: Sequence[Part]) -> PartView:
    if not part.clipped:
        return part
    for one in read:
        if one.kind == part.kind and one.call_id == part.call_id:
            text = mask(clean(one.text))
            if text.startswith(part.text[:200]):
                return replace(part, text=text, clipped=False)
    return part
