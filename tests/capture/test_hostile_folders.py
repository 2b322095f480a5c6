"""What stands in a source's folder besides good files: names, rights and things that are no files."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from importers import registry
from importers.contract import Problem
from tapedeck_tui.capture import scan
from tapedeck_tui.deck import Deck
from tapedeck_tui.errors import StorageError
from tapedeck_tui.events import Event, Finished
from tapedeck_tui.library import filenames
from tapedeck_tui.paths import Home
from tests.sources import door_session, elevator_session

pytestmark = pytest.mark.skipif(os.name != "posix", reason="names and rights as POSIX has them")


@pytest.fixture
def projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "codex"))
    folder = tmp_path / "claude" / "projects"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def deck(tmp_path: Path) -> Iterator[Deck]:
    with Deck(Home(tmp_path / "home")) as made:
        yield made


def deny(monkeypatch: pytest.MonkeyPatch, *denied: Path) -> None:
    """Make these paths unreadable for this process, whoever runs the tests (root may read everything)."""
    real_scandir, real_open, names = os.scandir, Path.open, {str(d) for d in denied}

    def refuse(path: object) -> None:
        if str(path) in names:
            raise PermissionError(13, "Permission denied", str(path))

    def scandir(path: object = ".") -> object:
        refuse(path)
        return real_scandir(path)  # type: ignore[call-overload]

    def path_open(self: Path, *args: object, **more: object) -> object:
        refuse(self)
        return real_open(self, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(Path, "open", path_open)


def kinds(events: list[Event]) -> list[tuple[str, str]]:
    return [(Path(e.where).name, e.kind) for e in events if isinstance(e, Problem)]


def test_a_name_that_is_no_utf8_is_a_name_like_any_other(deck: Deck, projects: Path) -> None:
    """File systems keep bytes, not letters: a folder and a file with such names are kept, found, shown with
    their real path, read only once, and noticed when they are gone."""
    folder = Path(os.fsdecode(os.fsencode(projects) + b"/caf\xe9"))
    path = door_session(folder).write()
    twin = path.rename(Path(os.fsdecode(os.fsencode(folder) + b"/door-\xff.jsonl")))
    list(deck.sync())
    row = deck.session_rows(deck.session_order())[0]
    assert row.turns == 6
    assert deck.session(row.id).path == str(twin)
    assert deck.turns(row.id)[0].path == str(twin)
    last = list(deck.sync())[-1]
    assert isinstance(last, Finished)
    assert dict(last.counts)["files"] == 0
    json.dumps(deck.session(row.id).path).encode()
    twin.unlink()
    list(deck.sync())
    assert deck.session(row.id).row.gone


def test_two_copies_of_a_session_one_with_a_name_that_is_no_utf8(deck: Deck, projects: Path) -> None:
    """Which copy is a turn's home is decided by name when both are as long; bytes and text compare."""
    path = door_session(projects / "a").write()
    other = Path(os.fsdecode(os.fsencode(projects) + b"/\xff"))
    other.mkdir()
    (other / path.name).write_bytes(path.read_bytes())
    list(deck.sync())
    assert deck.status().sessions == 1
    assert deck.status().turns == 6


@pytest.mark.parametrize("name", ["plain", "", "caf\u00e9", os.fsdecode(b"\xff\xfe"), "new\nline"])
def test_names_come_back_from_the_database_as_they_were(name: str) -> None:
    assert filenames.read(filenames.stored(name)) == name


def test_an_unreadable_file_and_folder_are_problems_and_not_gone(
    deck: Deck, projects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What we may not read is said, by name, at every run; the rest is read; nothing is taken for deleted."""
    file = door_session(projects / "a").write()
    elevator_session(projects / "b").write()
    list(deck.sync())
    file.write_text(file.read_text() + "\n")
    deny(monkeypatch, file, projects / "b")
    events = list(deck.sync())
    assert kinds(events) == [(file.name, "io"), ("b", "io")]
    assert not any(r.gone for r in deck.session_rows(deck.session_order()))


def test_links_in_a_circle_pipes_and_empty_files_stop_nothing(deck: Deck, projects: Path) -> None:
    """A named pipe is not waited for, links to folders are not followed, an empty file is not opened (those
    of /proc never give an answer), a link to itself is said; the session beside them is read."""
    os.mkfifo(projects / "pipe.jsonl")
    os.symlink("loop.jsonl", projects / "loop.jsonl")
    os.symlink("..", projects / "up")
    os.symlink("/nowhere", projects / "dangling.jsonl")
    os.symlink("/dev/zero", projects / "zero.jsonl")
    (projects / "folder.jsonl").mkdir()
    (projects / "empty.jsonl").touch()
    door_session(projects).write()
    assert kinds(list(deck.sync())) == [("loop.jsonl", "io")]
    assert deck.status().sessions == 1


def test_an_empty_file_is_never_opened(projects: Path) -> None:
    (projects / "empty.jsonl").touch()
    found = list(scan.at_home(registry.importers()))
    assert len(found) == 1
    assert isinstance(found[0], scan.Candidate)
    (projects / "empty.jsonl").unlink()
    assert scan.importer_for(found[0]) is None


def test_deep_folders(deck: Deck, projects: Path) -> None:
    """Sixty folders down a session is found as well, below a home and below a named folder."""
    deep = projects
    for _ in range(60):
        deep /= "d"
    door_session(deep).write()
    list(deck.sync())
    assert deck.status().sessions == 1
    with Deck(Home(projects.parent / "named")) as named:
        list(named.sync([projects]))
        assert named.status().sessions == 1


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("**/*.jsonl", "a.jsonl", True),
        ("**/*.jsonl", "a/b\nc/d.jsonl", True),
        ("**/*.jsonl", "a.jsonl/x", False),
        ("**/rollout-*.jsonl", "2026/01/rollout-1.jsonl", True),
        ("**/rollout-*.jsonl", "2026/01/xrollout-1.jsonl", False),
        ("**/c-[0-9]*.json", "c-3.json", True),
        ("**/c-[0-9]*.json", "c-x.json", False),
        ("x/?.db", "x/a.db", True),
        ("x/?.db", "y/x/a.db", False),
        ("x/?.db", "x/a_db", False),
    ],
)
def test_patterns_below_a_home(pattern: str, name: str, fits: bool) -> None:
    assert bool(scan._matcher(pattern).fullmatch(name)) is fits


def test_the_rights_of_a_folder_that_was_there_are_left_alone(tmp_path: Path) -> None:
    """``--home /tmp`` must not lock everyone else out of /tmp; a folder made by us is private."""
    tmp_path.chmod(0o755)
    Home(tmp_path).make()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    Home(tmp_path / "a" / "b").make()
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_home_that_cannot_be_written_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StorageError, match="cannot be written"):
        Home(tmp_path).make()
