"""What is there to read: the files below the importers' homes, or below paths a user names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from importers import registry
from importers.contract import Importer, Problem

MAX_DEPTH = 12
"""Folders deeper than this below a named path are not looked into."""
_SKIP = frozenset({".git", "node_modules", "__pycache__", ".venv", "site-packages"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may hold sessions. ``importer`` None: content decides."""

    path: Path
    stat: os.stat_result
    importer: Importer | None


def homes(importers: Iterable[Importer]) -> Iterator[tuple[Importer, Path]]:
    """Each importer with each folder it looks in, whether it exists or not."""
    for importer in importers:
        for home in importer.homes():
            yield importer, home


def at_home(importers: Iterable[Importer]) -> Iterator[Candidate | Problem]:
    """Files below the importers' homes that match their patterns, each once."""
    seen: set[str] = set()
    for importer, home in homes(importers):
        for pattern in importer.patterns():
            try:
                for path in home.glob(pattern):
                    key = str(path)
                    if key not in seen:
                        seen.add(key)
                        yield from _candidate(path, importer)
            except OSError as exc:
                yield _cannot(home, exc)


def below(paths: Sequence[Path]) -> Iterator[Candidate | Problem]:
    """Regular files at or below the given paths; symbolic links to folders are not followed."""
    for path in paths:
        path = Path(os.path.abspath(path.expanduser()))
        if path.is_dir():
            yield from _walk(path, 0)
        elif path.exists():
            yield from _candidate(path, None)
        else:
            yield Problem(str(path), "there is no such file or folder", "Check the spelling.", kind="io")


def _walk(folder: Path, depth: int) -> Iterator[Candidate | Problem]:
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError as exc:
        yield _cannot(folder, exc)
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIP and depth < MAX_DEPTH:
                yield from _walk(Path(entry.path), depth + 1)
        else:
            yield from _candidate(Path(entry.path), None)


def _candidate(path: Path, importer: Importer | None) -> Iterator[Candidate | Problem]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return  # it vanished between listing and looking
    except OSError as exc:
        yield _cannot(path, exc)
        return
    if os.path.isfile(path):
        yield Candidate(path, stat, importer)


def _cannot(path: Path, exc: OSError) -> Problem:
    reason = exc.strerror or str(exc)
    return Problem(
        str(path), f"cannot be read: {reason}", "Check its permissions, then read again.", kind="io"
    )


def importer_for(candidate: Candidate) -> Importer | None:
    """The importer that reads this file, by content; None when it is nothing we know."""
    if candidate.importer is not None and candidate.importer.sniff(candidate.path):
        return candidate.importer
    return registry.identify(candidate.path)
