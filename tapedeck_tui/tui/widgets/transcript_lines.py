"""Lines of turns on the screen: what is near is asked for, rendered in a thread, drawn, and can be selected.

While heights change above, the line under the bar stays where it is.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tapedeck_tui.model import TurnView
from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.widgets.cells import GUTTER, column
from tapedeck_tui.tui.widgets.inks import Inked, Inks, ink_css
from tapedeck_tui.tui.widgets.turn_lines import Frame, IsOpen, TurnLines, draw_turn
from tapedeck_tui.tui.widgets.turn_table import PAGE, TurnTable
from tapedeck_tui.tui.widgets.word_marks import restyle, spans_of_words

DRAWN_KEPT = 600
"""Turns whose lines are kept."""
BATCH = 12
"""Turns rendered before the screen is told."""
FOUND = Style(reverse=True, bold=True)
"""Found words: seen without colour, too."""


class TranscriptLines(ScrollView, Inked, can_focus=True):
    """The drawing half of ``Transcript``, which adds what can be done with it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = Inked.INK_CLASSES
    DEFAULT_CSS = """
    TranscriptLines { height: 1fr; background: $background; overflow-x: hidden; overflow-y: auto;
                 scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """ + ink_css("TranscriptLines")
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("list")

    class TurnsWanted(Message):
        """A page of turns is needed: answer with ``put_turns``."""

        def __init__(self, start: int, limit: int) -> None:
            super().__init__()
            self.start = start
            self.limit = limit

    class WholeWanted(Message):
        """A fold was opened on a turn that is only known clipped: answer with ``put_whole``."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    class Moved(Message):
        """The bar stands on another turn (or the turn it stands on became known)."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TranscriptLines.Moved)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.table = TurnTable()
        self.marked: set[int] = set()
        self._at = (0, 0)
        self._open: set[str] = set()
        self._all_open = False
        self._drawn: OrderedDict[int, TurnLines] = OrderedDict()
        self._asked: set[int] = set()
        self._rendering = False
        self._settling = False
        self._generation = 0
        self._inks: Inks | None = None
        self._quote: dict[int, dict[int, tuple[int, int]]] = {}
        self._words: list[str] = []

    def is_open(self, key: str) -> bool:
        """Whether a fold is open. Tool calls follow ``_all_open`` unless they were toggled alone."""
        return (key in self._open) != (self._all_open and key[:1] in "cr")

    def _forget_drawn(self, positions: set[int]) -> None:
        for position in positions:
            self._drawn.pop(position, None)
        self._generation += 1

    # reading and rendering

    @property
    def _width(self) -> int:
        return column(self.size.width)[1]

    @property
    def _left(self) -> int:
        return column(self.size.width)[0] - GUTTER

    def _near(self) -> range:
        """Positions on the screen and about a screen around it."""
        height = self.size.height
        first, _ = self.table.locate(self.scroll_offset.y - height)
        last, _ = self.table.locate(self.scroll_offset.y + 2 * height)
        return range(first, last + 1)

    def _want(self) -> None:
        if not self.table.count or not self.size.height:
            return
        near = self._near()
        for page in {p // PAGE for p in (near.start, near.stop - 1, self._at[0])}:
            if not self.table.has_page(page) and page not in self._asked:
                self._asked.add(page)
                self.post_message(self.TurnsWanted(page * PAGE, PAGE).set_sender(self))
        if not self._rendering and self._next_batch():
            self._rendering = True
            self.run_worker(self._render_near(), group="render")

    def _next_batch(self) -> list[int]:
        near = [p for p in self._near() if p not in self._drawn and self.table[p] is not None]
        top = self.scroll_offset.y
        visible = range(self.table.locate(top)[0], self.table.locate(top + self.size.height)[0] + 1)
        near.sort(key=lambda p: p not in visible)
        return near[:BATCH]

    async def _render_near(self) -> None:
        try:
            while batch := self._next_batch():
                generation, width, inks = self._generation, self._width, self._get_inks()
                work = [(p, turn, self.table.frame(p)) for p in batch if (turn := self.table[p]) is not None]
                dark, is_open = self.app.current_theme.dark, self.is_open
                lines = await asyncio.to_thread(_draw_all, work, width, inks, is_open, dark)
                if generation == self._generation and width == self._width:
                    self._take(lines)
        finally:
            self._rendering = False

    def _take(self, lines: dict[int, TurnLines]) -> None:
        offset = self._bar_offset()
        for position, drawn in lines.items():
            self._drawn[position] = drawn
            self._drawn.move_to_end(position)
            self.table.set_height(position, len(drawn.strips))
        while len(self._drawn) > DRAWN_KEPT:
            self._drawn.popitem(last=False)
        self._settle(offset)
        self.after_drawing()

    def after_drawing(self) -> None:
        """Turns have been rendered."""

    # the bar

    @property
    def bar_y(self) -> int:
        """The absolute line the bar stands on."""
        return self.table.y_of(*self._at) if self.table.count else 0

    def _bar_offset(self) -> int:
        """The bar's row on the screen (outside of it when it was scrolled away)."""
        return self.bar_y - self.scroll_offset.y

    def _settle(self, offset: int) -> None:
        """Heights have changed: put the bar's line on this row of the screen again."""
        self._settling = True
        try:
            self.virtual_size = Size(self.size.width, self.table.lines)
            if self.size.height:
                self._scroll_to_line(self.bar_y - offset)
        finally:
            self._settling = False
        self._after_move()

    def _scroll_to_line(self, y: int) -> None:
        most = max(0, self.table.lines - self.size.height)
        self.scroll_to(y=max(0, min(y, most)), animate=False, force=True, immediate=True)

    def _after_move(self) -> None:
        self._want()
        self.refresh()
        self.post_message(self.Moved(self._at[0]).set_sender(self))

    # drawing

    def on_resize(self, event: events.Resize) -> None:
        offset = self._bar_offset()
        self._forget_drawn(set(self._drawn))
        self._settle(max(0, min(offset, event.size.height - 1)))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        top, height = self.scroll_offset.y, self.size.height
        if not self._settling and height and self.table.count and not top <= self.bar_y < top + height:
            self._at = self.table.locate(min(max(self.bar_y, top), top + height - 1))
            self.post_message(self.Moved(self._at[0]).set_sender(self))
        self._want()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._inks = None
        self._forget_drawn(set(self._drawn))
        if self.is_mounted:
            self._want()

    def _get_inks(self) -> Inks:
        if self._inks is None:
            self._inks = Inks.of(self)
        return self._inks

    def _body(self, y: int) -> tuple[int, int, Strip]:
        """Turn, line and text at an absolute line."""
        position, line = self.table.locate(y)
        drawn = self._drawn.get(position)
        if drawn is not None and line < len(drawn.strips):
            strip = drawn.strips[line]
            if span := self._quote.get(position, {}).get(line):
                strip = restyle(strip, [span], FOUND)
            if self._words:
                strip = restyle(strip, spans_of_words(strip.text, self._words), FOUND)
            return position, line, strip
        return position, line, Strip([Segment("…" if line == 1 else "", self._get_inks().faint)])

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        at = self.scroll_offset.y + y
        if at >= self.table.lines or width <= 0:
            return Strip.blank(width, self.rich_style)
        inks = self._get_inks()
        position, line, body = self._body(at)
        here = at == self.bar_y
        gutter = Segment("  ")
        if here:
            gutter = Segment("▌ ", inks.accent if self.has_focus else inks.faint)
        elif position in self.marked and line > 0:
            gutter = Segment("┃ ", inks.accent)
        body = body.adjust_cell_length(self._width)
        strip = Strip([Segment(" " * self._left), gutter, *body]).adjust_cell_length(width)
        if self.text_selection is not None and (span := self.text_selection.get_span(at)) is not None:
            end = width if span[1] < 0 else span[1]
            style = self.screen.get_component_rich_style("screen--selection")
            strip = restyle(strip, [(span[0], end)] if end > span[0] else [], style)
        return strip.apply_style(self.rich_style).apply_offsets(0, at)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        start, end = selection.start, selection.end
        first = start.y if start is not None else 0
        last = end.y if end is not None else self.table.lines - 1
        edge = self._left + GUTTER
        out: list[str] = []
        for y in range(first, min(last, self.table.lines - 1) + 1):
            text = self._body(y)[2].text.rstrip()
            right = max(0, end.x - edge) if end is not None and y == last else len(text)
            left = max(0, start.x - edge) if start is not None and y == first else 0
            out.append(text[left:right])
        return "\n".join(out), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()


def _draw_all(
    work: list[tuple[int, TurnView, Frame]], width: int, inks: Inks, is_open: IsOpen, dark: bool
) -> dict[int, TurnLines]:
    return {
        position: draw_turn(turn, frame, width, inks, is_open, dark=dark) for position, turn, frame in work
    }
