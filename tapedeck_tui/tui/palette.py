"""The palette: every command of the place one is in, themes tried on while choosing, sessions by title."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on
from textual.command import Command, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import OptionList

from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.model import SessionRow
from tapedeck_tui.tui.keys import Key, keys_for, name_of
from tapedeck_tui.tui.widgets.cells import plain
from tapedeck_tui.tui.widgets.session_rows import project_word, source_word
from tapedeck_tui.tui.widgets.when import ago

if TYPE_CHECKING:
    from textual.types import IgnoreReturnCallbackType

    from tapedeck_tui.tui.app import TapedeckApp

DEBOUNCE = 0.08
"""Seconds of quiet before sessions are searched."""
MOST_SESSIONS = 8
"""Sessions offered for a query."""
RECENT = 5
"""Sessions offered before anything is typed."""
SESSION_SCORE = 0.3
"""Sessions stand below the commands that match."""

NAME_CELLS, KEY_CELLS = 26, 8
"""Cells for the name of a command, and for its key."""

AREAS = {"app.mode": "go", "app.read_sources": "sources", "app.stop_job": "sources"}
"""Areas of actions that belong to a place of their own."""
LEFT_OUT = frozenset({"palette", "close", "back", "next-pane", "previous-pane", "interrupt", "start"})
"""Keys that make no sense as a command."""


@dataclass
class ThemeHit(Hit):
    """A theme: tried on while it is highlighted."""

    theme: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A command: its name (``area: Verb``), a sentence, and what it does."""

    name: str
    about: str
    run: IgnoreReturnCallbackType
    theme: str = ""


class DeckCommands(Provider):
    """Commands drawn from the table of keys, themes, and sessions of the library."""

    @property
    def host(self) -> TapedeckApp:
        return cast("TapedeckApp", self.app)

    def offers(self) -> Iterator[Offer]:
        """What can be done now, in the order it is listed."""
        topic = getattr(self.screen, "HELP", "")
        seen: set[str] = set()
        for place in (topic, "app"):
            for key in keys_for(place) if place else ():
                if key.id in LEFT_OUT or key.action in seen:
                    continue
                seen.add(key.action)
                yield from self._offer(key, place)
        if topic != "ask":
            yield Offer("ask: Choose the model", " " * KEY_CELLS + "Which model answers.", self._choose_model)
        yield Offer("theme: Choose", " " * KEY_CELLS + "Try themes on and keep one.", self._choose_theme)
        yield Offer(
            "help: What is new", " " * KEY_CELLS + "Changes of this version.", partial(self._help, "changes")
        )
        yield Offer(
            "help: Searching", " " * KEY_CELLS + "How to write a search.", partial(self._help, "searching")
        )

    def _offer(self, key: Key, place: str) -> Iterator[Offer]:
        action = key.action.partition("(")[0]
        target = self.app if action.startswith("app.") else self.screen
        name = action.removeprefix("app.")
        if not target.check_action(name, ()) or (name == "stop_job" and not self.host.jobs.running):
            return
        area = AREAS.get(action, place)
        verb = key.description[:1].upper() + key.description[1:]
        keys = name_of(self.host.own_keys.get(key.id, key.keys).split(",")[0])
        yield Offer(
            f"{area}: {verb}",
            f"{keys.ljust(KEY_CELLS)}{key.tooltip}",
            partial(self.screen.run_action, key.action),
        )

    def themes(self) -> Iterator[Offer]:
        """Every theme, our own first."""
        names = sorted(self.app.available_themes, key=lambda name: (not name.startswith("tapedeck"), name))
        for name in names:
            yield Offer(f"theme: Use {name}", "", partial(self.host.use_theme, name), theme=name)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for offer in (*self.offers(), *self.themes()):
            score = matcher.match(offer.name)
            if score > 0:
                line = in_columns(matcher.highlight(offer.name), offer.about)
                if offer.theme:
                    yield ThemeHit(score, line, offer.run, offer.name, theme=offer.theme)
                else:
                    yield Hit(score, line, offer.run, offer.name)
        async for hit in self._sessions(query):
            yield hit

    async def _sessions(self, query: str) -> AsyncIterator[Hit]:
        """Sessions that match; a query that cannot be read finds none."""
        await asyncio.sleep(DEBOUNCE)
        try:
            found = await asyncio.to_thread(self.host.deck.search, query, MOST_SESSIONS, False)
        except TapedeckError:
            return
        for number, hit in enumerate(found.sessions):
            name, about = self._session_words(hit.session)
            score = SESSION_SCORE - number / 1000
            yield Hit(
                score, in_columns(Content(name), about), partial(self.host.open_reader, hit.session.id), name
            )

    def _session_words(self, row: SessionRow) -> tuple[str, str]:
        name = f"session: {plain(row.title, 100) or 'untitled'}"
        when = ago(row.ended_at or row.started_at, self.host.now)
        words = (when, source_word(plain(row.harness, 30), True), plain(project_word(row.project), 40))
        return name, " · ".join(word for word in words if word)

    async def discover(self) -> Hits:
        for offer in self.offers():
            yield DiscoveryHit(in_columns(Content(offer.name), offer.about), offer.run, offer.name)
        try:
            rows = await asyncio.to_thread(self._recent)
        except TapedeckError:
            return
        for row in rows:
            name, about = self._session_words(row)
            yield DiscoveryHit(in_columns(Content(name), about), partial(self.host.open_reader, row.id), name)

    def _recent(self) -> list[SessionRow]:
        return self.host.deck.session_rows(self.host.deck.session_order()[:RECENT])

    def _choose_theme(self) -> None:
        self.app.push_screen(Palette([ThemeCommands], placeholder="a theme; the arrows try it on"))

    async def _choose_model(self) -> None:
        await self.app.run_action("app.mode('ask')")
        await self.app.screen_stack[0].run_action("model")

    def _help(self, topic: str) -> None:
        from tapedeck_tui.tui.screens.help import help_screen

        self.app.push_screen(help_screen(topic))


class ThemeCommands(DeckCommands):
    """Themes only."""

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for offer in self.themes():
            score = matcher.match(offer.theme)
            if score > 0:
                yield ThemeHit(
                    score, matcher.highlight(offer.theme), offer.run, offer.theme, theme=offer.theme
                )

    async def discover(self) -> Hits:
        for offer in self.themes():
            yield ThemeHit(0.0, Content(offer.theme), offer.run, offer.theme, theme=offer.theme)


def in_columns(name: Content, about: str) -> Content:
    """The name of a command and what is said about it, side by side."""
    room = NAME_CELLS - name.cell_length
    return Content.assemble(name, " " * max(2, room), (about, "$text-muted")) if about else name


class Palette(CommandPalette):
    """Textual's palette with our commands; a highlighted theme is tried on, and taken off again on escape."""

    DEFAULT_CSS = """
    Palette { background: $background 60%; }
    Palette > Vertical { margin-top: 2; width: 92; max-width: 96%; }
    Palette #--input { background: $surface; border: none; height: 3; padding: 1 2; }
    Palette #--input.--list-visible { border: none; }
    Palette SearchIcon { display: none; }
    Palette #--results { background: $surface; }
    Palette CommandList { background: $surface; border: none; padding: 0 1 1 1; scrollbar-size-vertical: 1;
                          text-wrap: nowrap; text-overflow: ellipsis; }
    Palette CommandList.--visible { border: none; }
    Palette CommandList > .option-list--option { padding: 0 1; text-style: none; }
    Palette CommandList > .option-list--option-highlighted { background: $block-cursor-background; color: $text; }
    Palette CommandList:focus > .option-list--option-highlighted { background: $block-cursor-background; color: $text; }
    Palette > .command-palette--help-text { color: $text-muted; text-style: none; }
    Palette > .command-palette--highlight { color: $accent; text-style: bold; }
    """

    def __init__(
        self, providers: list[type[Provider]] | None = None, placeholder: str = "a command or a session"
    ) -> None:
        super().__init__(providers or [DeckCommands], placeholder=placeholder)
        self._wore = ""

    def on_mount(self) -> None:
        self._wore = self.app.theme

    @on(OptionList.OptionHighlighted)
    def _try_on(self, event: OptionList.OptionHighlighted) -> None:
        hit = event.option.hit if isinstance(event.option, Command) else None
        wanted = hit.theme if isinstance(hit, ThemeHit) else self._wore
        if wanted != self.app.theme:
            self.app.theme = wanted
            self.app.call_next(self._dress)

    def _dress(self) -> None:
        """Put the new theme on the palette itself: a change of theme does not reach system screens."""
        self.app.stylesheet.update(self)
        self.refresh(layout=True)

    def _action_escape(self) -> None:
        self.app.theme = self._wore
        super()._action_escape()
