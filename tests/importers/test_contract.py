"""What every importer keeps to, whatever it reads. A new importer is in as soon as its entry point is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from importers import registry
from importers.check import expected_path, golden, main, merge_records
from importers.contract import Cursor, FileSource, Importer, Link, Problem, Session, Turn, Usage
from tests.importers.reading import FIXTURES, fixtures

IMPORTERS = registry.importers()
PAIRS = [(importer, path) for importer in IMPORTERS for path in fixtures(importer.name)]
HOSTILE = sorted(path for path in (FIXTURES / "hostile").iterdir() if path.is_file())
BASE64 = re.compile(r"[A-Za-z0-9+/]{800,}")
MAX_STATE = 16 * 1024


def _name(value: object) -> str:
    if isinstance(value, Path):
        return "/".join(value.relative_to(FIXTURES).parts[1:]) or value.name
    return str(getattr(value, "name", value))


every = pytest.mark.parametrize("importer", IMPORTERS, ids=_name)
every_fixture = pytest.mark.parametrize(("importer", "path"), PAIRS, ids=_name)


def test_every_importer_loads() -> None:
    assert registry.load()[1] == ()


@every
def test_every_importer_has_a_fixture(importer: Importer) -> None:
    assert fixtures(importer.name)


@every
def test_it_is_an_importer(importer: Importer) -> None:
    assert isinstance(importer, Importer)
    assert re.fullmatch(r"[a-z][a-z0-9-]*", importer.name)
    assert registry.by_name(importer.name) is importer
    assert importer.title
    assert importer.patterns()
    assert all(home.is_absolute() for home in importer.homes())


@every_fixture
def test_the_golden_file_is_what_is_read(importer: Importer, path: Path) -> None:
    """On purpose? Then ``python -m importers.check NAME PATH --write``, and read what it wrote."""
    assert golden(importer, path).decode() == expected_path(path).read_text("utf-8")


@every_fixture
def test_one_importer_claims_a_file(importer: Importer, path: Path) -> None:
    assert [each.name for each in IMPORTERS if each.sniff(path)] == [importer.name]
    found = registry.identify(path)
    assert found is not None
    assert found.name == importer.name


@every_fixture
def test_reading_is_lazy_and_the_same_every_time(importer: Importer, path: Path) -> None:
    """Nothing is opened before the first record is asked for; two readings agree in every id."""
    assert isinstance(importer.read(FileSource(path.with_name("gone"))), Iterator)
    first = list(importer.read(FileSource(path)))
    assert first == list(importer.read(FileSource(path)))
    assert isinstance(first[-1], Cursor)


@every_fixture
def test_records_hang_together(importer: Importer, path: Path) -> None:
    """A session comes before its turns; keys name their harness; times can be shown; places are in the file;
    no data of pictures is handed on."""
    sessions = set()
    size = path.stat().st_size
    for record in importer.read(FileSource(path)):
        if isinstance(record, Session):
            assert record.harness == importer.name
            assert record.started_at is None or isinstance(record.started_at, float)
            assert len(record.title) <= 200
            assert "\n" not in record.title
            assert 0 <= record.title_rank <= 50
            sessions.add(record.id)
        elif isinstance(record, Turn):
            assert record.session in sessions
            assert record.key.startswith(f"{importer.name}:")
            assert record.parts
            assert record.at is None or isinstance(record.at, float)
            for part in record.parts:
                assert not BASE64.search(part.text)
                assert part.span.offset + part.span.length <= size
        elif isinstance(record, Usage):
            assert record.session in sessions
            assert min(record.input, record.output, record.cache_read, record.cache_write) >= 0
        elif isinstance(record, Link):
            assert record.kind
            assert record.target
        elif isinstance(record, Cursor):
            assert record.offset + record.pending <= size
            assert len(orjson.dumps(record.state)) <= MAX_STATE


@every_fixture
def test_reading_on_from_the_end_brings_nothing_new(importer: Importer, path: Path) -> None:
    once = list(importer.read(FileSource(path)))
    end = once[-1]
    assert isinstance(end, Cursor)
    again = list(importer.read(FileSource(path), end))
    assert merge_records([*once, *again])["turns"] == merge_records(once)["turns"]
    assert not [record for record in again if isinstance(record, Problem)]


@every_fixture
def test_a_file_cut_anywhere_is_read(importer: Importer, path: Path) -> None:
    """Half a record, half a character, half an archive: never an exception."""
    size = path.stat().st_size
    for part in range(13):
        for record in importer.read(FileSource(path, size * part // 13)):
            assert record is not None


@every
@pytest.mark.parametrize("path", HOSTILE, ids=_name)
def test_hostile_files_are_read(importer: Importer, path: Path) -> None:
    """Binary, empty, mistyped, nested, hostile: a problem at most, and the cursor can be stored."""
    importer.sniff(path)
    end = list(importer.read(FileSource(path)))[-1]
    assert isinstance(end, Cursor)
    assert end.offset <= path.stat().st_size
    assert len(orjson.dumps(end.state)) <= MAX_STATE


@every
def test_one_endless_line_is_read(importer: Importer, tmp_path: Path) -> None:
    for name, data in (("line", b'{"type":"user","message":"' + b"x" * 4_000_000), ("deep", b"[" * 200_000)):
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(data + b"\n")
        assert not importer.sniff(path)
        assert isinstance(list(importer.read(FileSource(path)))[-1], Cursor)


@every
def test_what_cannot_be_opened_is_not_claimed(importer: Importer, tmp_path: Path) -> None:
    assert not importer.sniff(tmp_path)
    assert not importer.sniff(tmp_path / "gone.jsonl")


def test_the_checker_says_what_it_did(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It prints, writes beside the file, and says what to do about a wrong name or path."""
    source = fixtures("claude-code")[0]
    copy = tmp_path / source.name
    copy.write_bytes(source.read_bytes())
    assert main(["claude-code", str(copy)]) == 0
    printed = capsys.readouterr().out
    assert main(["claude-code", str(copy), "--write"]) == 0
    assert expected_path(copy).read_text("utf-8") == printed
    assert "Read it before you commit it" in capsys.readouterr().out
    assert main(["nonsense", str(copy)]) == 2
    assert "claude-code" in capsys.readouterr().err
    assert main(["claude-code", str(tmp_path / "gone")]) == 1
    assert "Check the path" in capsys.readouterr().err


class _Stranger:
    """A third party's importer that breaks the contract."""

    name = "a-stranger"
    title = "Stranger"

    def sniff(self, path: Path) -> bool:
        raise RuntimeError("never promised anything")


def test_a_broken_stranger_takes_nobody_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """One importer cannot be loaded and another raises while it sniffs: both are passed over, the first is told."""

    class Entry:
        def __init__(self, name: str) -> None:
            self.name = name

        def load(self) -> type:
            if self.name == "broken":
                raise ImportError("no module named kettle")
            return _Stranger if self.name == "a-stranger" else type(IMPORTERS[0])

    entries = [Entry("broken"), Entry("z-real"), Entry("a-stranger")]
    monkeypatch.setattr(registry, "entry_points", lambda group: entries)
    registry.load.cache_clear()
    try:
        loaded, problems = registry.load()
        assert [each.name for each in loaded] == ["a-stranger", IMPORTERS[0].name]
        assert [problem.where for problem in problems] == ["importer broken"]
        found = [registry.identify(path) for _, path in PAIRS[:1]]
        assert all(each is None or each.name != "a-stranger" for each in found)
    finally:
        registry.load.cache_clear()
