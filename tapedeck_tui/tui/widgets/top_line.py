"""The first line where there is room for it: the name, and the four places with the present one marked."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.widget import Widget

from tapedeck_tui.tui.widgets.inks import Inked, Inks, ink_css

PLACES = ("browse", "ask", "memory", "sources")


class TopLine(Widget, Inked):
    """Hidden by CSS on small terminals. Click a name to go there."""

    COMPONENT_CLASSES: ClassVar[set[str]] = Inked.INK_CLASSES
    DEFAULT_CSS = "TopLine { height: 1; background: $background; padding: 0 1; }" + ink_css("TopLine")
    ALLOW_SELECT = False

    place: reactive[str] = reactive("")

    def render(self) -> Text:
        inks = Inks.of(self)
        text = Text(no_wrap=True, end="")
        text.append("tapedeck", inks.accent)
        for name in PLACES:
            text.append("   ")
            text.append(name, inks.strong if name == self.place else inks.muted)
        text.truncate(self.size.width, pad=True)
        return text

    async def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset_capture(self).x
        start = len("tapedeck") + 3
        for name in PLACES:
            if start <= at < start + len(name):
                await self.app.run_action(f"app.mode({name!r})")
            start += len(name) + 3
