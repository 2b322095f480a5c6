"""The last line of every screen: what keys do now, and at the right what is going on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from tapedeck_tui.tui.keys import first_key, name_of
from tapedeck_tui.tui.widgets.cells import plain
from tapedeck_tui.tui.widgets.inks import Inked, Inks, ink_css

if TYPE_CHECKING:
    from textual.screen import Screen

MOST_HINTS = 5
"""How many keys the line shows."""


class StatusLine(Widget, Inked):
    """Up to five keys from the active bindings at the left, ``right`` at the right end."""

    COMPONENT_CLASSES: ClassVar[set[str]] = Inked.INK_CLASSES
    DEFAULT_CSS = "StatusLine { height: 1; dock: bottom; background: $background; padding: 0 1; }" + ink_css(
        "StatusLine"
    )
    ALLOW_SELECT = False

    right: reactive[str] = reactive("")
    """What is going on: jobs, problems, counts."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: list[tuple[str, str, str]] = []
        self._spots: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, screen: Screen[Any]) -> None:
        if screen is self.screen:
            hints: dict[str, tuple[str, str, str]] = {}
            for active in screen.active_bindings.values():
                binding = active.binding
                if binding.show and active.enabled:
                    hint = (name_of(binding.key), binding.description, binding.key)
                    if binding.action not in hints or binding.key == first_key(binding.id or ""):
                        hints[binding.action] = hint
            self._hints = list(hints.values())
            self.refresh()

    def render(self) -> Text:
        inks = Inks.of(self)
        width = self.size.width
        right = plain(self.right)
        room = width - cell_len(right) - (2 if right else 0)
        text = Text(no_wrap=True, end="")
        self._spots = []
        for display, what, key in _in_order(self._hints)[:MOST_HINTS]:
            length = cell_len(display) + 1 + cell_len(what)
            if text.cell_len + length > room:
                continue
            self._spots.append((text.cell_len, text.cell_len + length, key))
            text.append(display, inks.key)
            text.append(f" {what}  ", inks.muted)
        text.truncate(max(0, width - cell_len(right)))
        text.append(" " * max(0, width - text.cell_len - cell_len(right)))
        text.append(right, inks.muted)
        return text

    async def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset_capture(self).x
        for start, stop, key in self._spots:
            if start <= at < stop:
                await self.app.run_action(f"simulate_key({key!r})")


def _in_order(hints: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """``help`` last, the rest as the bindings come."""
    return [h for h in hints if h[1] != "help"][: MOST_HINTS - 1] + [h for h in hints if h[1] == "help"]
