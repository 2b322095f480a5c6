"""What ``y`` copies: Markdown that says where it came from."""

from __future__ import annotations

from collections.abc import Sequence

from tapedeck_tui.model import Hit, SessionRow, TurnView
from tapedeck_tui.text import clean, one_line
from tapedeck_tui.tui.widgets.session_rows import project_word, source_word
from tapedeck_tui.tui.widgets.when import exact

AUTHOR_NAMES = {"typed": "You", "assistant": "Agent", "tool": "Tool", "program": "Program",
                "parent-model": "Parent agent", "machine": "Machine", "person": "Person"}  # fmt: skip


def source_line(session: SessionRow, at: float | None = None, turn_id: str = "") -> str:
    """``— Fix flaky retries (claude, api, Sat 14 Mar 2026 09:12) t_…``"""
    facts = [
        source_word(session.harness, True),
        project_word(session.project),
        exact(at or session.started_at),
    ]
    return f"— {one_line(session.title) or 'untitled'} ({', '.join(f for f in facts if f)}) {turn_id or session.id}"


def quoted(text: str) -> str:
    """The text as a Markdown quotation."""
    return "\n".join(f"> {line}".rstrip() for line in clean(text).strip().splitlines())


def session_markdown(session: SessionRow) -> str:
    return f"**{one_line(session.title) or 'untitled'}**\n{source_line(session)}\n"


def hit_markdown(hit: Hit, session: SessionRow) -> str:
    return f"{quoted(hit.snippet)}\n\n{source_line(session, hit.at, hit.turn_id)}\n"


def turns_markdown(turns: Sequence[TurnView], session: SessionRow) -> str:
    """Turns with their authors; one turn has its source below, several share one."""
    blocks = []
    for turn in turns:
        said = turn.text or "\n".join(part.text for part in turn.parts if part.text)
        blocks.append(f"**{AUTHOR_NAMES.get(turn.author, turn.author)}**\n\n{quoted(said)}")
    ids = " ".join(turn.id for turn in turns)
    at = turns[0].at if turns else None
    return "\n\n".join(blocks) + f"\n\n{source_line(session, at, ids)}\n"
