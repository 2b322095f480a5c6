"""Reading with an importer in tests: all at once, in stages, and what came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from importers.check import merge_records
from importers.contract import Cursor, FileSource, Importer, Record

FIXTURES = Path(__file__).parent.parent / "fixtures"


def fixtures(name: str) -> list[Path]:
    """The fixture files of one importer: those with a golden file beside them."""
    goldens = sorted((FIXTURES / name).rglob("*.expected.json"))
    return [next(p for p in _same_stem(golden) if p != golden) for golden in goldens]


def _same_stem(golden: Path) -> list[Path]:
    stem = golden.name.removesuffix(".expected.json")
    found = (p for p in sorted(golden.parent.iterdir()) if p.is_file() and p.stem == stem)
    return [p for p in found if not p.name.endswith(".meta.json")]


def in_stages(importer: Importer, path: Path, sizes: Iterable[int]) -> list[Record]:
    """Everything ``read`` yields when the file has grown to each of ``sizes`` bytes in turn. The cursor goes
    through JSON between two reads, as it does in the library."""
    records: list[Record] = []
    cursor: Cursor | None = None
    for size in sizes:
        for record in importer.read(FileSource(path, size), cursor):
            records.append(record)
            if isinstance(record, Cursor):
                cursor = Cursor(record.offset, record.line, orjson.loads(orjson.dumps(record.state)))
    return records


@dataclass
class Seen:
    """The merged records of one or more reads, easy to ask."""

    merged: dict[str, Any] = field(default_factory=dict)

    @property
    def session(self) -> dict[str, Any]:
        (only,) = self.merged["sessions"]
        return dict(only)

    @property
    def turns(self) -> list[dict[str, Any]]:
        return list(self.merged["turns"])

    def by(self, author: str) -> list[str]:
        """The words of every turn of this author."""
        return [words(turn) for turn in self.turns if turn["author"] == author]

    def flagged(self, flag: str) -> list[str]:
        return [words(turn) for turn in self.turns if flag in turn.get("flags", [])]

    def parts(self, kind: str) -> list[dict[str, Any]]:
        return [part for turn in self.turns for part in turn["parts"] if part["kind"] == kind]

    def links(self, kind: str) -> list[str]:
        return [link["target"] for link in self.merged["links"] if link["kind"] == kind]


def words(turn: dict[str, Any]) -> str:
    return "\n".join(part.get("text", "") for part in turn["parts"])


def seen(importer: Importer, *paths: Path) -> Seen:
    """Reads every path, in this order, into one."""
    return Seen(merge_records(record for path in paths for record in importer.read(FileSource(path))))
