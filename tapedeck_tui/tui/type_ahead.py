"""Keys typed faster than the screen changes go where they would go when typed slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from textual import events
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from tapedeck_tui.tui.app import TapedeckApp

LONGEST = 1.5
"""Seconds keys wait at most for what was opened."""
NEVER_HELD = frozenset({"ctrl+q", "ctrl+c", "ctrl+z"})
"""Keys that leave the app act at once."""


class TypeAhead:
    """Holds keys while something opens, and sends keys on that were read before their line had the focus."""

    def __init__(self, app: TapedeckApp) -> None:
        self._app = app
        self._sent_to: WeakKeyDictionary[events.Key, Widget | None] = WeakKeyDictionary()
        self._held: list[events.Key] | None = None
        self._timer: Timer | None = None

    def hold(self) -> None:
        """Something is opening: keys wait until ``release``."""
        if self._held is None:
            self._held = []
            self._timer = self._app.set_timer(LONGEST, self.release)

    def release(self) -> None:
        """It is open: the waiting keys are meant for it, in the order they were typed."""
        held, self._held = self._held, None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        for key in sorted(held or (), key=lambda event: event.time):
            self._app.post_message(events.Key(key.key, key.character))

    def arrives(self, event: events.Key) -> bool:
        """A key comes from the terminal. True when it waits and must not be handled now."""
        if self._held is not None and event.key not in NEVER_HELD:
            self._held.append(event)
            return True
        self._sent_to[event] = self._app.focused
        return False

    def comes_back(self, event: events.Key) -> bool:
        """Nobody took a key. True when it waits or went to the line that has the focus now."""
        if self._held is not None and event.key not in NEVER_HELD:
            self._held.append(event)
            return True
        focused = self._app.focused
        if isinstance(focused, Input) and self._sent_to.get(event, focused) is not focused:
            again = events.Key(event.key, event.character)
            self._sent_to[again] = focused
            focused._forward_event(again)
            return True
        return False
