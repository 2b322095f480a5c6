"""Reading a clipped turn whole again, from the bytes on its tape."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO

from importers import registry
from importers.contract import Cursor, Importer, Part, Turn
from tapedeck_tui.capture.beside import Sidecars, TapeSource
from tapedeck_tui.errors import StorageError
from tapedeck_tui.library.browse import Browser, TapePlace
from tapedeck_tui.library.ids import turn_id
from tapedeck_tui.library.write import SUPERSEDED
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
    takes = range(place.take - 1, 0, -1) if SUPERSEDED in turn.flags else (place.take,)
    parts = turn.parts
    with closing(TapeStore(home, machine)) as store:
        for read in _readings(store, importer, [replace(place, take=take) for take in takes], turn.id):
            parts = tuple(_fuller(part, read) for part in parts)
            if not any(part.clipped for part in parts):
                break
    return replace(turn, parts=parts)


def _readings(
    store: TapeStore, importer: Importer, places: Sequence[TapePlace], ident: str
) -> Iterator[Sequence[Part]]:
    """Parts that may be the turn's, the cheapest to read first."""
    for place in places:
        yield from _from_lines(store, importer, place)
        yield from _from_file(store, importer, place, ident)


def _from_lines(store: TapeStore, importer: Importer, place: TapePlace) -> Iterator[Sequence[Part]]:
    """The parts in the turn's own lines. Read alone, a line may not know which turn it is of, nor what stands
    beside the file; packed files have no such lines at all."""
    for offset, length in place.spans:
        data = store.read(place.tape_id, place.take, offset, length)
        for record in importer.read(_Lines(Path(place.path), data), Cursor()):
            if isinstance(record, Turn):
                yield record.parts


def _from_file(
    store: TapeStore, importer: Importer, place: TapePlace, ident: str
) -> Iterator[Sequence[Part]]:
    """The parts of the turn, from a reading of the whole file: slower, and sure."""
    with store.open(place.tape_id, place.take) as tape:
        size = tape.seek(0, SEEK_END)
    source = TapeSource(Path(place.path), size, store, place.tape_id, place.take, Sidecars(store))
    for record in importer.read(source):
        if isinstance(record, Turn) and turn_id(record.key) == ident:
            yield record.parts


def _fuller(part: PartView, read: Sequence[Part]) -> PartView:
    if not part.clipped:
        return part
    for one in read:
        if one.kind == part.kind and one.call_id == part.call_id:
            text = mask(clean(one.text))
            if text.startswith(part.text[:200]):
                return replace(part, text=text, clipped=False)
    return part
