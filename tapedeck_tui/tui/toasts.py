"""Toasts: what came of what the user just did, one at a time, gone with the screen they were said on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from weakref import ref

from textual.app import App
from textual.notifications import Notify

from tapedeck_tui.text import clean

if TYPE_CHECKING:
    from textual.screen import Screen

    from tapedeck_tui.errors import TapedeckError

GOOD, BAD = 3.0, 6.0
"""Seconds a toast stays: when things went well, when they did not."""


class Toasts(App[int]):
    """An app that says things in toasts."""

    _said_on: ref[Screen[Any]] | None = None

    def say(
        self,
        text: str,
        severity: Literal["information", "warning", "error"] = "information",
        *,
        stays: bool = False,
    ) -> None:
        """A toast: the result of what the user just did. Never markup. It replaces the one before and goes with
        the screen it was said on.

        Args:
            stays: the screen is about to be left: it is for the one that comes.
        """
        self._said_on = None if stays else ref(self._page())
        seconds = GOOD if severity == "information" else BAD
        self.notify(clean(text), severity=severity, markup=False, timeout=seconds)

    def say_error(self, error: TapedeckError) -> None:
        """A toast that says what happened and what to do."""
        self.say(str(error), "error")

    def on_notify(self, event: Notify) -> None:
        """One at a time: the one before makes room."""
        self.clear_notifications()

    def page_shown(self, page: Screen[Any]) -> None:
        """A full screen came up: what was said on another is over."""
        if self._said_on is not None and self._said_on() is not page:
            self.clear_notifications()
            self._said_on = None

    def _page(self) -> Screen[Any]:
        """The full screen that is seen, below anything modal."""
        return next((s for s in reversed(self.screen_stack) if not s.is_modal), self.screen)
