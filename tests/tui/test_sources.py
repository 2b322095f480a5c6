"""Sources: what was found where, what is kept, what could not be read, and reading a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tapedeck_tui import model
from tapedeck_tui.errors import StorageError
from tapedeck_tui.events import Event, Finished, Problem, Progress
from tapedeck_tui.tui.screens.sources import SourcesScreen
from tapedeck_tui.tui.widgets.path_prompt import PathPrompt, complete, existing
from tests.tui.driver import press, running, settle, until
from tests.tui.fake_deck import FakeDeck
from tests.tui.pictures import FORBIDDEN, HOSTILE, SIZES, drawn, take


class Child:
    """Stands for the process that reads the sources."""

    started: list[Sequence[Path]]

    def __init__(self, home: Any, paths: Sequence[Path] = ()) -> None:
        type(self).started.append(tuple(paths))

    def events(self) -> Iterator[Event]:
        yield Progress("keeping", 1, 2, "files")
        yield Finished("1 file read.", (("sessions", 61), ("turns", 700)))

    def stop(self) -> None:
        return


@pytest.fixture
def child() -> type[Child]:
    Child.started = []
    return Child


async def sources(pilot: Pilot[Any]) -> SourcesScreen:
    await press(pilot, "4")
    screen = pilot.app.screen
    assert isinstance(screen, SourcesScreen)
    return screen


async def test_every_importer_its_places_and_what_is_kept() -> None:
    async with running() as (_, pilot):
        await sources(pilot)
        shown = drawn(pilot)
        assert "31 sessions · 4,210 turns · 412 files · 734 MB" in shown
        assert "/home/dev/.claude/projects  412 files" in shown
        assert "1 problem · 3 files gone from the source, kept here" in shown
        assert "read 4m ago" in shown
        assert "60 sessions · 720 turns · 91.0 MB on tape in ~/tapedeck" in shown


async def test_a_file_being_written_is_not_a_problem() -> None:
    async with running() as (_, pilot):
        await sources(pilot)
        assert "2 files being written" in drawn(pilot)


async def test_what_was_not_found_says_where_it_looked() -> None:
    deck = FakeDeck(empty=True)
    async with running(deck) as (_, pilot):
        await sources(pilot)
        shown = drawn(pilot)
        assert shown.count("not found") == 3
        assert "/home/dev/.codex/sessions  not there" in shown


async def test_problems_with_file_line_and_what_to_do_and_enter_shows_all() -> None:
    deck = FakeDeck()
    long = "The record ends in the middle of a word and the rest of the line is missing. " * 6
    deck.problem_rows = [replace(deck.problem_rows[0], what=long), deck.problem_rows[0]]
    async with running(deck) as (app, pilot):
        screen = await sources(pilot)
        await press(pilot, "P")
        assert screen.problems.has_focus
        shown = drawn(pilot)
        assert "5f1c.jsonl:412" in shown
        assert "The session was being written; the next read mends it." in shown
        assert "bytes 98,112" not in shown
        await press(pilot, "enter")
        assert "bytes 98,112 to 98,352" in drawn(pilot)
        assert "claude-code · bad-json" in drawn(pilot)
        await press(pilot, "y")
        assert long.strip()[-40:] in app.clipboard.replace("\n", " ")
        await press(pilot, "enter", "escape")
        assert screen.sources.has_focus


async def test_enter_on_a_source_goes_to_its_problems() -> None:
    async with running() as (app, pilot):
        screen = await sources(pilot)
        await press(pilot, "enter")
        assert screen.problems.has_focus
        await press(pilot, "escape", "j", "enter")
        assert screen.sources.has_focus
        assert any("Codex: everything could be read." in n.message for n in app._notifications)


async def test_a_problem_opens_its_file_at_the_line(monkeypatch: Any) -> None:
    async with running() as (app, pilot):
        await sources(pilot)
        edited: list[Any] = []
        monkeypatch.setattr(app, "edit_file", lambda *a: edited.append(a))
        await press(pilot, "P", "o")
        assert edited == [("/home/dev/.claude/projects/-home-dev-api/5f1c.jsonl", 412)]


async def test_read_again_and_the_numbers_are_new_at_the_end(child: type[Child]) -> None:
    deck = FakeDeck()
    async with running(deck, demo=False, sync=child) as (_, pilot):
        await sources(pilot)
        before = len(child.started)
        deck.total = 61
        await press(pilot, "r")
        await until(pilot, lambda: len(child.started) == before + 1)
        await until(pilot, lambda: "61 sessions · 732 turns" in drawn(pilot), "new numbers")


async def test_a_path_is_completed_and_read(child: type[Child], tmp_path: Path) -> None:
    """i, some letters, tab, enter: the very file is read by the child process."""
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "chat-export.zip").write_bytes(b"")
    async with running(FakeDeck(), demo=False, sync=child) as (app, pilot):
        await sources(pilot)
        await until(pilot, lambda: not app.jobs.running)
        await press(pilot, "i")
        box = app.screen.query_one(Input)
        box.value = f"{tmp_path}/exp"
        box.cursor_position = len(box.value)
        await until(pilot, lambda: box._suggestion != "")
        await press(pilot, "tab")
        assert box.value == f"{tmp_path}/exports/"
        await until(pilot, lambda: box._suggestion != "")
        await press(pilot, "tab", "enter")
        await until(pilot, lambda: (tmp_path / "exports" / "chat-export.zip",) in child.started)
        assert isinstance(app.screen, SourcesScreen)


@pytest.mark.parametrize("given", ["/tmp/x", "~/x", "'/tmp/x y'", "file:///tmp/x"])
async def test_a_whole_path_takes_the_place_of_what_the_line_begins_with(given: str) -> None:
    """The line begins with ~/: a path from the root, or another ~/, typed or pasted there stands alone, else it
    would be ~//tmp/x."""
    async with running(FakeDeck()) as (app, pilot):
        await sources(pilot)
        app.push_screen(PathPrompt("read"))
        await settle(pilot)
        box = app.screen.query_one(Input)
        for letter in given:
            box.insert_text_at_cursor(letter)
            await settle(pilot)
        assert box.value == given
        assert box.cursor_position == len(given)
        box.value = ""
        box.insert_text_at_cursor("~/")
        await settle(pilot)
        box.insert_text_at_cursor(given)
        await settle(pilot)
        assert box.value == given


async def test_a_path_below_home_is_typed_after_it() -> None:
    async with running(FakeDeck()) as (app, pilot):
        await sources(pilot)
        app.push_screen(PathPrompt("read"))
        await settle(pilot)
        box = app.screen.query_one(Input)
        box.insert_text_at_cursor("work/a//b")
        await settle(pilot)
        assert box.value == "~/work/a//b"


def test_a_dropped_path_is_found(tmp_path: Path) -> None:
    """Terminals put a dropped file in quotes, or give its address."""
    path = tmp_path / "an export"
    path.touch()
    address = path.as_uri()
    assert [existing(text) for text in (f"'{path}'", f'"{path}"', address, f" {path} ")] == [path] * 4
    assert existing("'") is None


async def test_a_path_that_does_not_exist_is_said_at_once(child: type[Child], tmp_path: Path) -> None:
    async with running(FakeDeck(), demo=False, sync=child) as (app, pilot):
        await sources(pilot)
        await press(pilot, "i")
        app.screen.query_one(Input).value = f"{tmp_path}/nothing.zip"
        await press(pilot, "enter")
        assert isinstance(app.screen, PathPrompt)
        assert "nothing.zip. Check the spelling." in str(app.screen.query_one("#path-note", Static).content)
        await press(pilot, "escape")
        assert isinstance(app.screen, SourcesScreen)


async def test_a_named_file_that_cannot_be_read_is_what_one_sees(tmp_path: Path) -> None:
    """i on an archive: the list of problems opens on it, with what is wrong and what to do, and a toast says it."""
    path = tmp_path / "export.zip"
    path.touch()

    class Unread(Child):
        started: list[Sequence[Path]] = []  # noqa: RUF012

        def events(self) -> Iterator[Event]:
            if type(self).started[-1]:
                yield Problem(str(path), "it is an archive", "Unpack it first.", kind="unknown")
            yield Finished("nothing new", (("files", 0),))

    async with running(FakeDeck(), demo=False, sync=Unread) as (app, pilot):
        screen = await sources(pilot)
        await until(pilot, lambda: not app.jobs.running)
        screen._path_given(path)
        await until(pilot, lambda: screen.problems.has_focus, "the problems")
        await settle(pilot)
        assert "it is an archive" in drawn(pilot)
        assert "Unpack it first." in drawn(pilot)
        said = [n.message for n in app._notifications]
        assert said == ["export.zip was not read: it is an archive. Unpack it first."]
        await press(pilot, "escape", "P")
        assert "it is an archive" in drawn(pilot)


async def test_the_demo_reads_nothing() -> None:
    async with running() as (app, pilot):
        await sources(pilot)
        await press(pilot, "i")
        assert isinstance(app.screen, SourcesScreen)
        assert any("demo" in n.message for n in app._notifications)


def test_completion(tmp_path: Path) -> None:
    """The first entry that begins so; folders with a slash; hidden ones only when asked for."""
    for name in ("beta", "alpha.zip", ".hidden", "alpine"):
        (tmp_path / name).mkdir()
    root = f"{tmp_path}/"
    assert complete(root + "al") == f"{root}alpha.zip/"
    assert complete(root + "be") == f"{root}beta/"
    assert complete(root) == f"{root}alpha.zip/"
    assert complete(root + ".") == f"{root}.hidden/"
    assert complete(root + "zz") is None
    assert complete(root + "no/such/") is None
    assert complete("") is None
    assert complete("\x00") is None


def test_completion_of_hostile_names(tmp_path: Path) -> None:
    """A file name with an escape sequence is never offered."""
    (tmp_path / "a\x1b[2Jb").mkdir()
    assert complete(f"{tmp_path}/a") is None


async def test_a_home_that_cannot_be_read_is_said_in_its_place() -> None:
    class Damaged(FakeDeck):
        def sources(self) -> list[model.SourceRow]:
            raise StorageError("library.db cannot be read.", "Run: tapedeck rebuild")

    async with running(Damaged()) as (_, pilot):
        await sources(pilot)
        assert "library.db cannot be read. Run: tapedeck rebuild" in drawn(pilot)


async def test_hostile_text_is_drawn_as_text() -> None:
    deck = FakeDeck()
    row, problem = deck.sources()[0], deck.problem_rows[0]
    said = {"text": ""}

    class Hostile(FakeDeck):
        def sources(self) -> list[model.SourceRow]:
            return [
                replace(
                    row,
                    name=said["text"],
                    title=said["text"],
                    places=(model.PlaceLooked(said["text"], True, 1),),
                )
            ]

        def problems(self, limit: int = 500) -> list[model.ProblemRow]:
            text = said["text"]
            return [replace(problem, source=text, path=text, kind=text, what=text, hint=text)]

        def status(self) -> model.Status:
            return replace(super().status(), home=said["text"])

    async with running(Hostile(), size=(120, 40)) as (app, pilot):
        for text in HOSTILE:
            said["text"] = text
            await press(pilot, "1")
            await sources(pilot)
            assert not any(c in drawn(pilot) for c in FORBIDDEN), repr(text)
            await press(pilot, "P", "enter")
            assert not any(c in drawn(pilot) for c in FORBIDDEN), repr(text)
            await press(pilot, "y")
            assert not any(c in app.clipboard for c in FORBIDDEN), repr(text)
            await press(pilot, "escape")
            await settle(pilot)


@pytest.mark.parametrize("size", SIZES)
def test_picture_full(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see three sources; the first with a problem in colour and in words; where everything is kept."""
    assert take(snap_compare, FakeDeck(), size, ["4"])


@pytest.mark.parametrize("size", SIZES)
def test_picture_empty(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see three sources that were not found, each with the place it was looked for."""
    assert take(snap_compare, FakeDeck(empty=True), size, ["4"])


@pytest.mark.parametrize("size", SIZES)
def test_picture_problem(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see one problem with everything about it: file, line, kind, bytes, what to do."""
    assert take(snap_compare, FakeDeck(), size, ["4", "P", "enter"])
