"""A page of text that scrolls with the keys of every list."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from tapedeck_tui.tui.keys import bindings_for


class ScrollPage(VerticalScroll, can_focus=True):
    """Scrolls by line, half page and page; ``enter`` is handed on as ``Opened``."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("list")
    DEFAULT_CSS = "ScrollPage { scrollbar-size-vertical: 1; }"

    class Opened(Message):
        """Enter was pressed on the page."""

    def _by(self, lines: int) -> None:
        if lines < 0:
            self.release_anchor()
        self.scroll_relative(y=lines, animate=False)

    def action_cursor_down(self) -> None:
        self._by(1)

    def action_cursor_up(self) -> None:
        self._by(-1)

    def action_first(self) -> None:
        self.release_anchor()
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        self.scroll_end(animate=False)

    def action_half_down(self) -> None:
        self._by(max(1, self.size.height // 2))

    def action_half_up(self) -> None:
        self._by(-max(1, self.size.height // 2))

    def action_page_down(self) -> None:
        self._by(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._by(-max(1, self.size.height - 1))

    def action_open(self) -> None:
        self.post_message(self.Opened())

    async def action_back_or_fold(self) -> None:
        await self.app.run_action("app.step_back")
