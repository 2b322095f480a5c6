"""The commands that keep and look after: sync, status, doctor."""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tapedeck_tui.cli import schemas
from tapedeck_tui.cli.context import Command, Context
from tapedeck_tui.cli.output import Dim, Strong
from tapedeck_tui.cli.wording import facts, size, when
from tapedeck_tui.errors import Busy, NotFound
from tapedeck_tui.events import Event, encode, unread_of
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import count

UNREAD = 1
"""Exit code when a file that was named could not be read."""
MORE_PROBLEMS = "tapedeck status --problems"
PATIENCE, PAUSE = 10.0, 0.2
"""Seconds that sync waits for another process that is reading, and between two tries."""


def _sync_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files or folders (default: where each tool keeps them)"
    )
    parser.add_argument(
        "--events", action="store_true", help="print every event as a line of JSON while working"
    )


def _sync(context: Context) -> int:
    args = context.args
    paths = [Path(p).expanduser().absolute() for p in args.paths]
    for path in paths:
        if not os.path.lexists(path):
            raise NotFound(f"There is no file or folder {path}.", "Check the spelling.")
    deck = context.deck()
    work = _patiently(lambda: deck.sync(paths))
    before = signal.signal(signal.SIGTERM, _stop)  # ends like ctrl+c: the work in hand is finished cleanly
    try:
        return _run_sync(context, work)
    finally:
        signal.signal(signal.SIGTERM, before)


def _patiently(start: Callable[[], Iterator[Event]]) -> Iterator[Event]:
    """The work, begun as soon as nobody else is reading: a watcher at work is done in a moment. Raises Busy when
    somebody reads for longer."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            yield from start()
            return
        except Busy:
            if time.monotonic() >= until:
                raise
        time.sleep(PAUSE)


def _run_sync(context: Context, work: Iterator[Event]) -> int:
    args = context.args
    if args.events:
        try:
            for event in work:
                context.out.raw_line(encode(event))
        finally:
            close = getattr(work, "close", None)
            if close is not None:
                close()
        return 0
    problems, finished = context.talk.follow(work)
    unread = unread_of(problems, (Path(os.path.abspath(Path(p).expanduser())) for p in args.paths))
    if args.json:
        context.out.json(schemas.sync(problems, finished))
        return UNREAD if unread else 0
    context.talk.problems([p for p in problems if p not in unread], MORE_PROBLEMS)
    for problem in unread:
        context.talk.note("not read: ", shorten(problem.where, 0), ": ", problem.what)
        if problem.hint:
            context.talk.note("  ", problem.hint)
    if finished and (not unread or dict(finished.counts).get("files")):
        context.out.line(finished.summary)
    return UNREAD if unread else 0


def _stop(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--problems", action="store_true", help="list what could not be read, file by file")


def _status(context: Context) -> int:
    deck, out = context.deck(), context.out
    now, sources = deck.status(), deck.sources()
    problems = deck.problems() if context.args.problems else None
    if context.args.json:
        out.json(schemas.status(now, sources, problems))
        return 0
    out.line(Strong("library"), "  ", shorten(now.home, 0))
    span = facts(when(now.first_at)[:10], when(now.last_at)[:10]).replace(" · ", " to ")
    out.line(f"  {facts(count(now.sessions, 'session'), count(now.turns, 'turn'), span)}")
    authors = facts(*(f"{name} {turns:,}" for name, turns in now.by_author))
    if authors:
        out.line("  by author: ", authors)
    out.line(f"  tapes: {count(now.files, 'file')}, {size(now.source_bytes)} kept in {size(now.tape_bytes)}")
    behind = facts(
        f"words {now.lexical_behind:,} behind" if now.lexical_behind else "",
        f"vectors {now.vectors_behind:,} behind" if now.vectors_behind else "",
    )
    out.line("  index: ", behind or "up to date", f", embedder {now.embedder}" if now.embedder else "")
    out.line("  last sync: ", when(now.last_sync) or "never")
    if now.problems:
        hint = "" if problems is not None else f"  ({MORE_PROBLEMS})"
        out.line(f"  {count(now.problems, 'problem')}", Dim(hint))
    out.line()
    out.line(Strong("sources"))
    for source in sources:
        held = facts(
            count(source.sessions, "session"),
            count(source.files, "file"),
            f"{source.gone:,} gone from their source" if source.gone else "",
            f"{source.pending:,} waiting" if source.pending else "",
            count(source.problems, "problem") if source.problems else "",
            f"read {when(source.last_read)}" if source.last_read else "",
        )
        out.line(f"  {source.title}: {held}")
        for place in source.places:
            found = count(place.files, "file") if place.exists else "not there"
            out.line("    ", shorten(place.path, 0), Dim(f"  {found}"))
    for problem in problems or ():
        line = f":{problem.line}" if problem.line else ""
        out.line()
        out.line(f"{shorten(problem.path, 0)}{line}")
        out.line(f"  {problem.what}")
        if problem.hint:
            out.line(Dim(f"  {problem.hint}"))
    return 0


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing but the flags every command has."""


def _doctor(context: Context) -> int:
    checks = context.deck().doctor()
    shape = schemas.doctor(checks)
    if context.args.json:
        context.out.json(shape)
        return 0 if shape["ok"] else 5
    for check in checks:
        context.out.line(Strong(f"{check.state:<5}"), f"{check.name}: {check.what}")
        if check.mend:
            context.out.line(f"     mend: {check.mend}")
    return 0 if shape["ok"] else 5


COMMANDS = (
    Command(
        "sync",
        "keep and index what is new",
        "Keeps what is new of every session on this machine, byte by byte, and makes it searchable.\n"
        "The sources are only read. Stopping with ctrl+c is safe at any time. The exit code is 1 when a file\n"
        "you name could not be read; with --events the events say it.",
        ("tapedeck sync", "tapedeck sync ~/Downloads/chatgpt-export   an export, unpacked"),
        _sync_arguments,
        _sync,
        "tapedeck.sync/1",
    ),
    Command(
        "status",
        "what is kept, where from, and what could not be read",
        "Says what is in the library, which sources were found, and what could not be read.",
        ("tapedeck status", "tapedeck status --problems", "tapedeck status --json"),
        _status_arguments,
        _status,
        "tapedeck.status/1",
    ),
    Command(
        "doctor",
        "check that everything is sound",
        "Looks at every part of the library and says how it is and what mends it.\n"
        "The exit code is 5 when something is bad.",
        ("tapedeck doctor", "tapedeck doctor --json"),
        _no_arguments,
        _doctor,
        "tapedeck.doctor/1",
    ),
)
