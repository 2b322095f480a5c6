"""Long work in the app: a thread reads the events of a job and posts messages that replace one another.

The screen is never asked to draw more than it can: a newer Progress of the same stage replaces an older
one still waiting, a Problem or a Finished is never dropped.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from textual.message import Message
from textual.worker import Worker, get_current_worker

from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.events import Changed, Event, Finished, Problem, Progress, unread_of
from tapedeck_tui.text import clean, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from tapedeck_tui.paths import Home

STOP_GRACE = 3.0
"""Seconds a stopped child may take to finish its batch before it is killed."""

MOST_MET = 500
"""Problems of one run that are held; all that belong to a kept file are in the library, too."""
GOOD_CODES = frozenset({0, -15, 130, 143})
"""How a child may end: done, or asked to stop."""
BUSY_CODE = 4
"""Somebody else is reading already: well, unless there was something of one's own to read."""
WATCHING = "watching"
"""The stage of a job that has nothing to do but wait for news."""


class JobMoved(Message):
    """A job reported something. ``event`` is None when the job is over."""

    def __init__(self, job: str, event: Event | None, error: str = "") -> None:
        super().__init__()
        self.job = job
        self.event = event
        self.error = error

    def can_replace(self, message: Message) -> bool:
        return (
            isinstance(message, JobMoved)
            and message.job == self.job
            and isinstance(self.event, (Progress, Changed))
            and type(message.event) is type(self.event)
        )


@dataclass(slots=True)
class JobLine:
    """What the status line says of a job: its latest progress."""

    name: str
    progress: Progress | None = None

    @property
    def words(self) -> str:
        now = self.progress
        if now is None:
            return self.name
        if now.total:
            return f"{now.stage} {min(100, now.done * 100 // now.total)}%"
        return f"{now.stage} {now.done:,} {now.unit}" if now.done else now.stage


@dataclass(slots=True)
class JobTable:
    """All running jobs and how many problems they met; held by the app, drawn by the status line. A job that only
    waits for news is not running, but ``watching``."""

    running: dict[str, JobLine] = field(default_factory=dict)
    watching: set[str] = field(default_factory=set)
    problems: int = 0
    met: list[Problem] = field(default_factory=list)
    """The problems of the latest run, the first ``MOST_MET`` of them."""
    finished: dict[str, Finished] = field(default_factory=dict)
    """How the latest run of each job ended; nothing while it runs, or when it was stopped."""

    def begin(self, job: str) -> None:
        """A new run: what was said of the one before is forgotten."""
        self.problems = 0
        self.met.clear()
        self.finished.pop(job, None)

    def take(self, message: JobMoved) -> None:
        event = message.event
        if isinstance(event, Problem):
            self.problems += 1
            if len(self.met) < MOST_MET:
                self.met.append(event)
        elif isinstance(event, Finished):
            self.finished[message.job] = event
        if event is None or (isinstance(event, Progress) and event.stage == WATCHING):
            self.running.pop(message.job, None)
            (self.watching.discard if event is None else self.watching.add)(message.job)
        elif isinstance(event, Progress) or message.job not in self.watching:
            self.watching.discard(message.job)
            line = self.running.setdefault(message.job, JobLine(message.job))
            if isinstance(event, Progress):
                line.progress = event

    def outcome(self, job: str, named: Sequence[Path] = ()) -> tuple[str, bool]:
        """What came of a job's latest run in a sentence, "" while there is nothing to say, and whether it went
        well.

        Args:
            named: what the user asked to have read.
        """
        unread = unread_of(self.met, named)
        if unread:
            name = unread[0].where.rstrip("/").rpartition("/")[2]
            return clean(f"{name} was not read: {unread[0].what}. {unread[0].hint}").strip(), False
        finished = self.finished.get(job)
        if finished is None or not finished.summary:
            return "", True
        summary = finished.summary
        return f"{summary[:1].upper()}{summary[1:].rstrip('.')}.", True

    @property
    def words(self) -> str:
        """The right end of the status line, "" when there is nothing to say."""
        parts = []
        if len(self.running) > 1:
            parts.append(f"{len(self.running)} jobs")
        parts += [line.words for line in list(self.running.values())[:1]]
        if self.watching and not self.running:
            parts.append(WATCHING)
        if self.problems:
            parts.append(f"{self.problems:,} problem{'s' if self.problems != 1 else ''}")
        return " · ".join(parts)


def run_job(app: App[Any], job: str, start: Callable[[], Iterator[Event]]) -> Worker[None]:
    """Run a generator of events in a thread; the app gets a JobMoved for each, the last with event None.

    Cancelling the worker closes the generator, which stops the work.
    """

    def work() -> None:
        worker = get_current_worker()
        error = ""
        events = start()
        try:
            for event in events:
                if worker.is_cancelled:
                    break
                app.post_message(JobMoved(job, event))
        except TapedeckError as exc:
            error = str(exc)
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()
            app.post_message(JobMoved(job, None, error))

    return app.run_worker(work, name=job, group=f"job-{job}", exclusive=True, thread=True, exit_on_error=True)


class SyncChild:
    """``tapedeck watch --events`` (for paths: ``sync``) in a process of its own, so that parsing never fights the
    screen.

    Args:
        home: whose sources are read.
        paths: read these files and folders, and end; default: follow every importer's places.
        command: for tests: the program that writes events as JSON lines; default: this Python.
    """

    def __init__(self, home: Home, paths: Sequence[Path] = (), command: list[str] | None = None) -> None:
        self._command = command or [
            sys.executable, "-m", "tapedeck_tui", "sync" if paths else "watch", "--events", "--home", str(home.root),
            *(["--", *(str(path) for path in paths)] if paths else []),
        ]  # fmt: skip
        self._good = GOOD_CODES if paths else GOOD_CODES | {BUSY_CODE}
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def events(self) -> Iterator[Event]:
        """The child's events. Closing the generator, or ``stop``, ends the child.

        Raises:
            TapedeckError: the child ended with an error; its last words are the message.
        """
        from tapedeck_tui.events import decode

        with self._lock:
            if self._stopped:
                return
            self._child = child = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, encoding="utf-8", errors="replace", start_new_session=True,
            )  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        said: list[str] = []
        ears = threading.Thread(target=lambda: said.extend(list(child.stderr or ())[-20:]), daemon=True)
        ears.start()
        try:
            for line in child.stdout:
                event = decode(line)
                if event is not None:
                    yield event
            code = child.wait()
            ears.join(timeout=1.0)
            if code not in self._good and not self._stopped:
                raise TapedeckError(_last_words(said, code))
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask the child to end; kill it when it does not. Safe from any thread, and twice."""
        with self._lock:
            self._stopped = True
            child = self._child
        if child is None or child.poll() is not None:
            return
        child.terminate()
        try:
            child.wait(STOP_GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _last_words(said: list[str], code: int) -> str:
    words = next((one_line(line, 300) for line in reversed(said) if line.strip()), "")
    return f"Reading the sources stopped (exit code {code}). {words}".strip()
