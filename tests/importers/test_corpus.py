"""Real files, where a collection of them is at hand: every one is read, and growing ones add up.

Set TAPEDECK_CORPUS to a folder with ``claude-code/``, ``codex/`` … and run with ``-s`` to see the table.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from importers import registry
from importers.check import merge_records
from importers.contract import Cursor, FileSource, Importer, Problem, Record, Session, Turn
from tests.importers.reading import in_stages

CORPUS = os.environ.get("TAPEDECK_CORPUS", "")
FOLDERS = [
    ("claude-code", "claude-code"),
    ("claude-code", "claude-code-projects"),
    ("claude-code", "claude-code-growth"),
    ("claude-code", "claude-code-fixtures"),
    ("codex", "codex"),
    ("codex", "codex-growth"),
]
GROWTH = [("claude-code", "claude-code-growth"), ("codex", "codex-growth")]
AUTHORS = ("typed", "assistant", "tool", "machine", "program", "parent-model")

pytestmark = pytest.mark.skipif(not CORPUS, reason="TAPEDECK_CORPUS names no collection of real files")


def _importer(name: str) -> Importer:
    found = registry.by_name(name)
    if found is None:
        pytest.skip(f"the importer {name} cannot be loaded")
    return found


def _files(folder: str) -> list[Path]:
    root = Path(CORPUS) / folder
    if not root.is_dir():
        pytest.skip(f"the collection has no {folder}/")
    return sorted(path for path in root.rglob("*.jsonl") if path.name != "journal.jsonl")


@pytest.mark.parametrize(("name", "folder"), FOLDERS)
def test_every_real_file_is_read(name: str, folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    importer = _importer(name)
    count: Counter[str] = Counter()
    sessions = set()
    for path in _files(folder):
        count["files"] += 1
        last: Record | None = None
        for last in importer.read(FileSource(path)):
            if isinstance(last, Turn):
                count[last.author] += 1
                assert last.session in sessions
            elif isinstance(last, Session):
                sessions.add(last.id)
            elif isinstance(last, Problem):
                count["problems"] += 1
        assert isinstance(last, Cursor)
    with capsys.disabled():
        told = "  ".join(f"{author} {count[author]:,}" for author in AUTHORS)
        print(
            f"\n{folder:<22} files {count['files']:>4}  sessions {len(sessions):>4}  {told}  problems {count['problems']}"
        )


def _series() -> list[tuple[str, Path]]:
    roots = [(name, Path(CORPUS) / folder) for name, folder in GROWTH if CORPUS]
    return [(name, each) for name, root in roots if root.is_dir() for each in sorted(root.iterdir())]


@pytest.mark.parametrize(("name", "series"), _series(), ids=lambda v: v.name if isinstance(v, Path) else v)
def test_stages_of_a_growing_file_equal_the_last(name: str, series: Path) -> None:
    """GOTCHAS 7: stage after stage of a real file, and cuts in the middle of lines, add up to the last."""
    importer = _importer(name)
    stages = sorted(series.glob("*stage*"), key=lambda path: path.stat().st_size)
    if len(stages) < 2:
        pytest.skip("no stages here")
    last = stages[-1]
    sizes = [stage.stat().st_size for stage in stages]
    cuts = [size * part // 7 for size in sizes for part in (3, 5)]
    once = merge_records(importer.read(FileSource(last)))
    assert once["turns"]
    assert merge_records(in_stages(importer, last, sizes)) == once
    assert merge_records(in_stages(importer, last, sorted([*sizes, *cuts]))) == once
