"""Sources: where sessions come from, what is kept of each, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.events import UNREAD, Changed, Problem, unread_of
from tapedeck_tui.model import ProblemRow, SourceRow, Status
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import clean, count
from tapedeck_tui.tui.jobs import JobTable
from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.card_list import CardList, Line
from tapedeck_tui.tui.widgets.cards import dotted, problem_lines, source_lines
from tapedeck_tui.tui.widgets.cells import plain
from tapedeck_tui.tui.widgets.empty_state import EmptyState
from tapedeck_tui.tui.widgets.when import ago, size

MOST_PROBLEMS = 2000
"""How many problems are listed."""

Facts = tuple[list[SourceRow], Status, list[ProblemRow]]


def sources_screen() -> SourcesScreen:
    """The screen of the mode ``sources``."""
    return SourcesScreen()


class SourcesScreen(DeckScreen):
    """One card a source; beside them (above them on a narrow terminal) the library in numbers."""

    PLACE = "sources"
    HELP = "sources"
    CSS_PATH = "sources.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("sources")
    AUTO_FOCUS = "#sources"

    def __init__(self) -> None:
        super().__init__()
        self._whole: set[int] = set()
        """Problems of which all is shown."""
        self._was_running = False
        self._named: tuple[Path, ...] = ()
        """What the user asked to have read, until it is."""

    def body(self) -> Iterable[Widget]:
        yield EmptyState(id="empty")
        yield Horizontal(
            Vertical(
                CardList[SourceRow](
                    lambda item, width: source_lines(item, width, self.host.now), id="sources"
                ),
                CardList[tuple[int, ProblemRow]](
                    self._draw_problem, empty="Everything could be read.", id="problems"
                ),
                id="left",
            ),
            Vertical(Static(id="library", markup=False), id="right"),
            Static(id="short", markup=False),
            id="panes",
        )

    @property
    def sources(self) -> CardList[SourceRow]:
        return self.query_one("#sources", CardList)

    @property
    def problems(self) -> CardList[tuple[int, ProblemRow]]:
        return self.query_one("#problems", CardList)

    def on_mount(self) -> None:
        self.query_one("#panes").display = False
        self.host.jobs_signal.subscribe(self, self._job_moved)

    def on_screen_resume(self) -> None:
        self._read()

    def library_changed(self, change: Changed) -> None:
        self._read()

    def _job_moved(self, jobs: JobTable) -> None:
        running = bool(jobs.running)
        if self._was_running and not running:
            self._read()
        self._was_running = running
        self.show_status()

    # what is shown

    def _read(self) -> None:
        def read() -> Facts:
            kept = self.deck.problems(MOST_PROBLEMS)
            return self.deck.sources(), self.deck.status(), [*_unkept(met, kept), *kept]

        met = tuple(self.host.jobs.met)

        self.in_thread("sources", read, self._show, self._failed)

    def _failed(self, error: TapedeckError) -> None:
        self.query_one("#panes").display = False
        self.query_one(EmptyState).show(str(error), (("r", "read again"), ("?", "help")))

    def _show(self, facts: Facts) -> None:
        sources, status, problems = facts
        self.query_one(EmptyState).hide()
        self.query_one("#panes").display = True
        self.sources.show(sources)
        if [p for _, p in self.problems.items] != problems:
            self._whole.clear()
            self.problems.show(list(enumerate(problems)))
        self.query_one("#library", Static).update(self._library(status))
        self._show_unread()
        words = (
            count(status.sessions, "session"),
            count(status.turns, "turn"),
            f"{size(status.tape_bytes)} on tape",
        )
        home = shorten(clean(status.home), 30)
        self.query_one("#short", Static).update(Content(f"{dotted(*words)} in {home}"))
        if self.focused is None:
            self.sources.focus()

    def _show_unread(self) -> None:
        """A file the user named and that could not be read: its problem is what there is to see."""
        jobs = self.host.jobs
        if not self._named or jobs.running:
            return
        named, self._named = self._named, ()
        unread = unread_of(jobs.met, named)
        if unread and self.is_current:
            at = next((n for n, p in self.problems.items if p.path == unread[0].where), 0)
            self._whole |= {at}
            self._show_problems(True, at)

    def _library(self, status: Status) -> Content:
        """The library in numbers, one fact a line."""
        home = shorten(clean(status.home), 44)
        last = f"{ago(status.last_sync, self.host.now)} ago" if status.last_sync is not None else "never"
        last = "just now" if last == "now ago" else last
        behind = status.lexical_behind + status.vectors_behind
        rows = [
            ("kept in", home),
            ("sessions", f"{status.sessions:,}"),
            ("turns", f"{status.turns:,}"),
            ("files", f"{status.files:,}"),
            ("read", size(status.source_bytes)),
            ("on tape", size(status.tape_bytes)),
            ("last read", last),
            ("not yet indexed", f"{behind:,} turns" if behind else ""),
            ("problems", f"{len(self.problems.items):,}  P shows them" if self.problems.items else ""),
        ]
        lines = [
            Content.assemble((name.ljust(17), "$text-muted"), plain(value)) for name, value in rows if value
        ]
        return Content("\n").join(
            [*lines, Content(), Content.styled("Nothing leaves this machine.", "$text-muted")]
        )

    def _draw_problem(self, item: tuple[int, ProblemRow], width: int) -> list[Line]:
        number, problem = item
        return problem_lines(problem, width, whole=number in self._whole)

    # keys

    @on(CardList.Chosen, "#sources")
    def _source_chosen(self, event: CardList.Chosen) -> None:
        event.stop()
        source: SourceRow = event.item
        if source.problems:
            first = next((n for n, p in self.problems.items if p.source == source.name), 0)
            self._show_problems(True, first)
        else:
            self.host.say(f"{plain(source.title)}: everything could be read.")

    @on(CardList.Chosen, "#problems")
    def _problem_chosen(self, event: CardList.Chosen) -> None:
        event.stop()
        self._whole ^= {event.item[0]}
        event.cards.show(event.cards.items, event.index)

    def _show_problems(self, shown: bool, index: int | None = None) -> None:
        self.set_class(shown, "-problems")
        if shown and index is not None:
            self.problems.move(index)
        (self.problems if shown else self.sources).focus()
        self.refresh_bindings()

    def action_problems(self) -> None:
        self._show_problems(not self.has_class("-problems"))

    def action_import_path(self) -> None:
        if self.host.demo:
            self.host.say("This is the demo library; nothing is read from this machine.")
            return
        from tapedeck_tui.tui.widgets.path_prompt import PathPrompt

        self.app.push_screen(PathPrompt("read"), self._path_given)

    def _path_given(self, path: Path | None) -> None:
        if path is None:
            return
        if self.host.jobs.running:
            self.host.say("The sources are being read. Wait for the end, or stop it with ctrl+x.", "warning")
            return
        self.host.say(f"Reading {shorten(clean(str(path)), 50)}.")
        self._named = (path,)
        self.host.read_sources((path,))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("copy", "edit_source"):
            return self.has_class("-problems") and bool(self.problems.items)
        return True

    def action_copy(self) -> None:
        if item := self.problems.current:
            lines = problem_lines(item[1], 400, whole=True)
            self.host.copy("\n".join("".join(text for text, _ in line) for line in lines), "the problem")

    def action_edit_source(self) -> None:
        if item := self.problems.current:
            self.host.edit_file(item[1].path, item[1].line)

    def close(self) -> bool:
        if self.has_class("-problems"):
            self._show_problems(False)
            return True
        return super().close()

    def go_back(self) -> bool:
        return self.close()


def _unkept(met: Iterable[Problem], kept: Iterable[ProblemRow]) -> Iterable[ProblemRow]:
    """The problems of this run that the library does not hold: those of files of which nothing was kept."""
    known = {(row.path, row.what) for row in kept}
    for problem in dict.fromkeys(met):
        if problem.kind in UNREAD and (problem.where, problem.what) not in known:
            span = problem.span
            yield ProblemRow(
                "",
                problem.where,
                span.line,
                span.offset,
                span.length,
                problem.kind,
                problem.what,
                problem.hint,
            )
