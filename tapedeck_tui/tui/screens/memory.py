"""Memory: what was promoted, where it was written, and the turns it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.events import Changed
from tapedeck_tui.model import Evidence, Promoted
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import clean, count
from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.card_list import CardList
from tapedeck_tui.tui.widgets.cards import dotted, evidence_lines, promoted_lines
from tapedeck_tui.tui.widgets.cells import plain
from tapedeck_tui.tui.widgets.empty_state import EmptyState
from tapedeck_tui.tui.widgets.session_rows import project_word
from tapedeck_tui.tui.widgets.when import exact

MOST = 1000
"""How many promoted things are listed, newest first."""


def memory_screen() -> MemoryScreen:
    """The screen of the mode ``memory``."""
    return MemoryScreen()


class MemoryScreen(DeckScreen):
    """A list, and beside it (on a narrow terminal instead of it) what the bar stands on with its evidence."""

    PLACE = "memory"
    HELP = "memory"
    CSS_PATH = "memory.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("memory")
    AUTO_FOCUS = "#promoted"

    def body(self) -> Iterable[Widget]:
        yield EmptyState(id="empty")
        yield Horizontal(
            CardList[Promoted](lambda item, width: promoted_lines(item, width, self.host.now), id="promoted"),
            Vertical(
                Static(id="title", markup=False),
                Static(id="facts", markup=False),
                VerticalScroll(Static(id="text", markup=False), id="text-pane", can_focus=False),
                Static(id="rests-on", markup=False),
                CardList[Evidence](
                    lambda item, width: evidence_lines(item, width, self.host.now),
                    id="evidence",
                    click_opens=True,
                ),
                id="shown",
            ),
            id="panes",
        )

    @property
    def promoted(self) -> CardList[Promoted]:
        return self.query_one("#promoted", CardList)

    @property
    def evidence(self) -> CardList[Evidence]:
        return self.query_one("#evidence", CardList)

    def on_mount(self) -> None:
        self.query_one("#panes").display = False

    def on_screen_resume(self) -> None:
        self._read()

    def library_changed(self, change: Changed) -> None:
        self._read()

    def _read(self) -> None:
        self.in_thread("promoted", lambda: self.deck.promoted(MOST), self._show, self._failed)

    def _failed(self, error: TapedeckError) -> None:
        self.query_one("#panes").display = False
        self.query_one(EmptyState).show(str(error), (("r", "read again"), ("?", "help")))

    def _show(self, items: list[Promoted]) -> None:
        self.query_one("#panes").display = bool(items)
        if not items:
            self.set_focus(None)
            self.query_one(EmptyState).show(
                "Nothing promoted yet. Open a session, mark turns with v and press p;\nor press p on an answer.",
                (("1", "browse"), ("2", "ask"), ("?", "help")),
            )
            return
        self.query_one(EmptyState).hide()
        before = self.promoted.current
        same = next((n for n, item in enumerate(items) if before is not None and item.id == before.id), 0)
        self.promoted.show(items, same)
        if self.focused is None:
            self.promoted.focus()

    @on(CardList.Moved, "#promoted")
    def _moved(self, event: CardList.Moved) -> None:
        event.stop()
        item: Promoted = event.item
        self.query_one("#title", Static).update(Content(plain(item.title) or "untitled"))
        state = "" if item.state == "live" else plain(item.state, 60)
        where = shorten(plain(item.path), 0)
        facts = dotted(item.kind, plain(project_word(item.project), 40), exact(item.at), state)
        self.query_one("#facts", Static).update(Content(f"{facts}\n{where}" if where else facts))
        self.query_one("#text", Static).update(Content(clean(item.text).strip()))
        self.query_one("#text-pane", VerticalScroll).scroll_home(animate=False)
        number = len(item.evidence)
        words = f"rests on {count(number, 'turn')}" if number else "No turn is named as its evidence."
        self.query_one("#rests-on", Static).update(words)
        self.evidence.show(item.evidence, 0)

    @on(CardList.Chosen, "#promoted")
    def _chosen(self, event: CardList.Chosen) -> None:
        event.stop()
        self.add_class("-reading")
        self.evidence.focus()

    @on(CardList.Chosen, "#evidence")
    def _open(self, event: CardList.Chosen) -> None:
        event.stop()
        evidence: Evidence = event.item
        session_id, turn_id, quote = evidence.session_id, evidence.turn_id, evidence.quote

        def find() -> tuple[str, int, int]:
            turn = self.deck.turn(turn_id)
            return session_id or turn.session_id, turn.text.find(quote), len(quote)

        def show(found: tuple[str, int, int]) -> None:
            at, start, length = found
            self.host.open_reader(at, turn_id, max(start, 0), length if start >= 0 else 0)

        self.in_thread("evidence", find, show)

    def close(self) -> bool:
        if self.evidence.has_focus or self.has_class("-reading"):
            self.remove_class("-reading")
            self.promoted.focus()
            return True
        return super().close()

    def go_back(self) -> bool:
        return self.close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("copy", "edit_source"):
            return True if self.query("#promoted") and self.promoted.current is not None else None
        return True

    def action_copy(self) -> None:
        if item := self.promoted.current:
            self.host.copy(item.path, f"the path {shorten(plain(item.path), 50)}")

    def action_edit_source(self) -> None:
        if item := self.promoted.current:
            self.host.edit_file(item.path, 0)
