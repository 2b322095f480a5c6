"""The four places of the app and the palette's commands, as functions that import on call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen


def browse() -> Screen[Any]:
    from tapedeck_tui.tui.screens.browse import browse_screen

    return browse_screen()


def ask() -> Screen[Any]:
    from tapedeck_tui.tui.screens.ask import ask_screen

    return ask_screen()


def memory() -> Screen[Any]:
    from tapedeck_tui.tui.screens.memory import memory_screen

    return memory_screen()


def sources() -> Screen[Any]:
    from tapedeck_tui.tui.screens.sources import sources_screen

    return sources_screen()


def commands() -> type[Provider]:
    from tapedeck_tui.tui.palette import DeckCommands

    return DeckCommands


MODES: dict[str, Callable[[], Screen[Any]]] = {
    "browse": browse,
    "ask": ask,
    "memory": memory,
    "sources": sources,
}
"""Name of each place, and what makes its screen."""
