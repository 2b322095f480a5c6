"""What sources and status say: the importers' places and the library's numbers."""

from __future__ import annotations

import os
from pathlib import Path

from importers import registry
from importers.contract import Importer
from tapedeck_tui.capture import scan
from tapedeck_tui.library.browse import Browser
from tapedeck_tui.library.numbers import SourceNumbers
from tapedeck_tui.model import PlaceLooked, SourceRow, Status
from tapedeck_tui.paths import Home


def sources(browser: Browser) -> list[SourceRow]:
    """One row per importer, those with sessions first."""
    numbers = browser.numbers()
    by_name = numbers[1] if numbers else {}
    rows = [_source(i, by_name.get(i.name, SourceNumbers())) for i in registry.importers()]
    return sorted(rows, key=lambda r: (-r.sessions, r.name))


def _source(importer: Importer, held: SourceNumbers) -> SourceRow:
    places = tuple(_place(importer, home) for home in importer.homes())
    return SourceRow(
        name=importer.name, title=importer.title, places=places, files=held.files, bytes=held.bytes,
        sessions=held.sessions, turns=held.turns, problems=held.problems, pending=held.pending, gone=held.gone,
        last_read=held.last_read,
    )  # fmt: skip


def _place(importer: Importer, home: Path) -> PlaceLooked:
    files = sum(isinstance(found, Path) for found in scan.matching(importer, home))
    return PlaceLooked(str(home), os.path.isdir(home), files)


def status(home: Home, browser: Browser) -> Status:
    """The library in numbers; zeros while there is none."""
    numbers = browser.numbers()
    if numbers is None:
        return Status(str(home.root), 0, 0, (), 0, 0, 0, 0, 0, 0, 0, "static-v1", None, None, None)
    totals, by_importer = numbers
    tape_bytes = sum(p.stat().st_size for p in home.tapes.rglob("*.tape")) if home.tapes.is_dir() else 0
    return Status(
        home=str(home.root), sessions=totals.sessions, turns=totals.turns, by_author=totals.by_author,
        problems=totals.problems, pending=totals.pending, files=totals.files,
        source_bytes=sum(n.bytes for n in by_importer.values()), tape_bytes=tape_bytes,
        lexical_behind=totals.lexical_behind, vectors_behind=totals.vectors_behind, embedder="static-v1",
        first_at=totals.first_at, last_at=totals.last_at, last_sync=totals.last_sync,
    )  # fmt: skip
