"""The file events of this system, put into an inbox. The only user of watchdog."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importers.contract import Problem
from tapedeck_tui.capture.inbox import Inbox, Lost, Touched

if TYPE_CHECKING:
    from watchdog.observers.api import ObservedWatch

SWEEP_BLIND = 60.0
"""Seconds between two looks at everything while some folder cannot be watched."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A folder that is watched: the system's handle, how, and which folder it was (one made anew under the same
    name is another)."""

    watch: ObservedWatch
    recursive: bool
    inode: int


class SystemEyes:
    """The file events of this system, through watchdog.

    Args:
        inbox: where events go.
        homes: folders watched with all that is in them; one that is not there is waited for.
        signals: a folder watched by itself.
    """

    def __init__(self, inbox: Inbox, homes: Sequence[Path], signals: Path) -> None:
        from watchdog.observers import Observer

        self._inbox = inbox
        self._homes = homes
        self._signals = signals
        self._seen: dict[Path, _Seen] = {}
        self._complaints = _Complaints(inbox)
        logging.getLogger("watchdog").addHandler(self._complaints)
        self._observer = Observer()
        self._observer.start()

    def look_around(self) -> list[Problem]:
        """Watch what is there now. Returns a problem for each folder that cannot be watched."""
        wanted = {self._signals: False}
        for home in self._homes:
            if home.is_dir():
                wanted[home] = True
            else:
                wanted.setdefault(_nearest(home), False)
        alive = {e.watch for e in self._observer.emitters if e.is_alive() and e.should_keep_running()}
        for path, seen in list(self._seen.items()):
            fits = wanted.get(path) == seen.recursive and seen.watch in alive and _inode(path) == seen.inode
            if not fits:
                del self._seen[path]
                with suppress(KeyError):  # its emitter may have ended by itself
                    self._observer.unschedule(seen.watch)
        problems = []
        for path, recursive in wanted.items():
            if path not in self._seen:
                try:
                    self._seen[path] = self._open(path, recursive)
                except OSError as exc:
                    problems.append(_cannot_watch(path, exc))
        return problems

    def _open(self, path: Path, recursive: bool) -> _Seen:
        from watchdog import events

        kinds: list[type[events.FileSystemEvent]] = [
            events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent,
        ]  # fmt: skip
        if recursive or path == self._signals:
            kinds += [
                events.FileCreatedEvent,
                events.FileModifiedEvent,
                events.FileMovedEvent,
                events.FileDeletedEvent,
            ]
        real = os.path.realpath(path)
        ear: Any = _Ear(self._inbox, real, str(path))
        watch = self._observer.schedule(ear, real, recursive=recursive, event_filter=kinds)
        return _Seen(watch, recursive, _inode(path))

    def close(self) -> None:
        """Stop looking, and wait until its threads have ended."""
        self._observer.stop()
        self._observer.join()
        logging.getLogger("watchdog").removeHandler(self._complaints)


class _Ear:
    """Hands events on, under the name the folder has for us (the system tells them under its real one)."""

    def __init__(self, inbox: Inbox, real: str, shown: str) -> None:
        self._inbox = inbox
        self._real = real
        self._shown = shown

    def dispatch(self, event: Any) -> None:
        for told in (event.src_path, event.dest_path):
            if told:
                path = os.fsdecode(told)
                if path.startswith(self._real):
                    path = self._shown + path[len(self._real) :]
                self._inbox.put(Touched(path, bool(event.is_directory)))


class _Complaints(logging.Handler):
    """Whatever watchdog warns of (a queue that overflowed, a watch that ended) may mean lost events."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(logging.WARNING)
        self._inbox = inbox

    def emit(self, record: logging.LogRecord) -> None:
        self._inbox.put(Lost())


def _nearest(path: Path) -> Path:
    """The deepest folder above a missing one that is there."""
    return next((parent for parent in path.parents if parent.is_dir()), Path(path.anchor))


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return -1


def _cannot_watch(path: Path, exc: OSError) -> Problem:
    hint = f"It is looked at every {SWEEP_BLIND:.0f} seconds instead."
    if exc.errno == errno.ENOSPC:
        hint += " Raise fs.inotify.max_user_watches (sysctl) to have changes at once."
    return Problem(str(path), f"cannot be watched: {exc.strerror or exc}", hint, kind="watch")
