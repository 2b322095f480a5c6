"""How everything is, in words, with the command that mends what is not well. Reads only."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import importers
from importers import registry
from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.index.lexical import Lexical
from tapedeck_tui.library.browse import Browser
from tapedeck_tui.library.numbers import Totals
from tapedeck_tui.model import Check, Models
from tapedeck_tui.paths import Home
from tapedeck_tui.text import count

SYNC = "tapedeck sync"


def examine(home: Home, browser: Browser, models: Callable[[], Models]) -> list[Check]:
    """Every check, worst first within its group as listed."""
    checks = [*_package(), *_home(home), *_tapes(home)]
    try:
        numbers = browser.numbers()
    except TapedeckError as exc:
        return [*checks, Check("library", "bad", exc.what, exc.hint)]
    if numbers is None:
        checks.append(Check("library", "warn", "there is no library yet", SYNC))
    else:
        checks += [*_library(numbers[0]), *_lexical(home, numbers[0]), *_vectors(home, numbers[0])]
    return [*checks, *_importers(), _model(models())]


def _package() -> Iterator[Check]:
    ours = Path(__file__).resolve().parent.parent.parent
    theirs = Path(importers.__file__ or "").resolve().parent.parent
    if ours == theirs:
        yield Check(
            "package", "ok", f"tapedeck and its importers come from {ours} (Python {sys.version.split()[0]})"
        )
    else:
        what = f"another package named importers is in the way: {theirs}"
        yield Check("package", "bad", what, "install tapedeck-tui in an environment of its own")


def _home(home: Home) -> Iterator[Check]:
    if not os.access(home.root, os.W_OK):
        yield Check(
            "home", "bad", f"{home.root} cannot be written", "set TAPEDECK_HOME to a folder you can write to"
        )
        return
    mode = stat.S_IMODE(home.root.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        yield Check("home", "warn", f"{home.root} can be read by others ({mode:o})", f"chmod 700 {home.root}")
    else:
        yield Check("home", "ok", f"{home.root} is private")


def _tapes(home: Home) -> Iterator[Check]:
    segments = sorted(home.tapes.rglob("*.tape")) if home.tapes.is_dir() else []
    size = sum(p.stat().st_size for p in segments)
    if segments:
        yield Check("tapes", "ok", f"{count(len(segments), 'segment')}, {size / 1e6:,.1f} MB")
    else:
        yield Check("tapes", "warn", "nothing is kept yet", SYNC)


def _library(totals: Totals) -> Iterator[Check]:
    yield Check(
        "library",
        "ok",
        f"{count(totals.sessions, 'session')}, {count(totals.turns, 'turn')} from {count(totals.files, 'file')}",
    )
    if totals.problems:
        what = f"{totals.problems:,} places could not be read (their bytes are kept)"
        yield Check("problems", "warn", what, "tapedeck status --problems")
    if totals.pending:
        yield Check(
            "pending", "ok", f"{totals.pending} files end in a write in progress; it is read when it is done"
        )


def _lexical(home: Home, totals: Totals) -> Iterator[Check]:
    try:
        docs = Lexical(home.lexical).docs
    except TapedeckError as exc:
        yield Check("lexical index", "bad", exc.what, SYNC)
        return
    if totals.lexical_behind or docs != totals.turns:
        what = f"{docs:,} of {totals.turns:,} turns are indexed, {totals.lexical_behind:,} are waiting"
        yield Check("lexical index", "warn", what, SYNC)
    else:
        yield Check("lexical index", "ok", f"all {docs:,} turns are indexed")


def _vectors(home: Home, totals: Totals) -> Iterator[Check]:
    if not (home.vectors / "chroma.sqlite3").exists():
        yield Check("vectors", "warn", "there are none; search is by words only", SYNC)
        return
    from tapedeck_tui.index import chunk
    from tapedeck_tui.index.embedders import static
    from tapedeck_tui.index.vectors import Vectors, collection_name

    embedder = static()
    try:
        with closing(
            Vectors(home.vectors, collection_name(embedder.name, embedder.dims, chunk.CHUNKER))
        ) as store:
            held = store.count()
    except TapedeckError as exc:
        yield Check("vectors", "bad", exc.what, f"rm -r {home.vectors} && {SYNC}")
        return
    if totals.vectors_behind:
        yield Check("vectors", "warn", f"{totals.vectors_behind:,} turns are waiting to be embedded", SYNC)
    elif held != totals.chunks:
        what = f"{held:,} vectors are there, {totals.chunks:,} should be"
        yield Check("vectors", "bad", what, f"rm -r {home.vectors} && {SYNC}")
    else:
        yield Check("vectors", "ok", f"all {held:,} chunks are embedded with {embedder.name}")


def _importers() -> Iterator[Check]:
    found, broken = registry.load()
    for problem in broken:
        yield Check("importers", "bad", f"{problem.where}: {problem.what}", problem.hint)
    for importer in found:
        homes = [str(h) for h in importer.homes()]
        there = [h for h in homes if os.path.isdir(h)]
        if there:
            yield Check(importer.name, "ok", "looks in " + ", ".join(there))
        elif homes:
            yield Check(importer.name, "ok", "not on this machine (looked in " + ", ".join(homes) + ")")
        else:
            yield Check(importer.name, "ok", "reads files you name: tapedeck sync FILE")


def _model(models: Models) -> Check:
    if models.chosen:
        return Check("chat model", "ok", f"{models.chosen} at {models.url}")
    return Check(
        "chat model", "warn", "ask gives passages only: " + (models.hint or "no chat model is installed")
    )
