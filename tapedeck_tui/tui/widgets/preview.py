"""What the session under the bar is about: facts, then the found words, or how it began and ended."""

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
from tapedeck_tui.text import clean, count, middle_clip
from tapedeck_tui.tui.widgets.cells import JOINERS, plain
from tapedeck_tui.tui.widgets.inks import Inked, Inks, ink_css
from tapedeck_tui.tui.widgets.session_rows import AUTHOR_WORDS, mark_snippet, source_word
from tapedeck_tui.tui.widgets.when import exact

SHOWN = 1200
"""Characters of a turn a preview shows."""


def ends_of(turns: Sequence[TurnView]) -> list[TurnView]:
    """The first typed turn among these, the last one, and the last answer to it, in the order they were said."""
    said = [turn for turn in turns if turn.text and "abandoned" not in turn.flags]
    typed = [turn for turn in said if turn.author in ("typed", "person")]
    ends = [*typed[:1], *typed[1:][-1:]]
    after = typed[-1].position if typed else -1
    return [*ends, *[turn for turn in said if turn.author == "assistant" and turn.position > after][-1:]]


@dataclass(frozen=True, slots=True)
class PreviewOf:
    """What a preview needs, read in a thread.

    row    the session
    ends   its first typed turn, its last one and the last answer, as ``ends_of`` gives them
    hits   what was found in it, in the order it was said
    here   the hit under the bar
    """

    row: SessionRow
    ends: Sequence[TurnView] = ()
    hits: Sequence[Hit] = ()
    here: Hit | None = None


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
    """The preview as text: title, facts, then hits, or the first and the last that was said."""
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
    for hit in what.hits:
        text.append("\n")
        mark = ("▌ ", inks.accent) if hit is what.here else ("", inks.faint)
        text.append(*mark)
        who = AUTHOR_WORDS.get(hit.author, hit.author)
        similar = "" if hit.matched else "  similar in meaning"
        text.append(f"{who}, turn {hit.position + 1:,}{similar}\n", inks.faint)
        text.append_text(mark_snippet(hit.snippet, hit.marks, inks))
        text.append("\n")
    if what.hits:
        return text
    before = -1
    for number, turn in enumerate(what.ends):
        between = turn.position - before - 1 if number else 0
        text.append(f"\n… {count(between, 'turn')} between\n\n" if between else "\n", inks.faint)
        before = turn.position
        typed = turn.author in ("typed", "person")
        text.append("you  " if typed else "agent  ", inks.accent if typed else inks.faint)
        text.append(_body(turn, SHOWN), inks.text if typed else inks.muted)
        text.append("\n")
    return text


def _body(turn: TurnView, most: int) -> str:
    return (
        middle_clip(clean(turn.text[: most * 4]).translate(JOINERS), most, 0).strip()
        if turn.text
        else "(no text)"
    )
