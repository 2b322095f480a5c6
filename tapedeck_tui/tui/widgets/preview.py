"""What the session under the bar is about: facts, then the found words or the last asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tapedeck_tui.model import Hit, SessionRow, TurnView
from tapedeck_tui.text import clean, middle_clip
from tapedeck_tui.tui.widgets.cells import JOINERS, plain
from tapedeck_tui.tui.widgets.inks import Inked, Inks, ink_css
from tapedeck_tui.tui.widgets.session_rows import mark_snippet, source_word
from tapedeck_tui.tui.widgets.when import count, exact

SHOWN = 1200
"""Characters of a turn a preview shows."""


def asks_of(turns: Sequence[TurnView], most: int = 3) -> list[tuple[TurnView, TurnView | None]]:
    """The last asks among these turns, newest first, each with the first answer given to it."""
    asks: list[tuple[TurnView, TurnView | None]] = []
    answer: TurnView | None = None
    for turn in reversed(turns):
        if turn.author == "assistant" and turn.text:
            answer = turn
        elif turn.author in ("typed", "person") and turn.text:
            asks.append((turn, answer))
            answer = None
            if len(asks) == most:
                break
    return asks


@dataclass(frozen=True, slots=True)
class PreviewOf:
    """What a preview needs, read in a thread.

    row    the session
    asks   its last typed turns, newest first, each with the answer to it (None: there is none)
    hits   what was found in it, the one under the bar first
    """

    row: SessionRow
    asks: Sequence[tuple[TurnView, TurnView | None]] = ()
    hits: Sequence[Hit] = ()


class Preview(VerticalScroll, Inked):
    """Shows a ``PreviewOf``; tab goes here to scroll."""

    COMPONENT_CLASSES: ClassVar[set[str]] = Inked.INK_CLASSES
    DEFAULT_CSS = "Preview { scrollbar-size-vertical: 1; }" + ink_css("Preview")
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: PreviewOf | None = None

    def compose(self) -> ComposeResult:
        yield Static(Text(), id="preview-text", markup=False)

    def show(self, what: PreviewOf | None) -> None:
        """Show this, from its top."""
        same = what is not None and self._shown is not None and what.row.id == self._shown.row.id
        self._shown = what
        self._write()
        if not same:
            self.scroll_home(animate=False)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted:
            self._write()

    def _write(self) -> None:
        text = Text() if self._shown is None else describe(self._shown, Inks.of(self))
        self.query_one("#preview-text", Static).update(text)


def describe(what: PreviewOf, inks: Inks) -> Text:
    """The preview as text: title, facts, then hits or asks."""
    row = what.row
    text = Text()
    text.append(plain(row.title, 120) or "untitled", inks.strong)
    text.append("\n")
    facts = [source_word(row.harness, True), row.project, count(row.turns, "turn")]
    text.append("  ".join(plain(fact) for fact in facts if fact), inks.muted)
    text.append("\n")
    text.append(exact(row.ended_at or row.started_at), inks.muted)
    said = "\n"
    for on, words in ((row.starred, "★ starred"), (row.gone, "source gone, kept here"),
                      (row.failed > 0, count(row.failed, "failed tool call"))):  # fmt: skip
        if on:
            text.append(f"{said}{words}", inks.muted)
            said = "  "
    if row.labels:
        text.append("\n" + " ".join(f"#{plain(label)}" for label in row.labels), inks.muted)
    text.append("\n")
    if what.hits:
        for hit in what.hits:
            text.append("\n")
            text.append_text(mark_snippet(hit.snippet, hit.marks, inks))
            text.append("\n")
        return text
    answered = False
    for number, (turn, answer) in enumerate(what.asks):
        text.append("\n")
        text.append("you  ", inks.accent)
        text.append(_body(turn, 400 if number else SHOWN), inks.text)
        text.append("\n")
        if answer is not None and not answered:
            answered = True
            text.append("\n")
            text.append("agent  ", inks.faint)
            text.append(_body(answer, SHOWN), inks.muted)
            text.append("\n")
    return text


def _body(turn: TurnView, most: int) -> str:
    return (
        middle_clip(clean(turn.text[: most * 4]).translate(JOINERS), most, 0).strip()
        if turn.text
        else "(no text)"
    )
