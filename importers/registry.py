"""Finding importers: the entry points of the group ``tapedeck.importers``, ours and third parties' alike."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from importers.contract import Importer, Problem

GROUP = "tapedeck.importers"


@cache
def load() -> tuple[tuple[Importer, ...], tuple[Problem, ...]]:
    """All importers in name order, and a problem for each one that could not be loaded."""
    found: dict[str, Importer] = {}
    problems: list[Problem] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        try:
            found.setdefault(entry.name, entry.load()())
        except Exception as exc:  # noqa: BLE001  a stranger's importer must not take the others down
            what = f"the importer could not be loaded: {type(exc).__name__}: {exc}"
            problems.append(
                Problem(f"importer {entry.name}", what, "Reinstall or remove its package.", kind="importer")
            )
    return tuple(found.values()), tuple(problems)


def importers() -> tuple[Importer, ...]:
    return load()[0]


def by_name(name: str) -> Importer | None:
    return next((i for i in importers() if i.name == name), None)


def identify(path: Path) -> Importer | None:
    """The one importer that knows this file, None when none does. The first in name order wins."""
    return next((i for i in importers() if claims(i, path)), None)


def claims(importer: Importer, path: Path) -> bool:
    """Whether the importer says that this file is of its kind; an importer that fails says no."""
    try:
        return importer.sniff(path)
    except Exception:  # noqa: BLE001  against the contract; a stranger's importer must not take the others down
        return False
