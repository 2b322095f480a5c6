"""From sources to tapes to library to index (DESIGN section 6), as one stoppable stream of events."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from importers import registry
from importers.contract import Cursor, Importer, Problem
from tapedeck_tui.capture import scan
from tapedeck_tui.capture.beside import Sidecars, TapeSource
from tapedeck_tui.errors import Busy, TapedeckError
from tapedeck_tui.events import Changed, Event, Finished, Progress
from tapedeck_tui.index.build import IndexBuilder
from tapedeck_tui.library import schema
from tapedeck_tui.library.feed import Feed
from tapedeck_tui.library.filestate import FileState
from tapedeck_tui.library.write import Writer
from tapedeck_tui.paths import FILE_MODE, Home
from tapedeck_tui.tapes.index import TakeInfo
from tapedeck_tui.tapes.store import Kept, TapeStore
from tapedeck_tui.text import clean, count

GROUP_BYTES = 24 * 1024 * 1024
"""New source bytes that are made durable together."""
GROUP_FILES = 200
FLUSH_BYTES = 8 * 1024 * 1024
"""Source bytes of collected records that are written in one transaction."""
PRIVATE = 0o077
"""Permission bits that nothing made during a run gets; the libraries below us make files of their own."""
PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
"""How the names of archives end."""
TICK = 0.1
"""Seconds between two progress events."""
REFRESH = 6.0
"""Seconds between two times that lists are told to look again during a long run."""


@dataclass(slots=True)
class _Job:
    file: FileState
    importer: Importer
    path: Path
    size: int
    kept: Kept | None = None
    older: tuple[TakeInfo, ...] = ()


class Sync:
    """One run. Use ``events``; the lock is held until the generator ends or is closed.

    Args:
        home: where to keep.
        machine: this machine's id.
        paths: what to read; empty = every importer's homes.
        clock: Unix seconds (injected in tests).
        only: look at no more than these files below the importers' homes (what else is named is passed over).
        vectors: embed what is new as well; words are searchable without.
        deep: compare all that was kept of each file with it, even if it looks unchanged (else both ends, on change).
    """

    def __init__(
        self,
        home: Home,
        machine: str,
        paths: Sequence[Path] = (),
        clock: Callable[[], float] = time.time,
        *,
        only: Sequence[Path] | None = None,
        vectors: bool = True,
        deep: bool = False,
    ) -> None:
        self._home = home
        self._machine = machine
        self._paths = list(paths)
        self._clock = clock
        self._only = only
        self._vectors = vectors
        self._deep = deep
        self.gone = 0
        self._new_bytes = 0
        self._new_turns = 0
        self._problems = 0
        self._files = 0

    def events(self) -> Generator[Event, None, None]:
        """Raises Busy when another process is ingesting, StorageError when the home cannot be used."""
        self._home.make()
        lock = FileLock(self._home.ingest_lock, mode=FILE_MODE)
        try:
            lock.acquire(timeout=0)
        except Timeout as exc:
            raise Busy(
                "Another tapedeck is reading the sources right now.",
                "Wait for it, or stop it, then try again.",
            ) from exc
        before = os.umask(PRIVATE)
        try:
            yield from self._run()
        finally:
            os.umask(before)
            lock.release()

    def _run(self) -> Iterator[Event]:
        db = schema.connect(self._home.library_db, write=True)
        store = TapeStore(self._home, self._machine, self._clock)
        try:
            self._beside = Sidecars(store)
            writer = Writer(db, self._clock)
            feed = Feed(db)
            builder = IndexBuilder(self._home, feed)
            yield from builder.check()
            jobs: list[_Job] = []
            yield from self._look(writer, jobs)
            left = self._only_on_tape(store, writer, jobs)
            yield from self._keep_all(store, writer, builder, feed, jobs + left)
            writer.mark_gone({job.importer.name for job in left}, (), [str(job.path) for job in left])
            yield from builder.lexical()
            yield Changed(*feed.counts())
            if self._vectors:
                yield from builder.vectors()
            if not self._paths and self._only is None:
                feed.looked(self._clock())
            yield self._finished()
        finally:
            store.close()
            db.close()

    def _look(self, writer: Writer, jobs: list[_Job]) -> Iterator[Event]:
        importers, broken = registry.load()
        yield from broken
        found = self._found(importers)
        named = {str(Path(p).expanduser()) for p in self._paths}
        for place in self._paths or self._only or (None,):
            writer.forget_problems(None if place is None else str(place))
        seen: set[str] = set()
        last = 0.0
        for item in found:
            if isinstance(item, Problem):
                yield self._trouble(writer, item)
                continue
            path = str(item.path)
            seen.add(path)
            file = writer.file(item.importer.name if item.importer else "", path)
            if file.row and not self._deep and file.is_unchanged(item.stat):
                continue
            importer = scan.importer_for(item)
            if isinstance(importer, Problem):
                yield self._trouble(writer, importer)
                continue
            if importer is None:
                if path in named and item.stat.st_size:
                    yield self._trouble(writer, _unknown(path))
                elif not item.stat.st_size and item.importer is not None:
                    file.size, file.mtime_ns, file.inode = 0, item.stat.st_mtime_ns, item.stat.st_ino
                    writer.touch(file)
                continue
            file.importer = importer.name
            file.inode, file.size, file.mtime_ns = item.stat.st_ino, item.stat.st_size, item.stat.st_mtime_ns
            jobs.append(_Job(file, importer, item.path, item.stat.st_size))
            if self._clock() - last >= TICK:
                last = self._clock()
                yield Progress("looking", len(seen), None, "files", clean(path))
        jobs += self._left_behind(writer, importers, seen, {str(job.path) for job in jobs})
        jobs.sort(key=lambda j: j.file.mtime_ns, reverse=True)
        yield Progress("looking", len(seen), len(seen), "files")

    def _found(self, importers: Sequence[Importer]) -> Iterator[scan.Candidate | Problem]:
        if self._paths:
            return scan.below(self._paths)
        if self._only is not None:
            return scan.among(importers, self._only)
        return scan.at_home(importers)

    def _left_behind(
        self, writer: Writer, importers: Sequence[Importer], seen: set[str], jobs: set[str]
    ) -> Iterator[_Job]:
        """Mark what is gone from its source, and read again what may hold the same turns: a session that was
        moved or copied is not gone."""
        if self._paths:
            return
        paths = None if self._only is None else [str(path) for path in self._only]
        gone = writer.mark_gone([i.name for i in importers], seen, paths)
        self.gone = len(gone)
        for path in {twin for name in gone for twin in writer.twins(name)} - jobs:
            file = writer.file("", path)
            importer = next((i for i in importers if i.name == file.importer), None)
            if importer is not None and os.path.isfile(path):
                file.read_again()
                stat = os.stat(path)
                file.inode, file.size, file.mtime_ns = stat.st_ino, stat.st_size, stat.st_mtime_ns
                yield _Job(file, importer, Path(path), stat.st_size)

    def _keep_all(
        self, store: TapeStore, writer: Writer, builder: IndexBuilder, feed: Feed, jobs: list[_Job]
    ) -> Iterator[Event]:
        total = sum(max(0, j.size - j.file.kept) for j in jobs)
        done, last, refreshed = 0, 0.0, self._clock() - REFRESH + 1.0
        for group in _groups(jobs):
            with store.batch():
                for job in group:
                    yield from self._keep(store, writer, job)
            for job in group:
                if job.kept is None:
                    continue
                yield from self._read(store, writer, job)
                done += job.kept.new_bytes
                if self._clock() - last >= TICK:
                    last = self._clock()
                    yield Progress("keeping", done, max(done, total), "bytes", clean(job.path.name))
            self._new_turns += writer.flush()
            if self._clock() - refreshed >= REFRESH:
                yield from builder.lexical()
                yield Changed(*feed.counts())
                refreshed = self._clock()
        self._new_turns += writer.flush()
        self._new_bytes = done
        yield Progress("keeping", done, done, "bytes")

    def _only_on_tape(self, store: TapeStore, writer: Writer, jobs: Sequence[_Job]) -> list[_Job]:
        """What the tapes hold and the library does not know, because the library was deleted and is made again:
        files that are gone from their sources, and (noted in their jobs) older takes of those that are not."""
        if self._paths or self._only is not None:
            return []
        found = {str(job.path): job for job in jobs}
        known = writer.known_paths()
        left = []
        for tape in store.tapes():
            path, newest = str(tape.path), tape.takes[-1]
            importer = registry.by_name(tape.importer)
            if path in known or importer is None:
                continue
            job = found.get(path)
            if job is None:
                kept = Kept(tape.tape_id, newest.take, newest.length, newest.length, 0, False, 0)
                job = _Job(writer.file(importer.name, path), importer, tape.path, newest.length, kept)
                left.append(job)
                self._files += 1
            job.older = tape.takes
        return left

    def _keep(self, store: TapeStore, writer: Writer, job: _Job) -> Iterator[Event]:
        if job.kept is not None:
            return
        try:
            job.kept = store.keep(job.path, job.importer.name, self._deep)
            for problem in self._beside.keep(job.importer, job.path):
                yield self._trouble(writer, problem)
            self._files += 1
        except (TapedeckError, OSError) as exc:
            what = exc.what if isinstance(exc, TapedeckError) else f"could not be kept: {exc.strerror or exc}"
            hint = exc.hint if isinstance(exc, TapedeckError) else "It is tried again at the next run."
            yield self._trouble(writer, Problem(str(job.path), what, hint, kind="io"))

    def _trouble(self, writer: Writer, problem: Problem) -> Problem:
        self._problems += 1
        writer.note_problem(problem)
        return problem

    def _read(self, store: TapeStore, writer: Writer, job: _Job) -> Iterator[Event]:
        assert job.kept is not None
        for take in (one for one in job.older if one.take < job.kept.take):
            older = Kept(job.kept.tape_id, take.take, take.length, take.length, 0, False, 0)
            yield from self._read_take(store, writer, job, older)
        yield from self._read_take(store, writer, job, job.kept)

    def _read_take(self, store: TapeStore, writer: Writer, job: _Job, kept: Kept) -> Iterator[Event]:
        file = job.file
        if file.tape_id != kept.tape_id or file.take != kept.take:
            writer.start_take(file, kept.tape_id, kept.take)
        file.kept = kept.length
        source = TapeSource(job.path, kept.length, store, kept.tape_id, kept.take, self._beside)
        writer.touch(file)
        start = file.cursor if file.cursor.offset else None
        try:
            for record in job.importer.read(source, start):
                writer.add(file, record)
                if isinstance(record, Problem):
                    self._problems += 1
                    yield record
                elif isinstance(record, Cursor) and writer.buffered >= FLUSH_BYTES:
                    self._new_turns += writer.flush()
        except TapedeckError:
            raise  # ours: the library could not be written
        except Exception as exc:  # noqa: BLE001  a broken importer must not take the other files down
            self._problems += 1
            what = f"the {job.importer.name} importer failed: {type(exc).__name__}: {exc}"
            hint = "The bytes are kept on the tape; what was read before stays. Please report it."
            problem = Problem(str(job.path), what, hint, kind="importer")
            writer.add(file, problem)
            yield problem

    def _finished(self) -> Finished:
        counts = (
            ("files", self._files),
            ("bytes", self._new_bytes),
            ("turns", self._new_turns),
            ("problems", self._problems),
        )
        words = "nothing new"
        if self._files:
            words = f"{count(self._files, 'file')} read, {count(self._new_turns, 'turn')} new or changed"
        if self._problems:
            words += f", {count(self._problems, 'problem')}"
        return Finished(words, counts)


def _unknown(path: str) -> Problem:
    if path.lower().endswith(PACKED):
        return Problem(path, "this is an archive", "Unpack it first, then read the folder.", kind="unknown")
    known = ", ".join(importer.title for importer in registry.importers())
    return Problem(
        path, "this holds no sessions of a known kind", f"What can be read: {known}.", kind="unknown"
    )


def _groups(jobs: Sequence[_Job]) -> Iterator[list[_Job]]:
    group: list[_Job] = []
    size = 0
    for job in jobs:
        group.append(job)
        size += max(0, job.size - job.file.kept)
        if size >= GROUP_BYTES or len(group) >= GROUP_FILES:
            yield group
            group, size = [], 0
    if group:
        yield group
