"""How times, sizes and sessions are written for people."""

from __future__ import annotations

import re
from datetime import datetime

from tapedeck_tui import model
from tapedeck_tui.cli.output import Dim, Strong
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import count, one_line

PROJECT_WIDTH = 48
"""Characters of a project's path."""
_BOLD = re.compile(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~&])")


def when(at: float | None) -> str:
    """Date and minute in local time; empty when unknown."""
    if at is None:
        return ""
    try:
        return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return ""


def size(count: int) -> str:
    """Bytes for people: 999 B, 1.5 KB, 20 MB."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def facts(*parts: str) -> str:
    """The parts that are not empty, as one line."""
    return " · ".join(p for p in parts if p)


def session_lines(row: model.SessionRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two lines that stand for a session: what it is called, and what it is."""
    marks = [word for word, is_so in (("starred", row.starred), ("gone from its source", row.gone)) if is_so]
    title = one_line(row.title) or "(no title)"
    about = facts(
        row.id,
        row.harness,
        shorten(one_line(row.project), PROJECT_WIDTH),
        when(row.started_at),
        count(row.turns, "turn"),
        *marks,
        *row.labels,
    )
    return (Strong(title),), (Dim(about),)


def marked(snippet: str, marks: tuple[tuple[int, int], ...]) -> list[str]:
    """The snippet with its marks in «»; bold where colour is allowed."""
    out: list[str] = []
    at = 0
    for start, length in sorted(marks):
        if start < at or length <= 0:
            continue
        out += [snippet[at:start], "«", Strong(snippet[start : start + length]), "»"]
        at = start + length
    return [*out, snippet[at:]]


def plain(line: str) -> list[str]:
    """A line of Markdown as it reads: emphasis as such, escaped signs as themselves."""
    pieces = _BOLD.split(line)
    texts = [_ESCAPED.sub(r"\1", piece) for piece in pieces]
    return [Strong(text) if n % 2 else text for n, text in enumerate(texts)]
