"""``tapedeck watch`` as a process: what it prints, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Queue

import pytest

from tapedeck_tui.capture.service import Service
from tapedeck_tui.cli import context, keeping
from tapedeck_tui.cli.main import main
from tapedeck_tui.deck import Deck
from tapedeck_tui.errors import Busy
from tapedeck_tui.events import Event, Finished, Progress, decode
from tapedeck_tui.paths import find_home
from tests.cli.conftest import Said
from tests.cli.fakes import FakeDeck
from tests.sources import ClaudeFile, door_session


def _hears_ctrl_c() -> None:
    """A run started in the background of a script hands on that ctrl+c is ignored; a terminal does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Process:
    """The command in a process of its own; its lines (of both streams) can be waited for."""

    def __init__(self, *arguments: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tapedeck_tui", *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=_hears_ctrl_c,
        )  # fmt: skip
        self.lines: Queue[str] = Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put("(end)")

    def until(self, words: str) -> str:
        while True:
            line = self.lines.get(timeout=60)
            if words in line:
                return line
            assert line != "(end)", f"it ended before it said {words!r}"

    def end(self, number: int) -> int:
        self.child.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        code = self.child.wait(timeout=60)
        self.reader.join(timeout=60)
        return code


@pytest.fixture
def session() -> ClaudeFile:
    return door_session(Path.home() / ".claude" / "projects" / "-a")


@pytest.fixture
def process() -> Iterator[list[Process]]:
    made: list[Process] = []
    yield made
    for one in made:
        if one.child.poll() is None:
            one.child.kill()
            one.wait()


def test_watching_says_what_is_new_and_ends_on_sigterm(session: ClaudeFile, process: list[Process]) -> None:
    """The first look, then a line for every change; SIGTERM (a service being stopped) ends it with 0."""
    session.write(2)
    process.append(Process("watch"))
    process[0].until("1 file read, 2 turns new or changed")
    process[0].until("Watching.")
    session.write()
    line = process[0].until("turns new or changed")
    assert "~/.claude/projects/-a/" in line
    assert process[0].end(signal.SIGTERM) == 0


def test_ctrl_c_ends_it_while_it_waits(session: ClaudeFile, process: list[Process]) -> None:
    process.append(Process("watch"))
    process[0].until("Watching.")
    assert process[0].end(signal.SIGINT) == 130


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the writer of a pipe at once")
def test_a_child_ends_with_its_parent(session: ClaudeFile, process: list[Process]) -> None:
    """The app was killed: nobody reads the events any more, so its watcher ends by itself, idle as it is."""
    session.write()
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'tapedeck_tui', 'watch', '--events'],"
        " stdout=subprocess.PIPE, text=True, start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "for line in child.stdout: print(line, end='', flush=True)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    seen = []
    for line in parent.stdout:
        seen.append(decode(line))
        if isinstance(seen[-1], Progress) and seen[-1].stage == "watching":
            break
    assert any(isinstance(e, Finished) for e in seen)
    watcher = os.pidfd_open(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    import select

    poll = select.poll()
    poll.register(watcher, select.POLLIN)
    assert poll.poll(30_000), "the watcher lives on"
    os.close(watcher)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the writer of a pipe at once")
def test_a_pipe_that_was_closed_ends_it(session: ClaudeFile) -> None:
    """``tapedeck watch | head -1``: it does not live on unseen."""
    session.write()
    child = subprocess.Popen(
        [sys.executable, "-m", "tapedeck_tui", "watch"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert "6 turns" in child.stdout.readline()
    child.stdout.close()
    assert child.wait(60) == 0


def test_two_watchers_and_a_kill(session: ClaudeFile, process: list[Process]) -> None:
    """Two watch at once, as the app and the service do; each line is read once and both tell of it. The working one
    is killed while lines are written: the other takes over, and no turn is missing or double."""
    session.write(1)
    process.append(Process("watch"))
    process[0].until("Watching.")
    process.append(Process("watch", "--events"))
    process[1].until("another tapedeck watches already")
    session.write(2)
    process[0].until("1 turn new or changed")
    process[1].until('"turns":2')
    session.write(4)
    process[0].child.kill()
    session.write(8)
    process[1].until('"turns":6')
    assert process[1].end(signal.SIGTERM) == 0
    with Deck(find_home()) as deck:
        (row,) = deck.session_rows(deck.session_order())
        assert row.turns == deck.status().turns == 6


def test_the_demo_has_nothing_to_watch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "watch"]) == 2
    assert "no sources to watch" in capsys.readouterr().err


# service and hook


@pytest.fixture
def claude() -> Path:
    path = Path.home() / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_text('{\n  "model": "opus"\n}\n')
    return path


def test_a_hook_is_shown_asked_for_and_backed_up(
    claude: Path, run_in_terminal: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The diff is shown first; no is the answer to anything but yes; the old file is kept beside the new one."""
    monkeypatch.setattr(context, "make_deck", Deck)
    before = claude.read_text()
    said = run_in_terminal("hook", "install", answer="\n")
    assert '+  "hooks": {' in said.out
    assert "Nothing was changed." in said.err
    assert claude.read_text() == before
    said = run_in_terminal("hook", "install", answer="y\n")
    assert "Changed: ~/.claude/settings.json" in said.out
    (saved,) = claude.parent.glob("settings.json.before-tapedeck-*")
    assert saved.read_text() == before
    assert run_in_terminal("hook", "status").code == 0
    assert "nothing to do" in run_in_terminal("hook", "install").out
    assert run_in_terminal("hook", "uninstall", "--yes").code == 0
    assert claude.read_text() == before
    assert run_in_terminal("hook", "status").code == 3


def test_without_a_person_nothing_is_changed(
    claude: Path, run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "make_deck", Deck)
    before = claude.read_text()
    assert "add --yes" in run("hook", "install").err
    assert claude.read_text() == before
    claude.write_text("{broken")
    said = run("hook", "install", "--yes")
    assert said.code == 7
    assert "not valid JSON" in said.err
    assert claude.read_text() == "{broken"


def test_a_service_where_nothing_can_start_one(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No systemctl on this machine: the unit is written and the commands to run by hand are named."""
    monkeypatch.setattr(context, "make_deck", Deck)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Service.__init__, "__defaults__", (lambda command: None, "linux", {}))
    assert "add --yes" in run("service", "install").err
    assert run("service", "status").out.startswith("not installed")
    said = run("service", "install", "--yes")
    assert said.code == 1
    assert "+ExecStart=" in said.out
    assert "systemctl --user enable tapedeck.service" in said.out
    assert "by hand" in said.err
    assert run("service", "status").out.startswith("unknown")
    assert run("service", "uninstall", "--yes").code == 1
    assert "not installed" in run("service", "uninstall", "--yes").out


@pytest.mark.parametrize("command", ["service", "hook"])
def test_the_demo_changes_nothing(command: str, run: Callable[..., Said]) -> None:
    assert run("--demo", command, "install", "--yes").code == 2


# sync beside a watcher


def test_sync_waits_a_moment_for_another_reader(
    deck: FakeDeck, run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watcher holds the lock for some tenths of a second: sync is not refused for that. Who reads for minutes is
    named."""
    now = [0.0]
    monkeypatch.setattr(keeping.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(keeping.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    real = deck.sync

    def sync(paths: Sequence[Path] = ()) -> Iterator[Event]:
        if now[0] < 0.5:
            raise Busy("Another tapedeck is reading the sources right now.")
        yield from real(paths)

    monkeypatch.setattr(deck, "sync", sync)
    assert run("sync").code == 0
    now[0] = -100.0
    assert run("sync").code == 4
    assert now[0] == pytest.approx(-90.0, abs=0.5)
