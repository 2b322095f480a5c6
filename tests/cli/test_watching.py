"""``tapedeck watch`` as a process: what it prints, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from tapedeck_tui.cli.main import main
from tapedeck_tui.events import Finished, Progress, decode
from tests.sources import ClaudeFile, door_session


class Process:
    """The command in a process of its own; its lines (of both streams) can be waited for."""

    def __init__(self, *arguments: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tapedeck_tui", *arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
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
    process[0].until("1 files read, 2 turns new or changed")
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


def test_the_demo_has_nothing_to_watch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "watch"]) == 2
    assert "no sources to watch" in capsys.readouterr().err
