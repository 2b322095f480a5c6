"""The commands that follow the sources as they are written: watch, service, hook."""

from __future__ import annotations

import argparse
import os
import select
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from tapedeck_tui.cli.context import Command, Context
from tapedeck_tui.cli.keeping import MORE_PROBLEMS
from tapedeck_tui.cli.output import Dim
from tapedeck_tui.errors import UsageError
from tapedeck_tui.events import Event, Finished, Problem, Progress, encode

if TYPE_CHECKING:
    from collections.abc import Generator


def _watch_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", action="store_true", help="print every event as a line of JSON")


def _watch(context: Context) -> int:
    if context.args.demo:
        raise UsageError(
            "The demo library is invented: it has no sources to watch.", "Leave --demo out to watch your own."
        )
    watcher = context.deck().watcher()
    before = signal.signal(signal.SIGTERM, lambda *_: watcher.stop())
    try:
        with closing(watcher.events()) as events:
            if context.args.events:
                _when_nobody_reads(sys.stdout, watcher.stop)
                for event in events:
                    context.out.raw_line(encode(event))
            else:
                _tell(context, events)
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _tell(context: Context, events: Generator[Event, None, None]) -> None:
    """The first look with its progress; from then on a line for every change."""
    problems: list[Problem] = []
    with context.talk.watching() as show:
        for event in events:
            if isinstance(event, Problem):
                problems.append(event)
            elif isinstance(event, Finished):
                break
            else:
                show(event)
        else:
            return  # it was stopped
    context.talk.problems(problems, MORE_PROBLEMS)
    context.out.line(event.summary)
    context.talk.note("Watching. ctrl+c ends it.")
    for line in _lines(events):
        context.out.line(Dim(time.strftime("%H:%M:%S ")), line)
        context.out.stream.flush()


def _lines(events: Iterator[Event]) -> Iterator[str]:
    """What is worth a line: news, problems, and company."""
    company = ""
    for event in events:
        if isinstance(event, Finished):
            yield event.summary
        elif isinstance(event, Problem):
            yield f"problem: {event.where}: {event.what}"
        elif isinstance(event, Progress) and event.stage in ("watching", "waiting") and event.note != company:
            company = event.note
            if company:
                yield company


def _when_nobody_reads(stream: object, stop: Callable[[], None]) -> None:
    """Call ``stop`` when the other end of the pipe we write to is closed: a watcher that is somebody's child must
    not live on when that somebody was killed."""
    try:
        number = stream.fileno()  # type: ignore[attr-defined]
        is_pipe = stat.S_ISFIFO(os.fstat(number).st_mode)
    except (AttributeError, OSError, ValueError):
        return
    if not (is_pipe and hasattr(select, "poll")):
        return

    def listen() -> None:
        poll = select.poll()
        poll.register(number, 0)
        poll.poll()
        stop()

    threading.Thread(target=listen, name="nobody-reads", daemon=True).start()


COMMANDS = (
    Command(
        "watch",
        "keep every session as it is written",
        "Keeps what is new at once and then follows every change: a line an agent writes can be found within\n"
        "a second. It runs until it is stopped; ctrl+c is safe at any time. The app does the same while it is\n"
        "open, and several may run at once: one works, the others follow.",
        ("tapedeck watch", "tapedeck watch --events"),
        _watch_arguments,
        _watch,
    ),
)
