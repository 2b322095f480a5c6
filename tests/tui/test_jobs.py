"""Reading the sources in a child process: messages that replace each other, stopping, ending."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.events import Changed, Event, Finished, Problem, Progress, encode
from tapedeck_tui.paths import Home
from tapedeck_tui.tui.jobs import JobMoved, JobTable, SyncChild, run_job
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.status_line import StatusLine
from tests.tui.driver import make_app, running, settle, until
from tests.tui.fake_deck import FakeDeck


def problem(what: str = "The line ends early.") -> Problem:
    return Problem("a.jsonl, line 3", what)


def child(tmp_path: Path, *events: Event, then: str = "") -> SyncChild:
    """A child that writes these events and then runs some Python."""
    script = tmp_path / "child.py"
    lines = "\n".join(encode(event) for event in events)
    script.write_text(f"import sys, signal\nprint({lines!r}, flush=True)\n{then}\n", "utf-8")
    return SyncChild(Home(tmp_path), command=[sys.executable, str(script)])


def test_newer_progress_replaces_older_and_problems_are_never_dropped() -> None:
    older, newer = (JobMoved("sync", Progress("keeping", n)) for n in (1, 2))
    assert newer.can_replace(older)
    assert not newer.can_replace(JobMoved("other", Progress("keeping", 1)))
    assert not newer.can_replace(JobMoved("sync", problem()))
    assert not JobMoved("sync", problem()).can_replace(JobMoved("sync", problem()))
    assert not JobMoved("sync", Finished("done")).can_replace(newer)
    assert not newer.can_replace(JobMoved("sync", Changed(1, 1)))


def test_the_status_line_says_stage_share_and_problems() -> None:
    table = JobTable()
    table.take(JobMoved("sync", Progress("keeping", 63, 100)))
    assert table.words == "keeping 63%"
    table.take(JobMoved("sync", problem()))
    table.take(JobMoved("sync", Progress("looking", 1204, None)))
    assert table.words == "looking 1,204 files · 1 problem"
    table.take(JobMoved("other", Progress("vectors", 1, 2)))
    assert table.words.startswith("2 jobs")
    table.take(JobMoved("sync", None))
    table.take(JobMoved("other", None))
    assert table.words == "1 problem"


def test_the_child_is_read_line_by_line(tmp_path: Path) -> None:
    said = [Progress("keeping", 1, 2), problem(), Changed(3, 30), Finished("2 files read.")]
    assert list(child(tmp_path, *said, then="print('not json')").events()) == said


def test_a_failing_child_says_its_last_words(tmp_path: Path) -> None:
    broken = child(tmp_path, Progress("looking", 1), then="sys.exit('The home is damaged \\x1b[2J here.')")
    with pytest.raises(TapedeckError) as caught:
        list(broken.events())
    assert "The home is damaged" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_another_process_reading_is_no_error(tmp_path: Path) -> None:
    """Exit code 4 says that somebody else (the service) is reading already."""
    assert list(child(tmp_path, Progress("looking", 1), then="sys.exit(4)").events()) == [
        Progress("looking", 1)
    ]


def test_stopping_ends_the_child_even_one_that_does_not_want_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapedeck_tui.tui.jobs.STOP_GRACE", 0.2)
    stubborn = child(
        tmp_path,
        Progress("keeping", 1),
        then="signal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('{}', flush=True)\nwhile True: signal.pause()",
    )
    events = stubborn.events()
    assert next(events) == Progress("keeping", 1)
    stubborn.stop()
    assert list(events) == []
    assert stubborn._child is not None
    assert stubborn._child.poll() is not None


async def test_twenty_thousand_events_do_not_stall_the_app() -> None:
    """What waits is replaced: far fewer messages are handled than were posted, and none of the problems is lost."""

    def many() -> Iterator[Event]:
        for number in range(20_000):
            yield problem() if number % 1000 == 0 else Progress("keeping", number, 20_000)
        yield Finished("done")

    async with running() as (app, pilot):
        run_job(app, "sync", many)
        await until(pilot, lambda: not app.jobs.running and app.jobs.problems == 20)
        assert "20 problems" in app.screen.query_one(StatusLine).right


async def test_the_app_reads_the_sources_and_fills_the_list(tmp_path: Path) -> None:
    """At start a child runs; its progress stands in the status line, its news fill the list, then it is quiet."""
    deck = FakeDeck(tmp_path)

    def sync(home: Home) -> SyncChild:
        deck.prepend(3)
        return child(
            tmp_path, Progress("keeping", 1, 2), Changed(63, 700), Finished("done", (("sessions", 63),))
        )

    app = make_app(deck, demo=False, sync=sync)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.screen.query_one("#rows").count == 63)  # type: ignore[attr-defined]
        await until(pilot, lambda: not app.jobs.running)
        await settle(pilot)
        assert app.screen.query_one(StatusLine).right == ""


async def test_quitting_stops_the_child(tmp_path: Path) -> None:
    started: list[SyncChild] = []

    def sync(home: Home) -> SyncChild:
        started.append(child(tmp_path, Progress("keeping", 1, 2), then="signal.pause()"))
        return started[0]

    app = make_app(FakeDeck(tmp_path), demo=False, sync=sync)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "keeping" in app.jobs.words)
        await pilot.press("ctrl+q")
    assert started[0]._child is not None
    assert started[0]._child.wait(10) is not None


async def test_ctrl_x_stops_reading_and_r_reads_again(tmp_path: Path) -> None:
    started: list[SyncChild] = []

    def sync(home: Home) -> SyncChild:
        started.append(child(tmp_path, Progress("keeping", 1, 2), then="signal.pause()"))
        return started[-1]

    app = make_app(FakeDeck(tmp_path), demo=False, sync=sync)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "keeping" in app.jobs.words)
        await pilot.press("ctrl+x")
        await until(pilot, lambda: not app.jobs.running)
        await pilot.press("r")
        await until(pilot, lambda: len(started) == 2 and "keeping" in app.jobs.words)


async def test_the_demo_reads_nothing() -> None:
    def sync(home: Home) -> SyncChild:
        raise AssertionError("the demo must not read this machine")

    async with running(sync=sync) as (app, pilot):
        await pilot.press("r")
        await settle(pilot)
        assert "demo" in next(iter(app._notifications)).message


def test_a_job_that_waits_for_news_is_not_running() -> None:
    """When all is read the watcher only waits: nothing counts as running, and one quiet word says so."""
    table = JobTable()
    table.take(JobMoved("sync", Progress("keeping", 1, 2)))
    table.take(JobMoved("sync", Progress("watching", 0)))
    assert (table.running, table.words) == ({}, "watching")
    table.take(JobMoved("sync", Changed(3, 30)))
    table.take(JobMoved("sync", problem()))
    assert (table.running, table.words) == ({}, "watching · 1 problem")
    table.take(JobMoved("import", Progress("keeping", 1, 2)))
    assert table.words == "keeping 50% · 1 problem"
    table.take(JobMoved("import", None))
    table.take(JobMoved("sync", None))
    assert (table.watching, table.words) == (set(), "1 problem")


def test_the_child_follows_everything_and_reads_what_is_named_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert SyncChild(home)._command[3:5] == ["watch", "--events"]
    named = SyncChild(home, (tmp_path / "-x",))._command
    assert (named[3], named[-2:]) == ("sync", ["--", str(tmp_path / "-x")])


def test_files_that_were_named_and_not_read_are_an_error(tmp_path: Path) -> None:
    """Somebody else was reading all the time: the user's file was not read, and is told so."""
    busy = [sys.executable, "-c", "raise SystemExit(4)"]
    with pytest.raises(TapedeckError):
        list(SyncChild(Home(tmp_path), (tmp_path,), command=busy).events())


async def test_an_open_app_follows_live_and_r_has_everything_looked_at(tmp_path: Path) -> None:
    """The child stays: lists grow when it tells of news, and r signals it instead of starting another."""
    deck = FakeDeck(tmp_path)
    go = tmp_path / "go"
    signals: list[str] = []
    deck.signal = lambda: signals.append("look")  # type: ignore[attr-defined]

    def sync(home: Home) -> SyncChild:
        news = encode(Changed(63, 700))
        return child(
            tmp_path, Changed(60, 690), Progress("watching", 0), then=f"""
import os
os.mkfifo({str(go)!r})
open({str(go)!r}).read()
print({news!r}, flush=True)
signal.pause()
""")  # fmt: skip

    app = make_app(deck, demo=False, sync=sync)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.jobs.words == "watching" and go.exists())
        await until(pilot, lambda: "watching" in app.screen.query_one(StatusLine).right)
        deck.prepend(3)
        go.write_text("go")
        await until(pilot, lambda: app.screen.query_one("#rows").count == 63)  # type: ignore[attr-defined]
        await pilot.press("r")
        await until(pilot, lambda: signals == ["look"])


async def test_a_named_file_is_read_beside_the_watcher(tmp_path: Path) -> None:
    asked: list[tuple[Path, ...]] = []

    def sync(home: Home, paths: tuple[Path, ...] = ()) -> SyncChild:
        asked.append(paths)
        folder = tmp_path / str(len(asked))
        folder.mkdir()
        if paths:
            return child(folder, Finished("1 file read", (("files", 1),)))
        return child(folder, Progress("watching", 0), then="signal.pause()")

    app = make_app(FakeDeck(tmp_path), demo=False, sync=sync)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.jobs.watching == {"sync"})
        app.read_sources((tmp_path,))
        await until(pilot, lambda: asked == [(), (tmp_path,)])
        await until(pilot, lambda: not app.jobs.running)
        assert app.jobs.watching == {"sync"}


async def test_a_result_for_a_screen_that_is_being_taken_down_is_nobodys() -> None:
    """Its leaves go first: a result that then looks for one of them ends neither the worker nor the app."""
    async with running() as (app, pilot):
        screen = app.screen
        assert isinstance(screen, DeckScreen)
        met: list[str] = []

        def show(result: str) -> None:
            met.append(result)
            screen.query_one("#taken-down-already")

        screen.in_thread("late", lambda: "late", show)
        await settle(pilot)
        assert met == ["late"]
        assert app.is_running
