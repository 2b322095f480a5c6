"""Following the sources live: what is due when, driven by a script of events and a clock that only the script moves."""

from __future__ import annotations

import itertools
import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from importers import registry
from importers.contract import Problem
from tapedeck_tui.capture import follow, hooks
from tapedeck_tui.capture.follow import Watch
from tapedeck_tui.capture.inbox import Inbox, Lost, Message, Stop, Touched
from tapedeck_tui.capture.watch import SystemEyes
from tapedeck_tui.deck import Deck
from tapedeck_tui.errors import StorageError
from tapedeck_tui.events import Changed, Event, Finished, Progress
from tapedeck_tui.paths import Home
from tapedeck_tui.tapes.source import CountedFile
from tests.sources import ClaudeFile, door_session, elevator_session


class Script(Inbox):
    """An inbox whose clock is moved by waiting in it. ``at`` plays something at a moment; when nothing is left to
    play, the watcher is stopped."""

    def __init__(self) -> None:
        self.time = 1000.0
        super().__init__(lambda: self.time)
        self.plays: list[tuple[float, object]] = []
        self.waits: list[float] = []

    def at(self, seconds: float, play: object) -> Script:
        """After so many seconds from the beginning: a message, or something to call that may return messages."""
        self.plays.append((1000.0 + seconds, play))
        self.plays.sort(key=lambda p: p[0])
        return self

    def wait(self, seconds: float) -> list[Message]:
        self.waits.append(seconds)
        end = self.time + seconds
        out: list[Message] = super().wait(0)
        while not out and self.plays and self.plays[0][0] <= end:
            at, play = self.plays.pop(0)
            self.time = max(self.time, at)
            found = play() if callable(play) else play
            out += found if isinstance(found, list) else [found] if isinstance(found, Message) else []
        if not out:
            if not self.plays:
                return [Stop()]
            self.time = end
        return out


class NoEyes:
    """Sees nothing: events are played by the script."""

    problems: Sequence[Problem] = ()

    def __init__(self, *_: object) -> None:
        self.looked = 0
        self.closed = False

    def look_around(self) -> Sequence[Problem]:
        self.looked += 1
        return self.problems

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def deck(tmp_path: Path) -> Iterator[Deck]:
    with Deck(Home(tmp_path / "tapes")) as made:
        yield made


@pytest.fixture
def projects() -> Path:
    return Path.home() / ".claude" / "projects"


def watch(deck: Deck, script: Script, eyes: NoEyes | None = None) -> Watch:
    eyes = eyes or NoEyes()
    return Watch(deck.home, deck.keep.machine_id(), lambda: script.time, script, lambda *_: eyes)


def run(deck: Deck, script: Script) -> list[Event]:
    return list(watch(deck, script).events())


def said(events: Sequence[Event]) -> list[str]:
    return [e.summary for e in events if isinstance(e, Finished)]


def touched(*paths: Path) -> list[Message]:
    return [Touched(str(p)) for p in paths]


def test_it_looks_at_everything_first_and_then_waits(deck: Deck, projects: Path) -> None:
    """The first look reads all there is and says so; then the stage is "watching", until it is stopped."""
    door_session(projects / "-a").write()
    events = run(deck, Script().at(7, Stop()))
    assert said(events) == ["1 file read, 6 turns new or changed"]
    assert isinstance(events[-1], Progress)
    assert events[-1].stage == "watching"
    assert deck.status().vectors_behind == 0


def test_a_change_is_read_when_it_is_quiet(deck: Deck, projects: Path) -> None:
    """Events of one change come in a burst; they are read once, 0.2 s after the last, and name the file."""
    file = door_session(projects / "-a")
    file.write(4)
    script = Script()

    def write() -> list[Message]:
        file.write()
        return touched(file.path)

    script.at(10, write).at(10.1, lambda: touched(file.path)).at(10.15, lambda: touched(file.path)).at(
        60, Stop()
    )
    times = [(script.time - 1000, e.summary) for e in watch(deck, script).events() if isinstance(e, Finished)]
    assert times[1:] == [
        (pytest.approx(10.35), f"~/.claude/projects/-a/{file.path.name}: 3 turns new or changed")
    ]


def test_constant_change_is_read_all_the_same(deck: Deck, projects: Path) -> None:
    """A file that never rests is read 0.8 s after its first change: words are found within a second."""
    file = door_session(projects / "-a")
    file.write(1)
    script = Script()
    for n in range(1, 40):
        script.at(10 + n / 10, lambda n=n: (file.write(min(8, 1 + n // 4)), touched(file.path))[1])
    script.at(60, Stop())
    times = [script.time - 1000 for e in watch(deck, script).events() if isinstance(e, Finished)]
    assert times[1] == pytest.approx(10.9, abs=0.01)
    assert all(b - a <= 1.0 for a, b in itertools.pairwise(times[1:]))


def test_an_appended_line_costs_itself(deck: Deck, projects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line appended to a 20 MB session while watching: less than 1 MB is read of it, one record is parsed."""
    file = door_session(projects / "-a")
    filler = json.dumps(
        {"type": "progress", "uuid": "x", "sessionId": file.session, "data": {"n": "x" * 100_000}}
    )
    file.lines += [filler] * 200
    file.write()
    assert file.path.stat().st_size > 20_000_000
    file.user("one more thing: zebra crossing")
    counted: list[CountedFile] = []
    opened = CountedFile.__init__

    def count(self: CountedFile, source: object) -> None:
        opened(self, source)  # type: ignore[arg-type]
        counted.append(self)

    records: list[object] = []
    claude = registry.by_name("claude-code")
    assert claude is not None
    real = type(claude).read

    def read(self: object, source: object, cursor: object = None) -> Iterator[object]:
        for record in real(self, source, cursor):  # type: ignore[arg-type]
            records.append(record)
            yield record

    def write() -> list[Message]:
        monkeypatch.setattr(CountedFile, "__init__", count)
        monkeypatch.setattr(type(claude), "read", read)
        with file.path.open("a") as out:
            out.write(file.lines[-1] + "\n")
        return touched(file.path)

    run(deck, Script().at(10, write).at(20, Stop()))
    assert 0 < sum(c.count for c in counted) < 1_000_000
    assert len([r for r in records if type(r).__name__ == "Turn"]) == 1
    assert deck.search("zebra crossing").sessions


def test_lost_events_are_healed_by_the_sweep(deck: Deck, projects: Path) -> None:
    """Nobody tells of a new file: it is found ten minutes after the last look, or at once after a sign of loss."""
    door_session(projects / "-a").write()
    script = Script()
    script.at(10, lambda: elevator_session(projects / "-b").write()).at(2000, Stop())
    times = [script.time - 1000 for e in watch(deck, script).events() if isinstance(e, Finished)]
    assert times[1:] == [pytest.approx(follow.SWEEP, abs=6)]
    script = Script()
    script.at(
        10, lambda: (door_session(projects / "-c", "33333333-aaaa-4bbb-8ccc-000000000003").write(), Lost())[1]
    )
    script.at(60, Stop())
    times = [script.time - 1000 for e in watch(deck, script).events() if isinstance(e, Finished)]
    assert times[1:] == [pytest.approx(10.2, abs=0.1)]


def test_a_change_in_the_middle_is_found_by_the_sweep(deck: Deck, projects: Path) -> None:
    """A growing file is compared at both ends only; that something far inside was rewritten, too, the sweep finds."""
    file = door_session(projects / "-a")
    filler = json.dumps({"type": "progress", "uuid": "x", "sessionId": file.session, "data": "x" * 100_000})
    first, *lines, last = file.lines
    file.lines = [*lines, filler, first, filler]
    file.write()
    found: list[int] = []

    def rewrite() -> list[Message]:
        whole = file.path.read_bytes()
        assert whole.count(b"cooldown?") == 1
        file.path.write_bytes(whole.replace(b"cooldown?", b"xylophone") + last.encode() + b"\n")
        return touched(file.path)

    def look() -> None:
        found.append(len(deck.search("xylophone", semantic=False).sessions))

    run(deck, Script().at(10, rewrite).at(20, look).at(700, look).at(2000, Stop()))
    assert found == [0, 1]


def test_signs_of_loss_in_a_row_are_one_sweep(deck: Deck) -> None:
    script, eyes = Script(), NoEyes()
    for n in range(100):
        script.at(10 + n / 25, Lost())
    list(watch(deck, script.at(60, Stop()), eyes).events())
    assert eyes.looked == 3
    assert eyes.closed


def test_a_signal_of_a_hook_is_looked_at(deck: Deck, projects: Path) -> None:
    script = Script()

    def signal() -> list[Message]:
        door_session(projects / "-a").write()
        return touched(deck.home.signals / "claude-code")

    events = run(deck, script.at(10, signal).at(30, Stop()))
    assert said(events)[1:] == ["1 file: 6 turns new or changed"]
    assert script.time - 1000 < 31


def test_a_new_folder_is_looked_into(deck: Deck, projects: Path) -> None:
    """The file was written before the new folder could be watched: only the folder is told of."""
    projects.mkdir(parents=True)

    def make() -> list[Message]:
        door_session(projects / "-new").write()
        return [Touched(str(projects / "-new"), is_folder=True)]

    events = run(deck, Script().at(10, make).at(30, Stop()))
    assert len(said(events)) == 2
    assert deck.status().sessions == 1


def test_a_deleted_file_is_marked_gone(deck: Deck, projects: Path) -> None:
    path = door_session(projects / "-a").write()
    events = run(deck, Script().at(10, lambda: (path.unlink(), touched(path))[1]).at(30, Stop()))
    assert said(events)[1:] == [f"~/.claude/projects/-a/{path.name}: gone from its source, kept here"]
    assert deck.session_rows(deck.session_order())[0].gone


def test_a_moved_file_is_followed(deck: Deck, projects: Path) -> None:
    path = door_session(projects / "-a").write()
    to = projects / "-b" / path.name
    to.parent.mkdir()
    run(deck, Script().at(10, lambda: (path.rename(to), touched(path, to))[1]).at(30, Stop()))
    (row,) = deck.session_rows(deck.session_order())
    assert (row.turns, row.gone, deck.session(row.id).path) == (6, False, str(to))


def test_a_truncated_and_a_replaced_file_are_followed(deck: Deck, projects: Path) -> None:
    file = door_session(projects / "-a")
    file.write()
    other = ClaudeFile(projects / "-a", file.session)
    other._n = 90  # other records, not the same ones rewritten
    other.user("an entirely new beginning")

    def replace() -> list[Message]:
        other.path.unlink()
        other.write()
        return touched(file.path)

    script = Script().at(10, lambda: (os.truncate(file.path, 700), touched(file.path))[1]).at(20, replace)
    run(deck, script.at(30, Stop()))
    turns = deck.turns(file.session, 0, 20)
    assert [t.parts[0].text for t in turns if "superseded" not in t.flags] == ["an entirely new beginning"]
    assert len(turns) == 7


def test_a_half_written_first_line_is_no_problem(deck: Deck, projects: Path) -> None:
    """A new file is met before its first line is whole; it is read when it is."""
    file = door_session(projects / "-a")

    def half() -> list[Message]:
        file.write(0, file.lines[0][:20])
        return touched(file.path)

    def whole() -> list[Message]:
        file.write()
        return touched(file.path)

    events = run(deck, Script().at(10, half).at(20, whole).at(30, Stop()))
    assert not [e for e in events if isinstance(e, Problem)]
    assert deck.status().sessions == 1


def test_what_is_no_session_file_wakes_nobody(deck: Deck, projects: Path) -> None:
    """Other files below the homes come and go without a run."""
    door_session(projects / "-a").write()
    note = projects / "-a" / "memory" / "notes.md"
    events = run(deck, Script().at(10, lambda: touched(note)).at(30, Stop()))
    assert len([e for e in events if isinstance(e, Progress) and e.stage == "watching"]) == 2


def test_while_another_process_reads_it_waits_and_loses_nothing(deck: Deck, projects: Path) -> None:
    """The lock is held by somebody else: it says so once, tries again, and then reads what came meanwhile."""
    file, other = door_session(projects / "-a"), elevator_session(projects / "-a")
    file.write(2)
    lock = FileLock(deck.home.make().ingest_lock)

    def begin() -> list[Message]:
        lock.acquire()
        file.write()
        return touched(file.path)

    def more() -> list[Message]:
        other.write()
        return touched(other.path)

    events = run(deck, Script().at(10, begin).at(12, more).at(15, lock.release).at(40, Stop()))
    assert [e.stage for e in events if isinstance(e, Progress)].count("waiting") == 1
    assert deck.status().turns == 8


def test_a_second_watcher_follows_the_first(deck: Deck, projects: Path) -> None:
    """It says so, leaves the first one a moment, and finds nothing left to do; its lists are told all the same."""
    file = door_session(projects / "-a")
    file.write(2)
    first = FileLock(deck.home.make().watch_lock)
    first.acquire()

    def write() -> list[Message]:
        file.write()
        return touched(file.path)

    script = Script().at(10, write).at(10.3, lambda: list(deck.sync()) and None).at(30, Stop())
    events = run(deck, script)
    assert any(isinstance(e, Progress) and e.note == follow.COMPANY for e in events)
    assert said(events) == ["1 file read, 2 turns new or changed"]
    assert [e for e in events if isinstance(e, Changed)][-1] == Changed(1, 6)
    assert script.time - 1000 < 31


def test_the_second_watcher_takes_over(deck: Deck, projects: Path) -> None:
    file = door_session(projects / "-a")
    file.write(2)
    first = FileLock(deck.home.make().watch_lock)
    first.acquire()
    script = (
        Script().at(5, first.release).at(10, lambda: (file.write(), touched(file.path))[1]).at(30, Stop())
    )
    events = run(deck, script)
    assert len(said(events)) == 2
    last = [e for e in events if isinstance(e, Progress) and e.stage == "watching"][-1]
    assert last.note == ""


def test_new_turns_are_embedded_when_it_is_quiet(deck: Deck, projects: Path) -> None:
    """Words are found at once; the vectors follow some seconds later, and news come before them."""
    file = door_session(projects / "-a")
    file.write(2)
    behind: list[int] = []

    def write(count: int) -> list[Message]:
        file.write(count)
        return touched(file.path)

    def look() -> None:
        behind.append(deck.status().vectors_behind)

    script = Script().at(10, lambda: write(5)).at(11, look).at(14, lambda: write(8)).at(16, look).at(22, look)
    run(deck, script.at(60, Stop()))
    assert behind[0] > 0
    assert behind[1] > behind[0]
    assert behind[2] == 0


def test_a_problem_is_told_once(deck: Deck, projects: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be watched is met at every sweep and told of once; sweeps come more often then."""
    eyes, script = NoEyes(), Script().at(300, Stop())
    eyes.problems = [Problem(str(projects), "cannot be watched: no space left", kind="watch")]
    events = list(watch(deck, script, eyes).events())
    assert len([e for e in events if isinstance(e, Problem)]) == 1
    assert eyes.looked == 5


def test_a_full_disk_is_told_and_tried_again(
    deck: Deck, projects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home cannot be written for a while: it says so, keeps watching, and reads everything later."""
    file = door_session(projects / "-a")
    file.write(2)
    real = follow.Sync.events

    def full(self: object) -> Iterator[Event]:
        raise StorageError("Cannot write the tape: no space left.", "Make room.")
        yield

    def fill() -> list[Message]:
        monkeypatch.setattr(follow.Sync, "events", full)
        file.write()
        return touched(file.path)

    def clear() -> None:
        monkeypatch.setattr(follow.Sync, "events", real)

    events = run(deck, Script().at(10, fill).at(30, clear).at(200, Stop()))
    assert [e.what for e in events if isinstance(e, Problem)] == ["Cannot write the tape: no space left."]
    assert deck.status().turns == 6


def test_idle_costs_nothing(deck: Deck, projects: Path) -> None:
    """With nothing to do it sleeps until the next sweep, in one wait."""
    door_session(projects / "-a").write()
    script = Script().at(4000, Stop())
    run(deck, script)
    assert len(script.waits) <= 10


# with the file events of this system


class Live:
    """A watcher in a thread; ``finished`` waits for its next news."""

    def __init__(self, deck: Deck) -> None:
        self.watch = deck.watcher()
        self.news: queue.Queue[Event | None] = queue.Queue()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        for event in self.watch.events():
            self.news.put(event)
        self.news.put(None)

    def until(self, stage: str = "", words: str = "") -> str:
        """Waits until it is at this stage, or has finished something with these words in its summary."""
        while True:
            event = self.news.get(timeout=20)
            assert event is not None
            if stage and isinstance(event, Progress) and event.stage == stage:
                return stage
            if words and isinstance(event, Finished) and words in event.summary:
                return event.summary

    def stop(self) -> None:
        self.watch.stop()
        self.thread.join(timeout=20)
        assert not self.thread.is_alive()


@pytest.fixture
def live(deck: Deck, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.setattr(follow, "SOON", 0.1)  # tests wait for nothing they need not wait for
    made = Live(deck)
    try:
        made.until("watching")
        yield made
    finally:
        made.stop()


def test_real_events_of_new_growing_moved_and_deleted_files(deck: Deck, live: Live, projects: Path) -> None:
    """No folder of any tool exists when it starts. One appears, a session grows in it, moves and is deleted; the
    whole folder goes and comes back: each is followed."""
    file = door_session(projects / "-a")
    file.write(2)
    assert "2 turns" in live.until(words="turn")
    file.write()
    assert "turns new" in live.until(words="turns new")
    assert deck.search("45 ticks on arrival", semantic=False).sessions
    to = projects / "-b" / file.path.name
    to.parent.mkdir()
    file.path.rename(to)
    live.until(words="turn")
    (row,) = deck.session_rows(deck.session_order())
    assert (row.turns, row.gone) == (6, False)
    to.unlink()
    live.until(words="gone")
    assert deck.session_rows(deck.session_order())[0].gone
    shutil.rmtree(projects.parent)
    elevator_session(projects / "-a").write()
    live.until(words="turns new")
    assert deck.status().sessions == 2


def test_reading_a_file_is_no_news(deck: Deck, projects: Path) -> None:
    """Opening and reading a session (as the watcher itself does) makes no event."""
    path = door_session(projects / "-a").write()
    inbox = Inbox()
    eyes = SystemEyes(inbox, [projects], deck.home.make().root)
    try:
        assert eyes.look_around() == []
        path.read_bytes()
        path.write_text("x")
        (first, *_) = inbox.wait(20)
        assert first == Touched(str(path))
        while inbox.wait(0.3):
            pass
        path.read_bytes()
        assert inbox.wait(0.3) == []
    finally:
        eyes.close()


def test_a_linked_home_is_watched_under_its_own_name(tmp_path: Path, deck: Deck) -> None:
    """Dotfiles are often links: events come under the name that the library knows."""
    (tmp_path / "real").mkdir()
    home = tmp_path / "linked"
    home.symlink_to(tmp_path / "real")
    inbox = Inbox()
    eyes = SystemEyes(inbox, [home], deck.home.make().root)
    try:
        assert eyes.look_around() == []
        (tmp_path / "real" / "a.jsonl").write_text("{}")
        assert inbox.wait(20)[0] == Touched(str(home / "a.jsonl"))
    finally:
        eyes.close()


def test_a_complaint_of_the_observer_is_a_sign_of_loss(deck: Deck) -> None:
    """What the library below warns of (a queue that overflowed) has everything looked at."""
    import logging

    inbox = Inbox()
    eyes = SystemEyes(inbox, [], deck.home.make().root)
    try:
        logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed")
        assert inbox.wait(20) == [Lost()]
    finally:
        eyes.close()


@pytest.mark.skipif(os.name != "posix", reason="the hook is a shell command")
def test_signals_of_the_app_and_of_a_hook_are_seen_every_time(deck: Deck) -> None:
    """The same file is touched again and again; each time is an event."""
    deck.signal()
    inbox = Inbox()
    eyes = SystemEyes(inbox, [], deck.home.signals)
    try:
        assert eyes.look_around() == []
        for _ in range(2):
            deck.signal()
            assert Touched(str(deck.home.signals / "app")) in inbox.wait(20)
            while inbox.wait(0.3):
                pass
            subprocess.run(["/bin/sh", "-c", hooks.command(deck.home)], check=True)
            assert Touched(str(deck.home.signals / hooks.SIGNAL)) in inbox.wait(20)
            while inbox.wait(0.3):
                pass
    finally:
        eyes.close()


def test_too_many_folders_to_watch_is_said(
    deck: Deck, projects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects.mkdir(parents=True)
    eyes = SystemEyes(Inbox(), [projects], deck.home.make().root)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    try:
        monkeypatch.setattr(eyes._observer, "schedule", refuse)
        problems = eyes.look_around()
        assert {p.kind for p in problems} == {"watch"}
        assert all("max_user_watches" in p.hint for p in problems)
    finally:
        eyes.close()
