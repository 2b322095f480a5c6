"""The search line: a mark, what is typed, and how much was found."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.widgets.cells import plain
from tapedeck_tui.tui.widgets.clean_input import CleanInput


class QueryInput(CleanInput):
    """The line itself, clean whatever is pasted. Down and enter go to the results (``to_list`` of the screen)."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("query")


class SearchBox(Horizontal):
    """``/ words                   41 of 12,804``. The input's messages bubble."""

    DEFAULT_CSS = """
    SearchBox { height: 1; padding: 0 1; }
    SearchBox #search-mark { width: 2; color: $text-disabled; }
    SearchBox.-typing #search-mark { color: $accent; text-style: bold; }
    SearchBox QueryInput { width: 1fr; border: none; height: 1; padding: 0; background: $background; }
    SearchBox #search-counts { width: auto; color: $text-muted; padding: 0 0 0 2; }
    """

    def __init__(self, placeholder: str = "search", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        yield Static("/", id="search-mark", markup=False)
        yield QueryInput(placeholder=self._placeholder, compact=True, id="query", select_on_focus=False)
        yield Static("", id="search-counts", markup=False)

    def on_descendant_focus(self) -> None:
        self.add_class("-typing")

    def on_descendant_blur(self) -> None:
        self.remove_class("-typing")

    @property
    def input(self) -> QueryInput:
        return self.query_one(QueryInput)

    @property
    def value(self) -> str:
        return self.input.value

    def set_counts(self, words: str) -> None:
        self.query_one("#search-counts", Static).update(plain(words))
