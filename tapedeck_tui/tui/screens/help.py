"""Help: the keys that work here, and the page about it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Markdown, Static

from tapedeck_tui.tui.keys import CONTEXTS, Key, bindings_for, keys_for, name_of
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.card_list import CardList, wrap
from tapedeck_tui.tui.widgets.scroll_page import ScrollPage

FIRST = ("browse", "reader", "ask", "memory", "sources", "promote", "welcome", "searching")
LAST = ("privacy", "help", "changes")


def _topics() -> tuple[str, ...]:
    """Every page there is: places first, then subjects, then what is about tapedeck itself."""
    there = {
        path.name.removesuffix(".md")
        for path in (resources.files("tapedeck_tui") / "help").iterdir()
        if path.name.endswith(".md")
    }
    return (*FIRST, *sorted(there.difference(FIRST, LAST)), *LAST)


TOPICS = _topics()
"""Every page, in the order they are listed."""

PLACES: dict[str, tuple[str, ...]] = {
    "browse": ("browse", "query"),
    "reader": ("reader", "find"),
    "ask": ("ask", "question"),
    "memory": ("memory",),
    "sources": ("sources",),
    "promote": ("promote",),
    "welcome": ("welcome",),
}
"""Of which contexts a page lists the keys."""

SHARED = ("list", "app")
"""Contexts whose keys stand at the end of every page."""
NAME_CELLS = 18
"""Cells for the names of a key."""


def help_screen(topic: str = "") -> HelpScreen:
    """The page of a topic; of the help itself when there is none of that name."""
    return HelpScreen(topic if topic in TOPICS else "help")


@cache
def page(topic: str) -> str:
    """The Markdown of a page, without its keys."""
    return (resources.files("tapedeck_tui") / "help" / f"{topic}.md").read_text("utf-8")


def key_names(key: Key, own: dict[str, str]) -> str:
    """The names of a key as people write them, with the user's own mapping."""
    return "  ".join(dict.fromkeys(name_of(part.strip()) for part in own.get(key.id, key.keys).split(",")))


class HelpScreen(DeckScreen):
    """One page, with the list of pages beside it where there is room.

    Args:
        topic: one of ``TOPICS``.
    """

    HELP = "help"
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("help")
    AUTO_FOCUS = "#page"

    def __init__(self, topic: str) -> None:
        super().__init__()
        self._topic = topic
        self._before: list[str] = []

    def body(self) -> Iterable[Widget]:
        yield Horizontal(
            CardList[str](lambda topic, width: [((topic, "text"),)], gap=0, id="topics"),
            ScrollPage(
                Static(id="keys-here", markup=False),
                Markdown(open_links=False, id="text"),
                Static(id="keys-shared", markup=False),
                id="page",
            ),
            id="panes",
        )

    async def on_mount(self) -> None:
        self.query_one("#topics", CardList).show(TOPICS, TOPICS.index(self._topic))
        await self._show(self._topic)

    def on_resize(self) -> None:
        self._write_keys()

    async def _show(self, topic: str) -> None:
        self._topic = topic
        await self.query_one("#text", Markdown).update(page(topic))
        self._write_keys()
        self.query_one("#page").scroll_home(animate=False)

    def _write_keys(self) -> None:
        here = [key for place in PLACES.get(self._topic, ()) for key in keys_for(place)]
        self.query_one("#keys-here", Static).update(self._table("keys here", here))
        self.query_one("#keys-here").display = bool(here)
        tables = [self._table(f"keys {CONTEXTS[place]}", keys_for(place)) for place in SHARED]
        self.query_one("#keys-shared", Static).update(Content("\n\n").join(tables))

    def _table(self, title: str, keys: list[Key]) -> Content:
        """The keys and their sentences in two columns."""
        width = max(24, self.query_one("#page").scrollable_content_region.width - NAME_CELLS - 6)
        lines = [Content.styled(title, "$text-muted")]
        for key in dict.fromkeys(keys):
            names = Content(key_names(key, self.host.own_keys)).truncate(NAME_CELLS - 2, ellipsis=True)
            for number, line in enumerate(wrap(key.tooltip, width)):
                name = names if number == 0 else Content("")
                lines.append(Content.assemble((name.plain.ljust(NAME_CELLS), "bold"), line))
        return Content("\n").join(lines)

    async def _go(self, topic: str) -> None:
        """Show another page; esc comes back to this one."""
        if topic != self._topic:
            self._before.append(self._topic)
            self.query_one("#topics", CardList).move(TOPICS.index(topic))
            await self._show(topic)

    @on(Markdown.LinkClicked)
    async def _link(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        topic = event.href.removesuffix(".md")
        if topic in TOPICS:
            await self._go(topic)

    @on(CardList.Moved, "#topics")
    async def _topic_moved(self, event: CardList.Moved) -> None:
        event.stop()
        if event.cards.has_focus and event.item != self._topic:
            await self._show(event.item)

    @on(CardList.Chosen, "#topics")
    def _topic_chosen(self, event: CardList.Chosen) -> None:
        event.stop()
        self.query_one("#page").focus()

    @on(ScrollPage.Opened)
    def _pages(self, event: ScrollPage.Opened) -> None:
        """Enter on the page: choose another one."""
        event.stop()
        from tapedeck_tui.tui.screens.pick import Pick

        pick: Pick[str] = Pick(
            "pages", TOPICS, lambda topic, width: [((topic, "text"),)], index=TOPICS.index(self._topic)
        )

        async def picked(topic: str | None) -> None:
            if topic is not None:
                await self._go(topic)

        self.app.push_screen(pick, picked)

    def close(self) -> bool:
        if self._before:
            topic = self._before.pop()
            self.query_one("#topics", CardList).move(TOPICS.index(topic))
            self.run_worker(self._show(topic), group="page", exclusive=True)
            return True
        return super().close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "help"
