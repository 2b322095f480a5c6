"""Files beside a session file: kept on tapes of their own, and given to importers when the source is gone."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, cast

from importers.contract import HasSidecars, Importer, Problem
from tapedeck_tui.errors import NotFound, TapedeckError
from tapedeck_tui.tapes.index import TapeInfo
from tapedeck_tui.tapes.store import TapeStore

SUFFIX = "+beside"
"""Marks, in a tape's importer, that no importer reads this file by itself."""
_ESCAPED = re.compile(r"\[([*?[])\]")


class Sidecars:
    """The files beside session files, as the tapes hold them."""

    def __init__(self, store: TapeStore) -> None:
        self._store = store

    def keep(self, importer: Importer, path: Path) -> Iterator[Problem]:
        """Keep what is new beside a session file; a problem for each file that cannot be read."""
        if not isinstance(importer, HasSidecars):
            return
        for file in importer.sidecars(path):
            if self._store.holds(file):
                continue
            try:
                self._store.keep(file, importer.name + SUFFIX)
            except NotFound:
                continue  # it vanished between listing and reading
            except TapedeckError as exc:
                yield Problem(str(file), exc.what, exc.hint, kind="io")

    @cached_property
    def _kept(self) -> dict[str, TapeInfo]:
        return {str(t.path): t for t in self._store.tapes() if t.importer.endswith(SUFFIX)}

    def matching(self, folder: Path, pattern: str) -> list[Path]:
        """Kept files that match a glob pattern relative to a folder."""
        plain = _ESCAPED.sub(r"\1", pattern)
        if not re.search(r"[*?[]", _ESCAPED.sub("", pattern)):
            path = os.path.normpath(folder / plain)
            return [Path(path)] if path in self._kept else []
        return [Path(p) for p in self._kept if fnmatch.fnmatchcase(os.path.relpath(p, folder), pattern)]

    def open(self, path: Path) -> BinaryIO:
        """The kept bytes. Raises FileNotFoundError."""
        tape = self._kept.get(os.path.normpath(path))
        if tape is None:
            raise FileNotFoundError(path)
        return self._store.open(tape.tape_id, tape.takes[-1].take)


@dataclass(frozen=True, slots=True)
class TapeSource:
    """A source file as its tape holds it, so that what is read is what is kept. Files beside it are read where
    they are, and from their tapes when they are gone."""

    path: Path
    size: int
    store: TapeStore
    tape_id: str
    take: int
    beside: Sidecars

    def open(self) -> BinaryIO:
        return self.store.open(self.tape_id, self.take)

    def siblings(self, pattern: str) -> Sequence[Path]:
        try:
            found = sorted(self.path.parent.glob(pattern))
        except (OSError, ValueError, NotImplementedError):
            found = []
        return found or sorted(self.beside.matching(self.path.parent, pattern))

    def open_sibling(self, path: Path) -> BinaryIO:
        try:
            return cast(BinaryIO, path.open("rb"))
        except FileNotFoundError:
            return self.beside.open(path)
