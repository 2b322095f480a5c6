"""The line under every answer that says what was searched."""

from __future__ import annotations

from datetime import datetime

from tapedeck_tui.ask.ports import Finder


def coverage_line(finder: Finder, now: float, session_id: str = "") -> str:
    """What was searched: "searched 1,204 sessions in 5 sources, Jan 2023 – today; 14 not yet indexed"."""
    if session_id:
        row = finder.session(session_id).row
        return f"searched one session, {row.turns:,} turn{'' if row.turns == 1 else 's'}"
    status = finder.status()
    sources = sum(1 for source in finder.sources() if source.sessions)
    words = f"searched {_count(status.sessions, 'session')} in {_count(sources, 'source')}"
    if status.first_at is not None:
        last = status.last_at if status.last_at is not None else now
        first_word, last_word = f"{datetime.fromtimestamp(status.first_at):%b %Y}", _until(last, now)
        words += f", {first_word}" + (f" – {last_word}" if last_word != first_word else "")
    waiting = []
    if status.lexical_behind:
        waiting.append(f"{_count(status.lexical_behind, 'turn')} not yet indexed")
    if status.pending:
        waiting.append(f"{_count(status.pending, 'file')} not yet read")
    return "; ".join([words, *waiting])


def _until(last: float, now: float) -> str:
    day, today = datetime.fromtimestamp(last).date(), datetime.fromtimestamp(now).date()
    return "today" if day >= today else f"{day:%b %Y}"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
