"""Welcome: the first run. It asks nothing: it says what is found and kept, and goes when there is something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tapedeck_tui.events import Changed
from tapedeck_tui.model import SourceRow
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import clean, count
from tapedeck_tui.tui.jobs import JobTable
from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.cells import fit, plain

NAME_CELLS, FILES_CELLS = 16, 14


def welcome_screen() -> WelcomeScreen:
    """What is shown on top of browse while the library is empty."""
    return WelcomeScreen()


class WelcomeScreen(DeckScreen):
    """Starts the first read of the sources and shows it."""

    PLACE = "browse"
    HELP = "welcome"
    CSS_PATH = "welcome.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("welcome")

    def __init__(self) -> None:
        super().__init__()
        self._sources: list[SourceRow] = []
        self._sessions = 0
        self._turns = 0
        self._over = False

    def body(self) -> Iterable[Widget]:
        yield VerticalScroll(Static(id="words", markup=False), id="page", can_focus=False)

    def on_mount(self) -> None:
        self.host.jobs_signal.subscribe(self, self._job_moved)
        self._write()
        self.host.read_sources()

    def on_screen_resume(self) -> None:
        """Back from sources, perhaps with sessions."""
        self._read()

    def _read(self) -> None:
        self.in_thread("sources", self.deck.sources, self._take)

    def _take(self, sources: list[SourceRow]) -> None:
        self._sources = sources
        self._sessions = max(self._sessions, sum(source.sessions for source in sources))
        self._turns = max(self._turns, sum(source.turns for source in sources))
        if self._sessions:
            self._leave()
        else:
            self._write()

    def library_changed(self, change: Changed) -> None:
        self._sessions, self._turns = change.sessions, change.turns
        if change.sessions:
            self._leave()
        else:
            self._read()

    def _job_moved(self, jobs: JobTable) -> None:
        self._over = not jobs.running
        if self._over:
            self._read()
        self._write()

    def _leave(self) -> None:
        """There is something to browse."""
        if self.is_current:
            self.host.say(
                "Your sessions are kept on this machine only. ? explains what is in focus.", stays=True
            )
            self.app.pop_screen()

    def _write(self) -> None:
        self.query_one("#words", Static).update(
            words(
                self._sources, self._sessions, self._turns, self._over, shorten(str(self.deck.home.root), 60)
            )
        )

    async def action_start(self) -> None:
        """To the list; where there is nothing to list, to the sources, which say what was looked at."""
        nothing = self._over and not self._sessions
        self.app.pop_screen()
        if nothing:
            await self.app.switch_mode("sources")

    async def on_key(self, event: events.Key) -> None:
        """A key that means nothing else here goes to the list."""
        bound = self.active_bindings.get(event.key)
        if bound is None or bound.binding.action == "app.mode('browse')":
            event.stop()
            await self.action_start()


def words(sources: list[SourceRow], sessions: int, turns: int, is_over: bool, home: str) -> Content:
    """The page: what was found where, what is kept, where it goes, and what to do when nothing was found."""
    lines: list[Content] = []
    quiet = "$text-muted"

    def say(*parts: str | tuple[str, str]) -> None:
        lines.append(Content.assemble(*parts))

    nothing = is_over and not sessions
    say(("tapedeck", "bold $accent"), " keeps every session you had with coding agents and chat models.")
    say()
    say(
        (
            "Nothing was found yet. These places were looked at:" if nothing else "looking on this machine",
            quiet,
        )
    )
    for source in sources:
        files = source.files or sum(place.files for place in source.places)
        found = any(place.exists for place in source.places)
        state = count(files, "file") if files else "nothing yet" if found else "not found"
        if not source.places:
            state = count(files, "file") if files else "an export"
            say(
                ("  " + fit(source.title, NAME_CELLS), quiet),
                (fit(state, FILES_CELLS), quiet),
                ("read with 4, then i", quiet),
            )
        for number, place in enumerate(source.places):
            name = plain(source.title) if number == 0 else ""
            path = shorten(plain(place.path), 44)
            style = "" if files else quiet
            say(
                ("  " + fit(name, NAME_CELLS), style),
                (fit(state if number == 0 else "", FILES_CELLS), style),
                (path, quiet),
            )
    say()
    if sessions:
        say(("kept so far  ", quiet), f"{count(sessions, 'session')}, {count(turns, 'turn')}")
        say()
    if nothing:
        say(
            "An export or a folder you know of: ",
            ("4", "bold"),
            " sources, then ",
            ("i", "bold"),
            " reads a path.",
        )
        say(
            "To look around first: quit with ",
            ("ctrl+q", "bold"),
            " and run ",
            ("tapedeck --demo", "bold"),
            ".",
        )
        say()
    say("Everything goes to ", (clean(home), "bold"), ", readable by you alone.")
    say("Sources are only read, never changed. Nothing leaves this machine.")
    say()
    say(
        (
            "Any key goes to your sessions; reading goes on."
            if not is_over
            else "Any key goes to your sources."
            if nothing
            else "Any key goes to the list.",
            quiet,
        )
    )
    return Content("\n").join(lines)
