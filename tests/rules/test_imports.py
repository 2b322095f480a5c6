"""Imports point one way, and heavy packages wait until they are needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.tree import Import, imports, modules

SMALL = {"model", "events", "errors", "paths", "settings", "config", "text", "secrets", "when"}
"""Plain modules anybody may use."""

TAPES = SMALL | {"tapes"}
LIBRARY = TAPES | {"library"}
INDEX = LIBRARY | {"index"}
ASK = INDEX | {"chat", "ask"}
INSIGHT = ASK | {"insight"}
PROMOTE = INSIGHT | {"promote"}
CAPTURE = INDEX | {"capture"}
RECOVER = CAPTURE | {"recover"}
DECK = PROMOTE | RECOVER | {"deck"}
FRONT = SMALL | {"deck", "demo"}

MAY_USE = {
    **dict.fromkeys(SMALL, SMALL),
    "tapes": TAPES,
    "library": LIBRARY,
    "index": INDEX,
    "chat": INDEX | {"chat"},
    "ask": ASK,
    "insight": INSIGHT,
    "promote": PROMOTE,
    "capture": CAPTURE,
    "recover": RECOVER,
    "deck": DECK,
    "demo": SMALL | {"demo", "deck"},
    "cli": FRONT | {"cli", "tui"},
    "mcp": FRONT | {"mcp"},
    "tui": FRONT | {"tui"},
    "__init__": set(),
    "__main__": {"cli"},
}
"""For each part of the package the parts it may import."""

REGISTRY_USERS = {"capture", "recover", "deck"}
"""Who may look for importers; everybody may use their contract and readers."""

HEAVY = {
    "chromadb", "tantivy", "llama_index", "ollama", "watchdog", "platformdirs", "tokenizers", "numpy", "onnxruntime",
}  # fmt: skip
"""Packages that cost too much to import at the top of a file."""

ONLY_IN = {
    "chromadb": ("tapedeck_tui/index/vectors.py",),
    "tantivy": ("tapedeck_tui/index/lexical.py",),
    "llama_index": ("tapedeck_tui/chat/", "tapedeck_tui/ask/"),
    "ollama": ("tapedeck_tui/chat/", "tapedeck_tui/index/embedders.py"),
    "watchdog": ("tapedeck_tui/capture/watch.py",),
    "platformdirs": ("tapedeck_tui/paths.py",),
    "tokenizers": ("tapedeck_tui/index/",),
    "textual": ("tapedeck_tui/tui/",),
    "rich": ("tapedeck_tui/tui/", "tapedeck_tui/cli/"),
    "sqlite3": ("tapedeck_tui/tapes/", "tapedeck_tui/library/", "importers/"),
}
"""The only places that may import these."""

OURS = [pytest.param(path, id=path.as_posix()) for path in modules()]


def part_of(path: Path) -> str:
    """The part of the package a file belongs to."""
    return path.stem if len(path.parts) == 2 else path.parts[1]


@pytest.mark.parametrize("path", OURS)
def test_directions(path: Path) -> None:
    """A file imports only what stands to its right in the design; importers import nothing of the app."""
    ours = [i for i in imports(path) if i.top in ("tapedeck_tui", "importers")]
    assert not [str(i) for i in ours if not _is_allowed(path, i)]


def _is_allowed(path: Path, found: Import) -> bool:
    parts = found.module.split(".")
    if path.parts[0] == "importers":
        return parts[0] == "importers"
    me = part_of(path)
    if parts[0] == "importers":
        return parts[1:2] in (["contract"], ["readers"]) or me in REGISTRY_USERS
    return len(parts) == 1 or parts[1] in MAY_USE[me]


def test_every_part_is_placed() -> None:
    """A new folder or module of the package must be given its place in the table above."""
    assert {part_of(p) for p in modules() if p.parts[0] == "tapedeck_tui"} <= set(MAY_USE)


@pytest.mark.parametrize("path", OURS)
def test_heavy_packages_are_imported_late(path: Path) -> None:
    """Heavy packages are imported inside the function that needs them; one careless line costs seconds."""
    heavy = HEAVY | ({"rich", "textual"} if part_of(path) == "cli" else set())
    assert not [str(i) for i in imports(path) if i.top in heavy and not i.late]


@pytest.mark.parametrize("path", OURS)
def test_packages_have_one_place(path: Path) -> None:
    """Each foreign package stands behind one door."""
    name = path.as_posix()
    assert not [str(i) for i in imports(path) if i.top in ONLY_IN and not name.startswith(ONLY_IN[i.top])]


@pytest.mark.parametrize("path", OURS)
def test_no_relative_imports(path: Path) -> None:
    """Every import says where it comes from."""
    assert not [str(i) for i in imports(path) if i.module.startswith(".")]
