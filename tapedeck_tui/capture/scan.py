"""What is there to read: the files below the importers' homes, or below paths a user names."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from importers import registry
from importers.contract import Importer, Problem
from tapedeck_tui.tapes.source import open_regular

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
        for path in matching(importer, home):
            if isinstance(path, Problem):
                yield path
            elif str(path) not in seen:
                seen.add(str(path))
                yield from _candidate(path, importer)


def matching(importer: Importer, home: Path) -> Iterator[Path | Problem]:
    """What in one of the importer's homes has the name of its files; nothing when there is no such folder."""
    patterns = [_matcher(pattern) for pattern in importer.patterns()]
    for path in _walk(home, frozenset()):
        if isinstance(path, Problem) or any(p.fullmatch(path.relative_to(home).as_posix()) for p in patterns):
            yield path


def named(importers: Iterable[Importer]) -> Callable[[Path], Importer | None]:
    """Tells by home and name alone whose file a path is, there or not; None when it is nobody's."""
    known = [(i, home, [_matcher(p) for p in i.patterns()]) for i, home in homes(importers)]

    def whose(path: Path) -> Importer | None:
        for importer, home, patterns in known:
            if path.is_relative_to(home):
                name = path.relative_to(home).as_posix()
                if any(pattern.fullmatch(name) for pattern in patterns):
                    return importer
        return None

    return whose


def among(importers: Iterable[Importer], paths: Iterable[Path]) -> Iterator[Candidate | Problem]:
    """Those of these paths that ``at_home`` would find; nothing is said of the others."""
    whose = named(importers)
    for path in paths:
        importer = whose(path)
        if importer is not None:
            yield from _candidate(path, importer)


def inside(folder: Path) -> Iterator[Path]:
    """Every path below a folder that is no folder itself, as far as it can be listed."""
    return (path for path in _walk(folder, frozenset()) if isinstance(path, Path))


def _matcher(pattern: str) -> re.Pattern[str]:
    """A glob pattern below a home: ``**/`` any folders, ``*`` and ``?`` within a name, ``[..]`` one of these."""
    out = []
    for piece in re.split(r"(\*\*/|\*|\?|\[[^]]+\])", pattern):
        fixed = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}.get(piece)
        out.append(fixed or (piece if piece.startswith("[") else re.escape(piece)))
    return re.compile("".join(out), re.DOTALL)


def below(paths: Sequence[Path]) -> Iterator[Candidate | Problem]:
    """Regular files at or below the given paths; symbolic links to folders are not followed."""
    for path in paths:
        path = Path(os.path.abspath(path.expanduser()))
        if os.path.isdir(path):
            for found in _walk(path, _SKIP):
                if isinstance(found, Problem):
                    yield found
                else:
                    yield from _candidate(found, None)
        elif os.path.lexists(path):
            yield from _candidate(path, None)
        else:
            yield Problem(str(path), "there is no such file or folder", "Check the spelling.", kind="io")


def _walk(folder: Path, skip: frozenset[str]) -> Iterator[Path | Problem]:
    """Everything below the folder that is no folder itself, in order of names, at any depth."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda e: e.name)
        except FileNotFoundError:
            continue  # it vanished between listing and looking
        except OSError as exc:
            yield _cannot(folder, exc)
            continue
        folders = []
        for entry in entries:
            if not _is_folder(entry):
                yield Path(entry.path)
            elif entry.name not in skip:
                folders.append(Path(entry.path))
        waiting += reversed(folders)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _candidate(path: Path, importer: Importer | None) -> Iterator[Candidate | Problem]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return  # it vanished between listing and looking
    except OSError as exc:
        yield _cannot(path, exc)
        return
    if stat.S_ISREG(found.st_mode):
        yield Candidate(path, found, importer)


def _cannot(path: Path, exc: OSError) -> Problem:
    reason = exc.strerror or str(exc)
    return Problem(
        str(path), f"cannot be read: {reason}", "Check its permissions, then read again.", kind="io"
    )


def importer_for(candidate: Candidate) -> Importer | Problem | None:
    """The importer that reads this file, by content; None when it is nothing we know, a Problem when it cannot
    be read. An empty file is not opened: it says nothing, and the empty "files" of /proc and the like may
    never give an answer."""
    if not candidate.stat.st_size:
        return None
    first = candidate.importer
    if first is not None and registry.claims(first, candidate.path):
        return first
    found = registry.identify(candidate.path)
    if found is not None:
        return found
    try:
        open_regular(candidate.path).close()
    except FileNotFoundError:
        return None
    except OSError as exc:
        return _cannot(candidate.path, exc)
    return None
