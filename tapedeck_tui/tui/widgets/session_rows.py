"""A session, and a hit in it, as one line of a list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from rich.text import Text

from tapedeck_tui.model import Hit, SessionRow
from tapedeck_tui.tui.widgets.cells import fit, plain
from tapedeck_tui.tui.widgets.inks import Inks
from tapedeck_tui.tui.widgets.when import ago

SHORT_SOURCES = {"claude-code": "cl", "codex": "cx", "chatgpt": "gp", "claude-chat": "ca", "gemini-cli": "gm"}
LONG_SOURCES = {"claude-code": "claude", "claude-chat": "claude.ai", "gemini-cli": "gemini"}
ROOMY = 84
"""Cells of a row from which the source is written out and the project gets its full column."""
SIMILAR = "similar:"
"""Stands before a hit in which none of the words stands."""
AUTHOR_WORDS = {
    "typed": "you", "assistant": "agent", "tool": "tool", "program": "prog", "parent-model": "parent",
    "machine": "auto", "person": "person",
}  # fmt: skip


def source_word(harness: str, long: bool) -> str:
    """The source in a word, or in two letters."""
    return LONG_SOURCES.get(harness, harness) if long else SHORT_SOURCES.get(harness, harness[:2])


def project_word(project: str) -> str:
    """The last folder of a project's path."""
    return PurePath(project).name or project


def draw_session(row: SessionRow, width: int, inks: Inks, now: float) -> Text:
    """``3d claude  Fix flaky upload retries    api    42 ★`` in exactly ``width`` cells."""
    roomy = width >= ROOMY
    source, project = 8 if roomy else 2, max(10, min(16, width // 6))
    title = width - 4 - 2 - source - 1 - 2 - project - 1 - 5 - 2
    text = Text()
    text.append(fit(ago(row.ended_at or row.started_at, now), 4, "right"), inks.muted)
    text.append("  ")
    text.append(fit(source_word(row.harness, roomy), source), inks.muted)
    text.append(" ")
    name = row.title or "untitled"
    if row.labels:
        tags = " ".join(f"#{plain(label, 20)}" for label in row.labels)
        room = max(10, title - len(tags) - 1)
        name_text = Text(fit(name, room).rstrip(), inks.text if row.title else inks.muted)
        name_text.append(f" {tags}", inks.muted)
        name_text.truncate(title, overflow="ellipsis", pad=True)
        text.append_text(name_text)
    else:
        text.append(fit(name, title), inks.text if row.title else inks.muted)
    text.append("  ")
    text.append(fit(project_word(row.project), project), inks.muted)
    text.append(" ")
    text.append(fit(f"{row.turns:,}", 5, "right"), inks.muted)
    text.append(" ★" if row.starred else "  ", inks.accent)
    return text


def mark_snippet(snippet: str, marks: tuple[tuple[int, int], ...], inks: Inks) -> Text:
    """The snippet with every match bold and in «», so that it is seen without colour."""
    text = Text()
    at = 0
    for start, length in sorted(marks):
        if start < at or length <= 0 or start >= len(snippet):
            continue
        text.append(plain_run(snippet[at:start]), inks.muted)
        text.append(f"«{plain_run(snippet[start : start + length])}»", inks.match)
        at = start + length
    text.append(plain_run(snippet[at:]), inks.muted)
    return text


def plain_run(text: str) -> str:
    """Clean text on one line, keeping the spaces at its ends."""
    inner = plain(text, 2000)
    left = " " if text[:1].isspace() else ""
    right = " " if text[-1:].isspace() and inner else ""
    return left + inner + right


def draw_hit(hit: Hit, width: int, inks: Inks, now: float) -> Text:
    """A found turn below its session: who wrote it, and the words found."""
    indent = 16 if width >= ROOMY else 9
    who = fit(AUTHOR_WORDS.get(hit.author, hit.author), 6)
    text = Text(" " * (indent - 7 if indent > 7 else 0))
    text.append(who, inks.faint)
    text.append(" ")
    if not hit.matched:
        text.append(f"{SIMILAR} ", inks.faint)
    snippet = mark_snippet(hit.snippet, hit.marks, inks)
    room = width - text.cell_len
    first = min((start for start, _ in hit.marks), default=0)
    if first > room // 2:
        cut = max(0, first - room // 3)
        shifted = tuple((start - cut, length) for start, length in hit.marks if start >= cut)
        snippet = Text("…", inks.muted).append_text(mark_snippet(hit.snippet[cut:], shifted, inks))
    snippet.truncate(max(0, room), overflow="ellipsis")
    return text.append_text(snippet)


def drawer(now: Callable[[], float]) -> Callable[[SessionRow | Hit, int, Inks], Text]:
    """What a RowList of sessions and hits draws with."""

    def draw(item: SessionRow | Hit, width: int, inks: Inks) -> Text:
        if isinstance(item, Hit):
            return draw_hit(item, width, inks, now())
        return draw_session(item, width, inks, now())

    return draw
