"""Everything that is said beside the result: progress, notes, questions, errors. Goes to stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from tapedeck_tui.cli.output import Strong, has_colour, styled
from tapedeck_tui.cli.wording import size
from tapedeck_tui.errors import QueryError, TapedeckError
from tapedeck_tui.events import Event, Finished, Problem, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

EVERY = 2.0
"""Seconds between progress lines where no bar can be drawn."""
SHOWN_PROBLEMS = 5
"""Problems that are named one by one; the rest are counted."""


class Talk:
    """Speaks to the person at the terminal.

    Args:
        stream: where to; default: stderr as it is when something is said.
        clock: seconds that only go forward.
    """

    def __init__(self, stream: IO[str] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock

    @property
    def stream(self) -> IO[str]:
        return self._stream or sys.stderr

    def note(self, *pieces: str) -> None:
        """A line of talk."""
        self.stream.write(styled(pieces, has_colour(self.stream)) + "\n")
        self.stream.flush()

    def error(self, error: TapedeckError, query: str = "", to_program: bool = False) -> None:
        """What happened and what to do next; for a query also where in it. One line for a program that listens."""
        if to_program:
            self.note(str(error))
            return
        self.note(Strong("tapedeck: "), error.what)
        if isinstance(error, QueryError) and query:
            self.note("  ", query.replace("\n", " "))
            self.note("  ", " " * error.column, "^")
        if error.hint:
            self.note("  ", error.hint)

    def ask(self, question: str) -> bool:
        """A yes-or-no question; no is the answer to anything but yes. Only where a person can answer."""
        self.stream.write(styled([question, " [y/N] "], False))
        self.stream.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    @staticmethod
    def can_ask() -> bool:
        """Whether a person sits at stdin."""
        return sys.stdin is not None and sys.stdin.isatty()

    # long work
    def follow(self, events: Iterable[Event]) -> tuple[list[Problem], Finished | None]:
        """Run long work to its end and show how it goes. Closes the work when interrupted.

        Returns: its problems, and how it finished.
        """
        problems: list[Problem] = []
        finished: Finished | None = None
        close = getattr(events, "close", None)
        try:
            with self._shown() as show:
                for event in events:
                    if isinstance(event, Problem):
                        problems.append(event)
                    elif isinstance(event, Finished):
                        finished = event
                    else:
                        show(event)
        finally:
            if close is not None:
                close()
        return problems, finished

    def problems(self, problems: list[Problem], more: str) -> None:
        """The first few problems by name, the rest as a number with the command that shows them."""
        for problem in problems[:SHOWN_PROBLEMS]:
            self.note("problem: ", problem.where, ": ", problem.what)
        if len(problems) > SHOWN_PROBLEMS:
            self.note(f"{len(problems) - SHOWN_PROBLEMS:,} more problems: {more}")

    @contextmanager
    def _shown(self) -> Iterator[Callable[[Event], None]]:
        """How progress is shown here: a bar on a terminal, a line now and then elsewhere."""
        if self.stream.isatty():
            with self._bar() as show:
                yield show
        else:
            yield self._lines()

    @contextmanager
    def watching(self) -> Iterator[Callable[[Event], None]]:
        """For work that calls back with its events instead of yielding them."""
        with self._shown() as show:
            yield show

    def _lines(self) -> Callable[[Event], None]:
        said = self._clock()

        def show(event: Event) -> None:
            nonlocal said
            if isinstance(event, Progress) and self._clock() - said >= EVERY:
                said = self._clock()
                self.note(f"{event.stage}: {_count(event, ' of ')}")

        return show

    @contextmanager
    def _bar(self) -> Iterator[Callable[[Event], None]]:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(file=self.stream, no_color=not has_colour(self.stream))
        text, note = (
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[note]}", markup=False),
        )
        with Bar(text, BarColumn(), TextColumn("{task.fields[count]}"), TimeRemainingColumn(), note,
                 console=console, transient=True) as bar:  # fmt: skip
            tasks: dict[str, TaskID] = {}
            yield lambda event: _move(bar, tasks, event)


def _move(bar: Bar, tasks: dict[str, TaskID], event: Event) -> None:
    if not isinstance(event, Progress):
        return
    if event.stage not in tasks:
        tasks[event.stage] = bar.add_task(event.stage, total=event.total, note="", count="")
    note, count = event.note[:40], _count(event, "/")
    bar.update(tasks[event.stage], completed=event.done, total=event.total, count=count, note=note)


def _count(event: Progress, of: str) -> str:
    """``3 of 40 files``, ``1.5 MB of 20 MB``."""
    if event.unit == "bytes":
        return size(event.done) + ("" if event.total is None else f"{of}{size(event.total)}")
    return f"{event.done:,}{'' if event.total is None else f'{of}{event.total:,}'} {event.unit}"
