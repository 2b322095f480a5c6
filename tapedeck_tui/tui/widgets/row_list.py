"""A list of any length, drawn by the line: 200,000 rows open at once and ``G`` reads one page.

The list knows how many rows there are and asks for pages of them (``PageWanted``); its screen reads
them in a thread and hands them over (``put_page``). A list whose rows are all known gets ``set_items``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive, var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.widgets.cells import GUTTER
from tapedeck_tui.tui.widgets.inks import Inked, Inks, ink_css

PAGE = 100
"""Rows in a page."""
PAGES_KEPT = 20
"""Pages in memory; the least recently used go first."""
BAR = "▌"
"""What stands before the cursor's row, so that it is seen without colour."""

Draw = Callable[[Any, int, Inks], Text]
"""Draws one item into at most this many cells with these inks; a single line."""


class RowList(ScrollView, Inked, can_focus=True):
    """Rows with a cursor and every list key.

    Args:
        draw: draws an item, see ``Draw``.
        before_open: is called before ``Opened`` is sent.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = Inked.INK_CLASSES
    DEFAULT_CSS = """
    RowList { height: 1fr; background: $background; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
              scrollbar-gutter: stable; }
    """ + ink_css("RowList")
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("list")
    ALLOW_SELECT = False

    count: var[int] = var(0)
    """How many rows there are."""
    cursor: reactive[int] = reactive(0, repaint=False)
    """The row the bar stands on."""

    class PageWanted(Message):
        """Rows ``start`` .. ``end``-1 are needed. Answer with ``put_page`` and this ``generation``."""

        def __init__(self, row_list: RowList, start: int, end: int, generation: int) -> None:
            super().__init__()
            self.row_list = row_list
            self.start = start
            self.end = end
            self.generation = generation

        @property
        def control(self) -> RowList:
            return self.row_list

    class Highlighted(Message):
        """The bar moved, or the row it stands on became known. ``item`` is None while it is not read."""

        def __init__(self, row_list: RowList, index: int, item: Any) -> None:
            super().__init__()
            self.row_list = row_list
            self.index = index
            self.item = item

        @property
        def control(self) -> RowList:
            return self.row_list

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RowList.Highlighted) and message.row_list is self.row_list

    class Opened(Message):
        """Enter (or a click on the bar's row) opened this item."""

        def __init__(self, row_list: RowList, index: int, item: Any) -> None:
            super().__init__()
            self.row_list = row_list
            self.index = index
            self.item = item

        @property
        def control(self) -> RowList:
            return self.row_list

    def __init__(
        self,
        draw: Draw,
        *,
        before_open: Callable[[], None] | None = None,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw
        self._before_open = before_open
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()
        self._asked: set[int] = set()
        self._all: Sequence[Any] | None = None
        self._generation = 0
        self._inks: Inks | None = None
        self._strips: OrderedDict[tuple[int, int], Strip] = OrderedDict()
        self._seen_page = 0

    # what is shown

    def set_count(self, count: int, *, cursor: int | None = None, drop: bool = True) -> None:
        """Show ``count`` rows that will be asked for by page.

        Args:
            cursor: where the bar goes; default: where it is, as far as that row exists.
            drop: forget the pages read before (their rows may have moved).
        """
        self._all = None
        if drop:
            self._forget()
        self._resize_to(count, cursor)

    def set_items(self, items: Sequence[Any], *, cursor: int | None = None) -> None:
        """Show these items, all known."""
        self._forget()
        self._all = items
        self._resize_to(len(items), cursor)

    def put_page(self, generation: int, start: int, items: Sequence[Any]) -> None:
        """Hand over rows asked for with ``PageWanted``; rows of an older generation are ignored."""
        if generation != self._generation or self._all is not None:
            return
        page = start // PAGE
        self._pages[page] = items
        self._pages.move_to_end(page)
        self._asked.discard(page)
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        for index in range(start, start + PAGE):
            self._strips.pop((index, self._row_width), None)
        self.refresh()
        if self.cursor // PAGE == page:
            self._say_highlighted()

    def item(self, index: int) -> Any:
        """The row's item, None while it is not read or does not exist."""
        if not 0 <= index < self.count:
            return None
        if self._all is not None:
            return self._all[index]
        page = self._pages.get(index // PAGE)
        offset = index % PAGE
        return page[offset] if page is not None and offset < len(page) else None

    def put_item(self, index: int, item: Any) -> None:
        """Replace one item that is already known."""
        if self._all is not None:
            if 0 <= index < len(self._all):
                self._all = [*self._all[:index], item, *self._all[index + 1 :]]
        else:
            page, offset = self._pages.get(index // PAGE), index % PAGE
            if page is None or offset >= len(page):
                return
            self._pages[index // PAGE] = [*page[:offset], item, *page[offset + 1 :]]
        self._strips.pop((index, self._row_width), None)
        self.refresh_lines(index)

    @property
    def current(self) -> Any:
        """The item the bar stands on, None while it is not read."""
        return self.item(self.cursor)

    def redraw(self) -> None:
        """Draw every row again: what ``draw`` depends on has changed."""
        self._strips.clear()
        self.refresh()

    def _forget(self) -> None:
        self._pages.clear()
        self._asked.clear()
        self._strips.clear()
        self._generation += 1

    def _resize_to(self, count: int, cursor: int | None) -> None:
        self.count = count
        wanted = self.cursor if cursor is None else cursor
        wanted = max(0, min(wanted, count - 1))
        self.virtual_size = Size(self.size.width, count)
        moved = wanted != self.cursor
        self.cursor = wanted
        self._show_cursor()
        self._want()
        self.refresh()
        if not moved:
            self._say_highlighted()

    # reading pages

    def _want(self) -> None:
        """Ask for the pages in view, and for one ahead in the direction of travel."""
        if self._all is not None or not self.count or not self.size.height:
            return
        top = min(self.scroll_offset.y, self.count - 1)
        first, last = top // PAGE, min(top + self.size.height - 1, self.count - 1) // PAGE
        ahead = last + 1 if first >= self._seen_page else first - 1
        self._seen_page = first
        cursor_page = self.cursor // PAGE
        near = [p for p in (*range(first, last + 1), ahead) if 0 <= p * PAGE < self.count]
        if abs(cursor_page - first) <= 1 and cursor_page not in near:
            near.append(cursor_page)
        for page in near:
            if page in self._pages:
                self._pages.move_to_end(page)
            elif page not in self._asked:
                self._asked.add(page)
                start = page * PAGE
                message = self.PageWanted(self, start, min(start + PAGE, self.count), self._generation)
                self.post_message(message.set_sender(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        top, height = self.scroll_offset.y, self.size.height
        if self.count and height and not top <= self.cursor < top + height:
            self.move(min(max(self.cursor, top), top + height - 1))  # the bar is always where the eyes are
        self._want()

    def on_resize(self, event: events.Resize) -> None:
        self.virtual_size = Size(event.size.width, self.count)
        self._strips.clear()
        self._show_cursor()
        self._want()

    # the bar

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self.count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        self.refresh_lines(old)
        self.refresh_lines(new)
        self._show_cursor()
        self._say_highlighted()

    def _say_highlighted(self) -> None:
        self.post_message(self.Highlighted(self, self.cursor, self.current).set_sender(self))

    def _show_cursor(self) -> None:
        if self.count and self.size.height:
            self.scroll_to_region(
                Region(0, self.cursor, max(1, self.size.width), 1), animate=False, force=True, immediate=True
            )

    def move(self, index: int) -> None:
        """Put the bar on a row, or on the nearest there is."""
        if self.count:
            self.cursor = max(0, min(index, self.count - 1))

    def action_cursor_down(self) -> None:
        self.move(self.cursor + 1)

    def action_cursor_up(self) -> None:
        self.move(self.cursor - 1)

    def action_first(self) -> None:
        self.move(0)

    def action_last(self) -> None:
        self.move(self.count - 1)

    def action_half_down(self) -> None:
        self.move(self.cursor + max(1, self.size.height // 2))

    def action_half_up(self) -> None:
        self.move(self.cursor - max(1, self.size.height // 2))

    def action_page_down(self) -> None:
        self.move(self.cursor + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self.move(self.cursor - max(1, self.size.height - 1))

    def action_open(self) -> None:
        if self.current is not None:
            if self._before_open is not None:
                self._before_open()
            self.post_message(self.Opened(self, self.cursor, self.current))

    async def action_back_or_fold(self) -> None:
        await self.app.run_action("app.step_back")

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.get_content_offset_capture(self).y
        if not 0 <= index < self.count:
            return
        if index == self.cursor or event.chain > 1:
            self.action_open()
        else:
            self.move(index)

    # drawing

    @property
    def _row_width(self) -> int:
        return max(0, self.scrollable_content_region.width)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._inks = None
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        width = self._row_width
        index = self.scroll_offset.y + y
        base = self.rich_style
        if index >= self.count or width <= 0:
            return Strip.blank(width, base)
        if self._inks is None:
            self._inks = Inks.of(self)
        inks = self._inks
        key = (index, width)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._row(index, width - GUTTER, inks)
            self._strips[key] = strip
            while len(self._strips) > 400:
                self._strips.popitem(last=False)
        if index != self.cursor:
            return Strip.join([Strip([Segment(" " * GUTTER)], GUTTER), strip]).apply_style(base)
        bar = inks.accent if self.has_focus else inks.faint
        line = Strip.join([Strip([Segment(BAR, bar), Segment(" " * (GUTTER - 1))], GUTTER), strip])
        back = inks.cursor if self.has_focus else inks.cursor_blurred
        return line.apply_style(base + Style(bgcolor=back.bgcolor))

    def _row(self, index: int, width: int, inks: Inks) -> Strip:
        item = self.item(index)
        text = Text("…", inks.faint) if item is None else self._draw(item, width, inks)
        return strip_of(text, width, self.app.console)


def strip_of(text: Text, width: int, console: Any) -> Strip:
    """One line of exactly ``width`` cells."""
    text.end = ""
    text.no_wrap = True
    text.truncate(width, overflow="ellipsis")
    return Strip(text.render(console)).adjust_cell_length(width)
