"""Browse: the search line, the sessions, and what the one under the bar is about. The home of the app."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from tapedeck_tui.errors import NotFound, QueryError, TapedeckError
from tapedeck_tui.events import Changed
from tapedeck_tui.model import Hit, SearchResult, SessionRow
from tapedeck_tui.text import count
from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.screens.browse_actions import BrowseActions
from tapedeck_tui.tui.state import Left
from tapedeck_tui.tui.widgets.empty_state import EmptyState
from tapedeck_tui.tui.widgets.preview import Preview, PreviewOf, ends_of
from tapedeck_tui.tui.widgets.row_list import RowList
from tapedeck_tui.tui.widgets.search_box import SearchBox
from tapedeck_tui.tui.widgets.session_rows import drawer

DEBOUNCE = 0.08
"""Seconds of quiet after a keystroke before a search starts."""
PREVIEW_DELAY = 0.05
"""Seconds the bar rests on a row before its preview is read."""
SESSION_ACTIONS = frozenset({"ask_about", "promote", "star", "label", "copy", "edit_source"})
"""Actions that need a session under the bar."""
PREVIEW_TURNS = 60
"""Turns at either end of a session in which its first and its last ask are looked for."""


class BrowseScreen(BrowseActions, DeckScreen):
    """Sessions newest first; typing in the search line turns the list into results."""

    CSS_PATH = "browse.tcss"
    PLACE = "browse"
    HELP = "browse"
    AUTO_FOCUS = "#rows"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("browse")

    def __init__(self) -> None:
        super().__init__()
        self._order: array[int] = array("q")
        self._loaded = False
        self._reading_order = False
        self._order_stale = False
        self._result: SearchResult | None = None
        self._items: list[SessionRow | Hit] = []
        self._wrong = ""
        self._typing: Timer | None = None
        self._resting: Timer | None = None

    def body(self) -> Iterable[Widget]:
        yield SearchBox()
        yield Static(id="query-error", markup=False)
        with Horizontal(id="panes"):
            with Vertical(id="list-pane"):
                draw = drawer(lambda: self.host.now)
                yield RowList(draw, before_open=lambda: self.host.type_ahead.hold(), id="rows")
                yield EmptyState(id="empty")
            yield Preview(id="preview")

    @property
    def rows(self) -> RowList:
        return self.query_one("#rows", RowList)

    @property
    def box(self) -> SearchBox:
        return self.query_one(SearchBox)

    def on_mount(self) -> None:
        self._read_order()

    # where the user is

    def left(self) -> Left:
        """What ``restore`` needs to come back here."""
        session = self.current_session()
        return Left(query=self.box.value, session_id=session.id if session else "")

    def restore(self, left: Left) -> None:
        """Go where the user was last time."""
        if left.query:
            self.box.input.value = left.query
        elif left.session_id:
            self._read_order(left.session_id)

    # the list of all sessions

    def library_changed(self, change: Changed) -> None:
        self._read_order()

    def _read_order(self, session_id: str = "") -> None:
        """Read which sessions there are, keeping the bar on its session (or putting it on the one named)."""
        if self._reading_order and not session_id:
            self._order_stale = True
            return
        self._reading_order = True
        at = self._order[self.rows.cursor] if not self._items and self.rows.cursor < len(self._order) else -1

        def read() -> tuple[array[int], int]:
            order = self.deck.session_order()
            wanted = at
            if session_id:
                try:
                    wanted = self.deck.session(session_id).row.row
                except NotFound:
                    wanted = -1
            try:
                return order, order.index(wanted) if wanted >= 0 else 0
            except ValueError:
                return order, 0

        self.in_thread("order", read, self._order_read, self._order_failed)

    def _order_failed(self, error: TapedeckError) -> None:
        self._reading_order = False
        self.host.say_error(error)
        self._show_empty(str(error))

    def _order_read(self, found: tuple[array[int], int]) -> None:
        order, cursor = found
        self._reading_order = False
        self._loaded = True
        same = order == self._order
        self._order = order
        if self._result is None:
            keep = self.rows.cursor == 0 and not same
            self.rows.set_count(len(order), cursor=0 if keep else cursor)
            self._show_list()
        if self._order_stale:
            self._order_stale = False
            self._read_order()

    def _show_list(self) -> None:
        total = len(self._order)
        self.box.set_counts(f"{total:,}" if total else "")
        if total:
            self._show_rows()
        elif self._loaded:
            busy = bool(self.host.jobs.running)
            self._show_empty(
                "Your sources are being read; sessions appear here by themselves."
                if busy
                else "No sessions yet.",
                (("4", "sources"), ("r", "read again"), ("?", "help")),
            )

    def _show_rows(self) -> None:
        self.remove_class("-empty")
        self.query_one(EmptyState).hide()
        self.refresh_bindings()

    def _show_empty(self, sentence: str, keys: tuple[tuple[str, str], ...] = ()) -> None:
        self.add_class("-empty")
        self.query_one(EmptyState).show(sentence, keys)
        self.refresh_bindings()

    @on(RowList.PageWanted)
    def _page_wanted(self, message: RowList.PageWanted) -> None:
        message.stop()
        numbers = self._order[message.start : message.end]

        def read() -> Sequence[SessionRow | None]:
            found = {row.row: row for row in self.deck.session_rows(numbers)}
            return [found.get(number) for number in numbers]

        self.in_thread(
            f"page-{message.start}", read, partial(self.rows.put_page, message.generation, message.start)
        )

    # searching

    @on(Input.Changed, "#query")
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        if self._typing is not None:
            self._typing.stop()
        self.open_when_found = False
        if message.value.strip():
            self._typing = self.set_timer(DEBOUNCE, partial(self._search, message.value))
        else:
            self._leave_results()

    def action_to_list(self) -> None:
        self.set_focus(self.rows)  # at once: the next key already acts on the list
        if self._typing is not None and self._awaits_words():
            self._typing.stop()
            self._search(self.box.value)

    def _awaits_words(self) -> bool:
        """Whether the list does not answer what stands in the search line yet."""
        shown = self._result.query if self._result is not None else ""
        return shown.strip() != self.box.value.strip() and self._wrong != self.box.value

    def is_searching(self) -> bool:
        return self._awaits_words()

    def words_sought(self) -> tuple[str, ...]:
        return self._result.words if self._result is not None else ()

    def _leave_results(self) -> None:
        """Back to the list of all sessions, the bar on the session it stood on."""
        session = self.current_session()
        self.workers.cancel_group(self, "search")
        self.workers.cancel_group(self, "refine")
        self._say_query_error(None)
        self.host.type_ahead.release()
        if self._result is None:
            return
        self._result = None
        self._items = []
        self.rows.set_count(len(self._order), cursor=0)
        self._show_list()
        if session is not None:
            self._read_order(session.id)

    def _search(self, query: str) -> None:
        """Words first, which is instant; then with meaning, which may open the vectors."""
        self.workers.cancel_group(self, "refine")
        self.in_thread(
            "search",
            partial(self.deck.search, query, 50, False),
            partial(self._found, query),
            self._not_found,
        )

    def _found(self, query: str, result: SearchResult) -> None:
        if query != self.box.value:
            return
        self._show_result(result, fresh=self._result is None or self._result.query != result.query)
        if self.open_when_found and (result.sessions or result.semantic):
            self.open_best()
        if not result.semantic:
            self.in_thread(
                "refine", partial(self.deck.search, query, 50, True), self._refined, self._not_found
            )

    def _refined(self, result: SearchResult) -> None:
        if result.query.strip() == self.box.value.strip():
            self._show_result(result, fresh=False)
            if self.open_when_found:
                self.open_best()

    def _not_found(self, error: TapedeckError) -> None:
        self._wrong, self.open_when_found = self.box.value, False
        self.host.type_ahead.release()
        if isinstance(error, QueryError):
            self._say_query_error(error)
        else:
            self.host.say_error(error)

    def _say_query_error(self, error: QueryError | None) -> None:
        line = self.query_one("#query-error", Static)
        line.set_class(error is not None, "-shown")
        if error is None:
            self._wrong = ""
        if error is not None:
            pointer = (
                " " * error.column + "▲ "
                if error.column < self.size.width // 2
                else f"column {error.column + 1}: "
            )
            line.update(f"{pointer}{error.what} {error.hint}")

    def _show_result(self, result: SearchResult, fresh: bool) -> None:
        """Draw results; the bar stays on its row unless these are results of other words."""
        self._say_query_error(None)
        here = self.rows.current if self._result is not None and not fresh and self.rows.cursor else None
        self._result = result
        items: list[SessionRow | Hit] = []
        for found in result.sessions:
            items.append(found.session)
            items.extend(found.hits)
        self._items = items
        cursor = next((n for n, item in enumerate(items) if _same(item, here)), 0) if here else 0
        self.rows.set_items(items, cursor=cursor)
        note = f"  {result.note}" if result.note else ""
        hits = count(result.turns, "hit")
        if result.similar:
            hits = f"{result.turns - result.similar:,} with the words, {result.similar:,} similar"
        self.box.set_counts(f"{hits} in {count(len(result.sessions), 'session')}{note}")
        if items:
            self._show_rows()
        else:
            said = f" {result.note}" if result.note else ""
            self._show_empty(
                f"Nothing matches “{result.query.strip()}”.{said}", (("esc", "clears it"), ("?", "help"))
            )

    # the preview

    @on(RowList.Highlighted, "#rows")
    def _highlighted(self, message: RowList.Highlighted) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(PREVIEW_DELAY, self._preview)

    def on_resize(self) -> None:
        """A wider terminal has room for the preview: fill it."""
        self.call_after_refresh(self._preview)

    def _preview(self) -> None:
        session, hit = self.current_session(), self.current_hit()
        preview = self.query_one(Preview)
        if session is None or not preview.display:
            preview.show(None)
            return
        if self._result is not None:
            hits = [item for item in self._items if isinstance(item, Hit) and item.session_id == session.id]
            preview.show(PreviewOf(session, hits=sorted(hits, key=lambda found: found.position), here=hit))
            return

        def read() -> PreviewOf:
            start = self.deck.turns(session.id, 0, PREVIEW_TURNS)
            rest = max(len(start), session.turns - PREVIEW_TURNS)
            end = self.deck.turns(session.id, rest, PREVIEW_TURNS) if rest < session.turns else []
            return PreviewOf(session, ends_of([*start, *end]))

        self.in_thread("preview", read, preview.show, lambda error: preview.show(PreviewOf(session)))

    # what the bar stands on

    def current_hit(self) -> Hit | None:
        item = self.rows.current
        return item if isinstance(item, Hit) else None

    def current_session(self) -> SessionRow | None:
        item = self.rows.current
        if isinstance(item, Hit):
            above = self._items[: self.rows.cursor]
            return next((row for row in reversed(above) if isinstance(row, SessionRow)), None)
        return item if isinstance(item, SessionRow) else None

    def put_session(self, row: SessionRow) -> None:
        """The session has changed (a star, a label): draw it so, wherever it stands."""
        item = self.rows.current
        if isinstance(item, SessionRow) and item.id == row.id:
            self.rows.put_item(self.rows.cursor, row)
        for number, other in enumerate(self._items):
            if isinstance(other, SessionRow) and other.id == row.id:
                self.rows.put_item(number, replace(other, starred=row.starred, labels=row.labels))
        self._preview()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that say nothing now are not shown: searching while typing, opening nothing."""
        if not self.is_mounted:
            return super().check_action(action, parameters)
        if action == "search" and self.box.input.has_focus:
            return False
        if action in SESSION_ACTIONS and self.has_class("-empty"):
            return False
        return super().check_action(action, parameters)

    # closing

    def close(self) -> bool:
        if self.box.value:
            self.box.input.value = ""
        elif self.box.input.has_focus:
            self.set_focus(self.rows)
        else:
            return False
        return True

    def go_back(self) -> bool:
        return False


def _same(item: SessionRow | Hit, here: object) -> bool:
    if isinstance(item, Hit):
        return isinstance(here, Hit) and item.turn_id == here.turn_id and item.session_id == here.session_id
    return isinstance(here, SessionRow) and item.id == here.id


def browse_screen() -> BrowseScreen:
    """The home screen, for ``TapedeckApp.MODES``."""
    return BrowseScreen()
