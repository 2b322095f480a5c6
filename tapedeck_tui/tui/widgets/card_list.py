"""A list of cards: each item is drawn as a few lines, the focused one has a bar at its left edge."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, Literal, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tapedeck_tui.text import clean
from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.widgets.cells import GUTTER
from tapedeck_tui.tui.widgets.inks import Inked, Inks, ink_css
from tapedeck_tui.tui.widgets.row_list import BAR

Role = Literal["text", "strong", "muted", "faint", "accent", "match", "key", "good", "warn", "bad"]
"""How a piece of a line is drawn: the name of an ink."""

Line = tuple[tuple[str, Role], ...]
"""One line of a card: clean pieces of text (no line breaks) with their roles."""

T = TypeVar("T")


def wrap(text: str, width: int, most: int = 0) -> list[str]:
    """Clean text in lines of at most ``width`` cells; ``most`` lines at most (0: all), the last ending in … when cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        if most and len(lines) > most:
            break
        piece = paragraph[: (most + 1) * max(width, 1) * 2] if most else paragraph
        lines.extend(line.plain.rstrip() for line in Content(piece).wrap(max(width, 4)))
    if most and len(lines) > most:
        lines = lines[:most]
        lines[-1] = Content(lines[-1] + " …").truncate(max(width, 4), ellipsis=True).plain
    return lines


def spread(left: Line, right: Line, width: int) -> Line:
    """A line with ``left`` cut to fit and ``right`` at the right edge."""
    right_cells = sum(Content(text).cell_length for text, _ in right)
    room = width - right_cells - (2 if right_cells else 0)
    fitted = fit(left, room)
    used = sum(Content(text).cell_length for text, _ in fitted)
    return (*fitted, (" " * max(0, width - right_cells - used), "text"), *right)


def fit(line: Line, width: int) -> Line:
    """The line cut to ``width`` cells, ending in … when cut."""
    out: list[tuple[str, Role]] = []
    room = width
    for text, role in line:
        content = Content(text)
        if content.cell_length > room:
            if room > 0:
                out.append((content.truncate(room, ellipsis=True).plain, role))
            break
        out.append((text, role))
        room -= content.cell_length
    return tuple(out)


class CardList(ScrollView, Inked, Generic[T], can_focus=True):
    """A list of a few hundred items at most, each drawn by one function as lines of any number.

    Args:
        draw: the lines of an item at a width in cells. Its text must be clean; lines that are too wide are cut.
        empty: what is said when there is nothing, as clean text.
        gap: blank lines after each card.
        click_opens: whether one click chooses a card; else the first moves the cursor there.
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("list")
    COMPONENT_CLASSES: ClassVar[set[str]] = Inked.INK_CLASSES
    DEFAULT_CSS = """
    CardList { height: 1fr; background: $background; overflow-x: hidden; overflow-y: auto;
               scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """ + ink_css("CardList")

    index: reactive[int] = reactive(0, repaint=False)
    """The item the cursor is on; 0 when there is none."""

    class Moved(Message):
        """The cursor is on another item, or the items are new."""

        def __init__(self, cards: CardList[Any], index: int, item: Any) -> None:
            super().__init__()
            self.cards = cards
            self.index = index
            self.item = item

        @property
        def control(self) -> CardList[Any]:
            return self.cards

    class Chosen(Message):
        """The user chose an item: enter, or a click."""

        def __init__(self, cards: CardList[Any], index: int, item: Any) -> None:
            super().__init__()
            self.cards = cards
            self.index = index
            self.item = item

        @property
        def control(self) -> CardList[Any]:
            return self.cards

    def __init__(
        self,
        draw: Callable[[T, int], Sequence[Line]],
        *,
        empty: str = "",
        gap: int = 1,
        click_opens: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw
        self._empty = empty
        self._gap = gap
        self._click_opens = click_opens
        self._inks: Inks | None = None
        self._items: tuple[T, ...] = ()
        self._tops: list[int] = []
        self._rows: list[tuple[int, Line]] = []
        self._drawn_at = -1

    @property
    def items(self) -> tuple[T, ...]:
        return self._items

    @property
    def current(self) -> T | None:
        """The item the cursor is on."""
        return self._items[self.index] if self.index < len(self._items) else None

    def show(self, items: Sequence[T], index: int | None = None) -> None:
        """Show these items. ``index``: where the cursor goes; None keeps it where it is."""
        self._items = tuple(items)
        self._drawn_at = -1
        wanted = self.index if index is None else index
        moved = wanted
        self.index = max(0, min(moved, len(self._items) - 1))
        self._layout_cards()
        self._reveal()
        self.refresh(layout=True)
        if self._items:
            self.post_message(self.Moved(self, self.index, self.current))

    def say_empty(self, text: str) -> None:
        """What is said when there is nothing."""
        self._empty = text
        self._drawn_at = -1
        self._layout_cards()
        self.refresh()

    def move(self, index: int) -> None:
        """Put the cursor on an item, as near as there is one."""
        if self._items:
            self.index = max(0, min(index, len(self._items) - 1))

    def watch_index(self, old: int, new: int) -> None:
        if old != new and self._items:
            self._reveal()
            self.refresh()
            self.post_message(self.Moved(self, new, self.current))

    def _text_width(self) -> int:
        return max(8, self.scrollable_content_region.width - GUTTER)

    def _layout_cards(self) -> None:
        """Draw every item at the present width, once."""
        width = self._text_width()
        if self._drawn_at == width:
            return
        self._drawn_at = width
        self._tops, self._rows = [], []
        for number, item in enumerate(self._items):
            self._tops.append(len(self._rows))
            for line in self._draw(item, width):
                safe = tuple((clean(text).replace("\n", " "), role) for text, role in line)
                self._rows.append((number, safe))
            if number < len(self._items) - 1:
                self._rows.extend((-1, ()) for _ in range(self._gap))
        if not self._items and self._empty:
            self._rows = [(-1, ((line, "muted"),)) for line in wrap(self._empty, width)]
        self.virtual_size = Size(width + GUTTER, len(self._rows))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines needed, for ``height: auto``."""
        self._layout_cards()
        return max(1, len(self._rows))

    def on_resize(self) -> None:
        self._layout_cards()
        self._reveal()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._inks = None

    def _span_of(self, index: int) -> tuple[int, int]:
        """First row of a card and its number of rows."""
        top = self._tops[index]
        after = self._tops[index + 1] - self._gap if index + 1 < len(self._tops) else len(self._rows)
        return top, after - top

    def _reveal(self) -> None:
        if self._tops and self.index < len(self._tops):
            top, height = self._span_of(self.index)
            self.scroll_to_region(
                Region(0, top, 1, min(height, max(1, self.size.height))), animate=False, force=True
            )

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self.rich_style
        row = y + self.scroll_offset.y
        if row >= len(self._rows) or width <= GUTTER:
            return Strip.blank(max(0, width), base)
        if self._inks is None:
            self._inks = Inks.of(self)
        inks = self._inks
        number, line = self._rows[row]
        here = number >= 0 and number == self.index
        bar = inks.accent if self.has_focus else inks.faint
        segments = [Segment(BAR.ljust(GUTTER), bar) if here else Segment(" " * GUTTER)]
        segments += [Segment(text, getattr(inks, role)) for text, role in fit(line, width - GUTTER)]
        strip = Strip(segments).adjust_cell_length(width)
        if here:
            back = inks.cursor if self.has_focus else inks.cursor_blurred
            return strip.apply_style(base + Style(bgcolor=back.bgcolor))
        return strip.apply_style(base)

    def _index_at(self, y: int) -> int | None:
        row = y + self.scroll_offset.y
        if not self._tops or row >= len(self._rows):
            return None
        number = bisect_right(self._tops, row) - 1
        top, height = self._span_of(number)
        return number if top <= row < top + height else None

    def on_click(self, event: events.Click) -> None:
        index = self._index_at(event.get_content_offset_capture(self).y)
        if index is None:
            return
        event.stop()
        here = index == self.index
        self.move(index)
        if here or self._click_opens or event.chain > 1:
            self.action_open()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_cursor_down(self) -> None:
        self.move(self.index + 1)

    def action_cursor_up(self) -> None:
        self.move(self.index - 1)

    def action_first(self) -> None:
        self.move(0)

    def action_last(self) -> None:
        self.move(len(self._items) - 1)

    def action_half_down(self) -> None:
        self._page(0.5)

    def action_half_up(self) -> None:
        self._page(-0.5)

    def action_page_down(self) -> None:
        self._page(1)

    def action_page_up(self) -> None:
        self._page(-1)

    def _page(self, pages: float) -> None:
        """Move by so many pages: to the item that many rows further, at least to the next one."""
        if not self._tops:
            return
        step = 1 if pages > 0 else -1
        row = max(0, self._tops[self.index] + int(self.size.height * pages))
        target = bisect_right(self._tops, row) - 1
        self.move(target if target != self.index else self.index + step)

    def action_open(self) -> None:
        if self._items:
            self.post_message(self.Chosen(self, self.index, self.current))

    async def action_back_or_fold(self) -> None:
        await self.app.run_action("app.step_back")
