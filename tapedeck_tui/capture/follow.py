"""Following the sources live: file events, gathered for a moment, become small runs of ``Sync``.

Events of the system are hints and may be lost; the sweep (a full look every ten minutes, and after any sign of
loss) is what makes it certain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal, Protocol

from filelock import FileLock, Timeout

from importers import registry
from importers.contract import Problem
from tapedeck_tui.capture import scan
from tapedeck_tui.capture.inbox import Inbox, Lost, Message, Stop, Touched
from tapedeck_tui.capture.run import Sync
from tapedeck_tui.capture.watch import SWEEP_BLIND, SystemEyes
from tapedeck_tui.errors import Busy, StorageError
from tapedeck_tui.events import Changed, Event, Finished, Progress
from tapedeck_tui.paths import FILE_MODE, FOLDER_MODE, Home, shorten
from tapedeck_tui.text import clean

QUIET = 0.2
"""Seconds without news after which what was gathered is read."""
LATEST = 0.8
"""Seconds after the first news when it is read even if more keeps coming."""
SWEEP = 600.0
"""Seconds between two looks at everything."""
SOON = 5.0
"""Seconds that lie at least between two sweeps, however many signs ask for one."""
MANY = 4_096
"""So many events at once are taken as a sign that others were lost."""
BUSY_FIRST, BUSY_MOST = 0.25, 2.0
"""Seconds to wait while another process is reading, first and at most."""
FOLLOW = 0.5
"""Seconds a second watcher leaves the first one to do the work; then it finds nothing left to do."""
VECTORS_AFTER, VECTORS_LATEST = 5.0, 30.0
"""Seconds of quiet before new turns are embedded, and the longest they wait; words are searchable at once."""
AGAIN = 60.0
"""Seconds until everything is tried again after the home could not be written."""
COMPANY = "another tapedeck watches already; this one follows it"
"""What a second watcher says."""
SLOW = 1.0
"""Seconds after which a run over changed files says how far it is."""
NEVER = float("inf")

Work = Literal["everything", "files", "deep", "vectors"]
"""What one run does: look at everything, read what was touched, compare what was touched since the last sweep from
its first byte on (at an append only the ends are compared), or embed what waits."""


class Eyes(Protocol):
    """What sees file events and puts them into an inbox."""

    def look_around(self) -> Sequence[Problem]:
        """Watch the folders that are there now. Returns a problem for each that cannot be watched."""

    def close(self) -> None:
        """Stop looking."""


class Watch:
    """Follows the sources of a home until it is stopped.

    Args:
        home: where to keep.
        machine: this machine's id.
        clock: Unix seconds (injected in tests).
        inbox: what is waited on; its clock counts all waiting.
        open_eyes: what sees file events; default: the system's, through watchdog.
    """

    def __init__(
        self,
        home: Home,
        machine: str,
        clock: Callable[[], float] = time.time,
        inbox: Inbox | None = None,
        open_eyes: Callable[[Inbox, Sequence[Path], Path], Eyes] | None = None,
    ) -> None:
        self._home = home
        self._machine = machine
        self._clock = clock
        self._inbox = inbox or Inbox()
        self._open_eyes = open_eyes or SystemEyes
        self._importers = registry.importers()
        self._homes = [path for _, path in scan.homes(self._importers)]
        self._named = scan.named(self._importers)
        self._lead = FileLock(home.watch_lock, mode=FILE_MODE)
        self._paths: set[str] = set()
        self._grown: set[str] = set()
        self._first_at = self._last_at = NEVER
        self._sweep_at = self._vectors_at = self._vectors_since = NEVER
        self._swept_at = -NEVER
        self._is_blind = self._stopped = self._leads = False
        self._said: set[tuple[str, str]] = set()
        self._counts: Changed | None = None

    def stop(self) -> None:
        """End ``events`` as soon as what it is doing can be left. From any thread or signal handler, and twice."""
        self._stopped = True
        self._inbox.put(Stop())

    def events(self) -> Generator[Event, None, None]:
        """One look at everything, then every change as it comes. Ends only when stopped or closed.

        What a run read is told by its ``Finished``; while there is nothing to do the stage is "watching".
        Raises StorageError when the home cannot be used at the start.
        """
        folder = self._home.make().signals
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        eyes = self._open_eyes(self._inbox, self._homes, folder)
        try:
            yield from self._look_around(eyes)
            yield from self._read("everything")
            while not self._stopped:
                yield Progress("watching", 0, None, "files", "" if self._leads else COMPANY)
                self._gather()
                yield from self._act(eyes)
        finally:
            eyes.close()
            self._lead.release()

    # waiting

    def _gather(self) -> None:
        """Wait until something is due."""
        while not self._stopped:
            now = self._inbox.now()
            due = min(self._read_at(), self._sweep_at, self._vectors_at)
            if due <= now:
                return
            for message in self._inbox.wait(due - now):
                self._take(message)

    def _read_at(self) -> float:
        return min(self._last_at + QUIET, self._first_at + LATEST) + (0.0 if self._leads else FOLLOW)

    def _take(self, message: Message) -> None:
        match message:
            case Stop():
                self._stopped = True
            case Lost():
                self._sweep_soon()
            case Touched(path, is_folder):
                where = Path(path)
                if where.parent == self._home.signals or where == self._home.signals:
                    self._sweep_soon()
                elif is_folder:
                    self._take_folder(where)
                elif self._named(where) is not None:
                    self._note(path)

    def _take_folder(self, folder: Path) -> None:
        """A folder came or went: what lies in it counts as touched; what lay in it is found by a sweep."""
        if any(folder == home or folder in home.parents for home in self._homes):
            self._sweep_soon()
        elif folder.is_dir():
            for found in scan.inside(folder):
                if self._named(found) is not None:
                    self._note(str(found))
        else:
            self._sweep_soon()

    def _note(self, path: str) -> None:
        self._paths.add(path)
        self._last_at = self._inbox.now()
        self._first_at = min(self._first_at, self._last_at)
        if len(self._paths) > MANY:
            self._sweep_soon()

    def _sweep_soon(self) -> None:
        soon = max(self._inbox.now() + QUIET, self._swept_at + SOON)
        self._sweep_at = min(self._sweep_at, soon)

    # working

    def _act(self, eyes: Eyes) -> Iterator[Event]:
        now = self._inbox.now()
        if self._stopped:
            return
        if self._sweep_at <= now:
            yield from self._look_around(eyes)
            yield from self._read("everything")
            if self._grown:
                yield from self._read("deep")
        elif self._read_at() <= now:
            yield from self._read("files")
        elif self._vectors_at <= now:
            yield from self._read("vectors")

    def _look_around(self, eyes: Eyes) -> Iterator[Event]:
        problems = eyes.look_around()
        self._is_blind = bool(problems)
        yield from self._new(problems)

    def _read(self, what: Work) -> Iterator[Event]:
        """One run. While another process is reading it waits, and what comes meanwhile is read with it."""
        pause, self._leads = BUSY_FIRST, self._takes_lead()
        while not self._stopped:
            batch: set[str] = set()
            if what == "deep":
                batch = self._grown
            elif what != "vectors":
                batch, self._paths = self._paths, set()
            done = False
            try:
                yield from self._run(what, batch)
                done = True
            except Busy:
                if pause == BUSY_FIRST:
                    yield Progress("waiting", 0, None, "files", "another tapedeck is reading the sources")
                for message in self._inbox.wait(pause):
                    self._take(message)
                pause = min(pause * 2, BUSY_MOST)
            except StorageError as exc:
                if self._counts is None:
                    raise
                yield from self._new([Problem(str(self._home.root), exc.what, exc.hint, kind="storage")])
                self._sweep_at, self._vectors_at = self._inbox.now() + AGAIN, NEVER
                self._first_at = self._last_at = NEVER  # the paths are kept; the sweep reads them
                return
            finally:
                if not done and what != "deep":
                    self._paths |= batch
            if done:
                return

    def _run(self, what: Work, batch: set[str]) -> Iterator[Event]:
        only = None if what == "everything" else [Path(path) for path in sorted(batch)]
        vectors, deep = what == "vectors", what == "deep"
        run = Sync(self._home, self._machine, (), self._clock, only=only, vectors=vectors, deep=deep)
        began, is_first = self._inbox.now(), self._counts is None
        if what in ("everything", "files"):
            self._first_at = self._last_at = NEVER
        with closing(run.events()) as events:
            for event in events:
                if isinstance(event, Problem):
                    yield from self._new([event])
                elif isinstance(event, Progress):
                    if is_first or what == "vectors" or self._inbox.now() - began >= SLOW:
                        yield event
                    if event.stage == "vectors" and not self._inbox.is_empty:
                        return  # news come first; what is left is embedded afterwards
                elif isinstance(event, Finished):
                    yield from self._finished(what, batch, run, event, is_first)
                elif what == "files" or event != self._counts:
                    self._counts = event
                    yield event
                if self._stopped:
                    return

    def _finished(
        self, what: Work, batch: set[str], run: Sync, event: Finished, is_first: bool
    ) -> Iterator[Event]:
        now, counts = self._inbox.now(), dict(event.counts)
        if what == "vectors":
            self._vectors_at = self._vectors_since = NEVER
            return
        if what == "everything":
            self._swept_at = now
            self._sweep_at = now + (SWEEP_BLIND if self._is_blind else SWEEP)
        self._grown = set() if what == "deep" else self._grown | batch
        if is_first:
            self._vectors_since = self._vectors_at = now
            yield event
        elif counts["turns"] if what == "deep" else counts["files"] or run.gone:
            yield Finished(_sentence(batch, event, run.gone), event.counts)
        if counts["turns"] and not is_first:
            self._vectors_since = min(self._vectors_since, now)
            self._vectors_at = min(now + VECTORS_AFTER, self._vectors_since + VECTORS_LATEST)

    def _new(self, problems: Iterable[Problem]) -> Iterator[Event]:
        """Problems that were not told before: an unreadable file is met at every sweep."""
        for problem in problems:
            if (problem.where, problem.what) not in self._said:
                self._said.add((problem.where, problem.what))
                yield problem

    def _takes_lead(self) -> bool:
        """Whether this is the one of several watchers that works at once; the others leave it a moment."""
        if not self._lead.is_locked:
            with suppress(Timeout):
                self._lead.acquire(timeout=0)
        return self._lead.is_locked


def _sentence(batch: set[str], event: Finished, gone: int) -> str:
    """What a run found, for people."""
    counts = dict(event.counts)
    words = []
    if counts["files"]:
        turns = counts["turns"]
        words.append(f"{turns:,} {'turn' if turns == 1 else 'turns'} new or changed")
    if gone:
        words.append("gone from its source, kept here" if gone == 1 else f"{gone:,} gone, kept here")
    if counts["problems"]:
        words.append(f"{counts['problems']:,} problems")
    named = sorted(batch)
    where = (
        shorten(clean(named[0]), 0)
        if named
        else f"{counts['files']:,} file{'s' if counts['files'] != 1 else ''}"
    )
    if len(named) > 1:
        where += f" and {len(named) - 1:,} more"
    return f"{where}: {', '.join(words)}"
