"""What every screen shares: the top and the status line, work in threads, back and close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.css.query import NoMatches
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.events import Changed
from tapedeck_tui.tui.widgets.question_input import QuestionInput
from tapedeck_tui.tui.widgets.search_box import QueryInput
from tapedeck_tui.tui.widgets.status_line import StatusLine
from tapedeck_tui.tui.widgets.top_line import TopLine

if TYPE_CHECKING:
    from textual.worker import Worker

    from tapedeck_tui.deck import Deck
    from tapedeck_tui.tui.app import TapedeckApp

T = TypeVar("T")
_LOG = logging.getLogger("tapedeck")


class DeckScreen(Screen[None]):
    """A full screen. Subclasses give ``body()``, ``PLACE`` and, where it differs, ``HELP``."""

    PLACE: ClassVar[str] = ""
    """Which of the four places the top line marks."""
    HELP: ClassVar[str] = ""
    """Topic of the help page, and the context of its keys."""
    AUTO_FOCUS: ClassVar[str | None] = None

    def compose(self) -> ComposeResult:
        top = TopLine()
        top.place = self.PLACE
        yield top
        with Container(id="body"):
            yield from self.body()
        yield StatusLine()
        yield Static("tapedeck needs a little more room: 60 × 15 or larger.", id="too-small", markup=False)

    def body(self) -> Iterable[Widget]:
        """The widgets between the top line and the status line."""
        return ()

    @property
    def host(self) -> TapedeckApp:
        """The app, with its type."""
        return cast("TapedeckApp", self.app)

    @property
    def deck(self) -> Deck:
        return self.host.deck

    def _on_mount(self, event: object) -> None:
        super()._on_mount(event)  # type: ignore[arg-type]
        self.host.jobs_signal.subscribe(self, lambda _: self.show_status())
        self.host.library_signal.subscribe(self, self.library_changed)
        self.show_status()

    def on_screen_resume(self) -> None:
        self.host.page_shown(self)

    def library_changed(self, change: Changed) -> None:
        """The library has new sessions or turns: re-read what is shown, keep the cursor."""

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Words for a search or a question are about to be typed."""
        if isinstance(event.widget, QueryInput | QuestionInput):
            self.host.warmer.vectors()

    def show_status(self) -> None:
        """Write the right end of the status line anew."""
        words = [part for part in (self.status_words(), self.host.jobs.words) if part]
        for line in self.query(StatusLine):
            line.right = " · ".join(words)

    def status_words(self) -> str:
        """What this screen adds in front of the jobs in the status line."""
        return ""

    def in_thread(
        self,
        group: str,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[TapedeckError], None] | None = None,
    ) -> Worker[None]:
        """Run ``work`` in a thread, then ``then(result)`` here; a newer call of the same group drops this one.

        A TapedeckError goes to ``failed``, by default a toast.
        """

        async def run() -> None:
            error: TapedeckError | None = None
            try:
                result = await asyncio.to_thread(work)
            except TapedeckError as exc:
                error = exc
            if not self.children:
                return  # the screen was taken down meanwhile
            try:
                if error is not None:
                    (failed or self.host.say_error)(error)
                else:
                    then(result)
            except (
                NoMatches
            ):  # it is being taken down right now, its leaves first: nobody waits for the result
                _LOG.debug("A result of %s came while its screen was taken down.", group, exc_info=True)

        return self.run_worker(run, name=group, group=group, exclusive=True)

    def close(self) -> bool:
        """Escape: close what is open. True when there was something."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
            return True
        return False

    def go_back(self) -> bool:
        """``q``: back. False when there is nothing to go back to (the app then goes home or quits)."""
        return DeckScreen.close(self)
