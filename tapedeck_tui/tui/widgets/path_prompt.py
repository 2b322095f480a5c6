"""A path typed at the bottom of the screen, completed with tab."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from tapedeck_tui.text import clean
from tapedeck_tui.tui.widgets.clean_input import CleanInput

PREFILL = "~/"
"""What the line begins with: most paths are below the home folder."""
_WHOLE_AFTER = re.compile(rf"{re.escape(PREFILL)}(?=['\"]?(?:/|~/|file:///))")
"""A whole path after the prefill: it was typed or pasted instead of it."""
MOST_ENTRIES = 5000
"""Entries of a folder that are looked at for a completion."""


def complete(text: str) -> str | None:
    """The text completed to the first entry of its folder that begins so; None when there is none.

    Folders end in a slash, hidden entries are offered when a dot was typed. Never raises.
    """
    if not text or text.endswith("~"):
        return None
    folder, slash, begun = text.rpartition("/")
    where = Path(os.path.expanduser(folder + slash or "."))
    names: list[tuple[str, bool]] = []
    try:
        with os.scandir(where) as entries:
            for number, entry in enumerate(entries):
                if number >= MOST_ENTRIES:
                    break
                name = entry.name
                if name.startswith(begun) and (begun.startswith(".") or not name.startswith(".")):
                    names.append((name, entry.is_dir()))
    except (OSError, ValueError):
        return None
    if not names:
        return None
    name, is_folder = min(names)
    whole = f"{folder}{slash}{name}{'/' if is_folder else ''}"
    return whole if clean(whole) == whole and whole != text else None


def existing(text: str) -> Path | None:
    """The path a person typed, or dropped into the terminal (in quotes, as a file address); None when there is
    nothing."""
    given = text.strip()
    if len(given) > 2 and given[0] == given[-1] and given[0] in "'\"":
        given = given[1:-1]
    if given.startswith("file:///"):
        given = unquote(given.removeprefix("file://"))
    path = Path(os.path.expanduser(given)).absolute()
    try:
        return path if given and path.exists() else None
    except (OSError, ValueError):
        return None


class PathSuggester(Suggester):
    """Suggests what ``complete`` finds, read in a thread."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(complete, value)


class PathPrompt(ModalScreen["Path | None"]):
    """Dismisses with a path that exists, or with None on escape.

    Args:
        what: what the path is for, a word or two.
    """

    DEFAULT_CSS = """
    PathPrompt { align: center bottom; background: transparent; }
    PathPrompt > Vertical { height: auto; background: $background; padding: 0 1; border-top: solid $panel; }
    PathPrompt Horizontal { height: 1; }
    PathPrompt #path-what { width: auto; color: $accent; padding: 0 1 0 0; }
    PathPrompt Input, PathPrompt Input:focus { border: none; height: 1; padding: 0; background: $background; width: 1fr; }
    PathPrompt #path-note { color: $text-muted; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel", show=False),
        Binding("tab", "complete", "complete", show=False, priority=True),
    ]

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def compose(self) -> ComposeResult:
        with Vertical():
            with Horizontal():
                yield Static(Content(self._what), id="path-what")
                yield CleanInput(PREFILL, suggester=PathSuggester(), select_on_focus=False, id="path-input")
            yield Static("tab completes · enter reads it · esc leaves", id="path-note", markup=False)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if whole := _WHOLE_AFTER.match(event.value):
            event.input.value = event.value[whole.end() :]
            event.input.cursor_position = len(event.input.value)

    def action_complete(self) -> None:
        self.query_one(Input).action_cursor_right()

    @on(Input.Submitted)
    async def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        path = await asyncio.to_thread(existing, event.value)
        if path is None:
            note = self.query_one("#path-note", Static)
            note.update(
                Content(
                    f"There is no file or folder {clean(event.value) or 'without a name'}. Check the spelling."
                )
            )
            return
        self.dismiss(path)
