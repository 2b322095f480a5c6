"""The sessions and pages a session is linked to, to choose one from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tapedeck_tui.model import LinkView
from tapedeck_tui.tui.widgets.cells import fit, plain
from tapedeck_tui.tui.widgets.inks import Inks
from tapedeck_tui.tui.widgets.row_list import RowList


class LinksScreen(ModalScreen["LinkView | None"]):
    """Dismisses with the chosen link, or with None."""

    DEFAULT_CSS = """
    LinksScreen { align: center middle; background: $background 60%; }
    LinksScreen > Vertical { width: 76; max-width: 92%; height: auto; background: $surface; padding: 1 2; }
    LinksScreen Static { color: $text-muted; margin-bottom: 1; }
    LinksScreen RowList { background: $surface; max-height: 16; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "back", show=False)]

    def __init__(self, links: Sequence[LinkView]) -> None:
        super().__init__()
        self._links = links

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("linked to", markup=False)
            yield RowList(_draw, id="links")

    def on_mount(self) -> None:
        rows = self.query_one(RowList)
        rows.styles.height = min(16, len(self._links))
        rows.set_items(self._links)
        rows.focus()

    @on(RowList.Opened)
    def _chosen(self, message: RowList.Opened) -> None:
        self.dismiss(message.item)

    def action_back(self) -> None:
        self.dismiss(None)


def _draw(link: LinkView, width: int, inks: Inks) -> Text:
    text = Text(fit(link.kind, 10), inks.muted)
    text.append(plain(link.title or link.target), inks.text)
    where = "" if link.session_id else "not in the library; copies the link"
    for words in (link.note, where):
        if words:
            text.append(f"  {plain(words)}", inks.faint)
    return text


def links_screen(links: Sequence[LinkView]) -> LinksScreen:
    return LinksScreen(links)
