"""What a session is: title, where it comes from, how much it holds, and what it is linked to."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from tapedeck_tui.model import LinkView, SessionView
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import count
from tapedeck_tui.tui.widgets.cells import column, plain
from tapedeck_tui.tui.widgets.inks import Inked, Inks, ink_css
from tapedeck_tui.tui.widgets.session_rows import source_word
from tapedeck_tui.tui.widgets.when import exact


class SessionHeader(Widget, Inked):
    """Two lines, and a third when the session is linked to others."""

    COMPONENT_CLASSES: ClassVar[set[str]] = Inked.INK_CLASSES
    DEFAULT_CSS = "SessionHeader { height: auto; background: $background; }" + ink_css("SessionHeader")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: SessionView | None = None

    def show(self, view: SessionView) -> None:
        self._view = view
        self.refresh(layout=True)

    def render(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis", end="")
        view = self._view
        if view is None:
            return text.append(" ")
        inks, row = Inks.of(self), view.row
        text.append(plain(row.title) or "untitled", inks.strong)
        if row.starred:
            text.append("  ★", inks.accent)
        for label in row.labels:
            text.append(f"  #{plain(label, 40)}", inks.muted)
        text.append("\n")
        left, width = column(self.size.width)
        text.append("  ".join(facts(view, width)), inks.muted)
        links = link_words(view)
        if links:
            text.append("\n")
            text.append("  ".join(links), inks.faint)
        lines = text.split("\n")
        for line in lines:
            line.truncate(width, overflow="ellipsis")
            line.pad_left(left)
        return Text("\n", end="").join(lines)


def facts(view: SessionView, width: int) -> list[str]:
    """Short facts about a session; where there is no room, the least telling are left out."""
    row = view.row
    tokens = view.tokens_in + view.tokens_out
    words = {
        "source": source_word(row.harness, True),
        "project": shorten(plain(row.project), 40) if row.project else "",
        "branch": f"on {plain(view.branch, 30)}" if view.branch else "",
        "model": plain(view.model, 30),
        "when": exact(row.started_at),
        "turns": count(row.turns, "turn"),
        "tokens": f"{thousands(tokens)} tokens" if tokens else "",
        "gone": "source gone, kept here" if row.gone else "",
        "problems": count(view.problems, "problem") if view.problems else "",
    }
    for name in ("", "branch", "tokens", "model", "project", "turns"):
        words.pop(name, None)
        shown = [word for word in words.values() if word]
        if sum(cell_len(word) + 2 for word in shown) - 2 <= width:
            break
    return shown


def thousands(number: int) -> str:
    """``8,210`` up to ten thousand, then ``128k``, ``1.2M``."""
    if number < 10_000:
        return f"{number:,}"
    return f"{number / 1000:.0f}k" if number < 1_000_000 else f"{number / 1_000_000:.1f}M"


def link_words(view: SessionView) -> list[str]:
    """The links in words: parent, sub-agents, pull requests."""
    words = []
    if view.parent is not None:
        words.append(f"part of “{plain(view.parent.title or view.parent.target, 40)}”")
    if view.children:
        words.append(count(len(view.children), "sub-agent"))
    others = [link for link in view.links if link.kind != "file"]
    words += [f"{plain(link.kind, 20)} {plain(link.title or link.target, 60)}" for link in others[:2]]
    if len(others) > 2:
        words.append(f"{len(others) - 2} more links")
    files = len(view.links) - len(others)
    if files:
        words.append(count(files, "file") + " changed")
    if words:
        words.append("L goes there")
    return words


def all_links(view: SessionView) -> list[LinkView]:
    """Parent, children, other links, in this order."""
    return [*([view.parent] if view.parent is not None else []), *view.children, *view.links]
