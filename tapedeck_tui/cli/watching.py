"""The commands that follow the sources as they are written: watch, service, hook."""

from __future__ import annotations

import argparse
import os
import select
import shlex
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
from tapedeck_tui.errors import NotFound, UsageError
from tapedeck_tui.events import Event, Finished, Problem, Progress, encode
from tapedeck_tui.paths import shorten

if TYPE_CHECKING:
    from collections.abc import Generator

NOT_FOUND = NotFound.exit_code
"""What ``status`` answers programs when it is not there or not running."""


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
            _when_nobody_reads(sys.stdout, watcher.stop)
            if context.args.events:
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
    context.out.stream.flush()
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


def _doing_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("doing", choices=("install", "uninstall", "status"), help="what to do")
    parser.add_argument("--yes", action="store_true", help="do it without asking")


def _service(context: Context) -> int:
    _no_demo(context)
    service, out, doing = context.deck().service(), context.out, context.args.doing
    if doing == "status":
        state = service.state()
        out.line(f"{state}: {shorten(str(service.path), 0)}")
        return 0 if state == "running" else NOT_FOUND
    plan = service.installing() if doing == "install" else service.removing()
    if doing == "uninstall" and not plan.edit.is_change:
        out.line("The service is not installed.")
        return 0
    out.line(plan.edit.diff() or f"{shorten(str(service.path), 0)} stays as it is.")
    for command in (*plan.before, *plan.after):
        out.line(Dim("then: "), shlex.join(command))
    if not _agreed(context, f"{doing.capitalize()} the service?"):
        return 0
    left = service.carry_out(plan, time.time())
    out.line(f"{'Written' if doing == 'install' else 'Removed'}: {shorten(str(service.path), 0)}")
    for one in left:
        context.talk.note("This did not work: ", shlex.join(one.command), f" ({one.why}). Run it by hand.")
    if doing == "install" and not left:
        out.line("The service is running. It starts with your next login, too.")
    return 1 if left else 0


def _hook(context: Context) -> int:
    _no_demo(context)
    deck, out, doing = context.deck(), context.out, context.args.doing
    if doing == "status":
        states = deck.hook_states()
        for path, is_there in states:
            out.line(f"{'installed' if is_there else 'not installed'}: {shorten(path, 0)}")
        return 0 if all(is_there for _, is_there in states) else NOT_FOUND
    edits = deck.hook_edits(doing == "install")
    for edit in edits:
        name = shorten(str(edit.path), 0)
        if not edit.is_change:
            out.line(
                f"{name}: nothing to do, the hooks are {'there' if doing == 'install' else 'not there'}."
            )
            continue
        out.line(edit.diff())
        if not _agreed(context, f"Change {name}?"):
            continue
        saved = edit.apply(time.time())
        out.line(f"Changed: {name}", Dim(f"  the old file: {shorten(str(saved), 0)}" if saved else ""))
    return 0


def _no_demo(context: Context) -> None:
    if context.args.demo:
        raise UsageError("The demo library is invented and watches nothing.", "Leave --demo out.")


def _agreed(context: Context, question: str) -> bool:
    if context.args.yes:
        return True
    if not context.talk.can_ask():
        context.talk.note("There is nobody to ask here: add --yes to do it.")
        return False
    agreed = context.talk.ask(question)
    if not agreed:
        context.talk.note("Nothing was changed.")
    return agreed


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
    Command(
        "service",
        "watch in the background from login on",
        "Sets up a systemd user unit (Linux) or a launchd agent (macOS) that runs tapedeck watch. What is\n"
        "written and run is shown first. A unit of that name that tapedeck did not write is never touched.",
        ("tapedeck service install", "tapedeck service status", "tapedeck service uninstall --yes"),
        _doing_arguments,
        _service,
    ),
    Command(
        "hook",
        "have Claude Code signal after every answer",
        "Adds two hooks (Stop and SessionEnd) to Claude Code's settings.json. They touch a file and return at\n"
        "once; a running watcher then looks. The watcher works without them: they help where file events get\n"
        "lost, as on network drives. The change is shown first, and the old file is kept beside the new one.",
        ("tapedeck hook install", "tapedeck hook status", "tapedeck hook uninstall --yes"),
        _doing_arguments,
        _hook,
    ),
)
