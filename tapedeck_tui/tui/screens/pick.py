"""A short list on top of a screen: one question, a few cards; enter chooses, esc goes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tapedeck_tui.text import clean
from tapedeck_tui.tui.keys import keys_for
from tapedeck_tui.tui.widgets.card_list import CardList, Line

T = TypeVar("T")

MODAL_KEYS = frozenset({"close", "back", "quit", "next-pane", "previous-pane"})
"""Keys of the app that work on top of a screen, too."""


def modal_bindings() -> list[BindingType]:
    """The keys of the app that a screen on top of others keeps."""
    return [key.binding() for key in keys_for("app") if key.id in MODAL_KEYS]


class Pick(ModalScreen["T | None"], Generic[T]):
    """Lets the user choose one of a few things; None when they went back.

    Args:
        title: what is to be chosen, a few words.
        items: what there is.
        draw: the lines of an item.
        empty: what is said when there is nothing.
        note: a sentence under the list, "" for none.
        index: where the cursor starts.
        gap: blank lines between cards.
    """

    BINDINGS: ClassVar[list[BindingType]] = modal_bindings()
    DEFAULT_CSS = """
    Pick { align: center middle; background: $background 60%; }
    Pick > Vertical { width: 72; max-width: 92%; height: auto; max-height: 80%; background: $surface; padding: 1 2; }
    Pick #pick-title { color: $text-muted; height: 1; margin-bottom: 1; }
    Pick CardList { height: auto; max-height: 16; background: $surface; }
    Pick #pick-note { color: $text-muted; height: auto; margin-top: 1; }
    """

    def __init__(
        self,
        title: str,
        items: Sequence[T],
        draw: Callable[[T, int], Sequence[Line]],
        *,
        empty: str = "",
        note: str = "",
        index: int = 0,
        gap: int = 0,
    ) -> None:
        super().__init__()
        self._title = title
        self._things = items
        self._cards: CardList[T] = CardList(draw, empty=empty, gap=gap, click_opens=True, id="pick-list")
        self._note = note
        self._index = index

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(clean(self._title)), id="pick-title")
            yield self._cards
            if self._note:
                yield Static(Content(clean(self._note)), id="pick-note")

    def on_mount(self) -> None:
        self._cards.show(self._things, self._index)
        self._cards.focus()

    @on(CardList.Chosen)
    def _chosen(self, event: CardList.Chosen) -> None:
        event.stop()
        self.dismiss(event.item)

    def close(self) -> bool:
        self.dismiss(None)
        return True

    def go_back(self) -> bool:
        return self.close()
