"""How citations, evidence, answers, promoted things, sources and problems are drawn as cards.

Plain functions from model data to lines, so that they can be tested without a screen. Everything given
here is cleaned once more: a card is the last place before the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapedeck_tui.paths import shorten
from tapedeck_tui.text import clean, count
from tapedeck_tui.tui.widgets.card_list import Line, Role, spread, wrap
from tapedeck_tui.tui.widgets.cells import plain
from tapedeck_tui.tui.widgets.session_rows import project_word, source_word
from tapedeck_tui.tui.widgets.when import ago, exact, size

if TYPE_CHECKING:
    from tapedeck_tui.model import Answer, Citation, Evidence, ProblemRow, Promoted, SourceRow

AUTHORS = {
    "typed": "you",
    "assistant": "agent",
    "tool": "tool",
    "program": "program",
    "parent-model": "parent agent",
    "machine": "machine",
    "person": "person",
}
"""What the author of a turn is called on the screen."""


def dotted(*words: str) -> str:
    """The words that are not empty, with a dot between."""
    return " · ".join(word for word in words if word)


def _quote(text: str, width: int, most: int, role: Role = "muted") -> list[Line]:
    words = plain(text, 400)
    return [((line, role),) for line in wrap(f"“{words}”", width, most)] if words else []


def citation_lines(citation: Citation, width: int, now: float) -> list[Line]:
    """A numbered source of an answer: title and time, who and where, the words."""
    title = plain(citation.session_title) or "untitled session"
    return [
        spread(
            ((f"[{citation.n}] ", "accent"), (title, "strong")), ((ago(citation.at, now), "muted"),), width
        ),
        (
            (
                dotted(
                    AUTHORS[citation.author],
                    plain(project_word(citation.project), 40),
                    source_word(plain(citation.harness, 30), True),
                ),
                "faint",
            ),
        ),
        *_quote(citation.quote, width, 3),
    ]


def evidence_lines(evidence: Evidence, width: int, now: float) -> list[Line]:
    """Why a promoted line may be believed: who and when, the words."""
    who = AUTHORS.get(evidence.author, plain(evidence.author, 40)) or "turn"
    return [
        spread(
            ((who, "text"), (f"  {exact(evidence.at)}", "faint")), ((ago(evidence.at, now), "muted"),), width
        ),
        *_quote(evidence.quote, width, 3),
    ]


def answer_lines(answer: Answer, width: int, now: float) -> list[Line]:
    """A kept answer in the list of earlier ones: the question, when, what came of it."""
    kind = {"answer": answer.model, "passages": "passages", "nothing": "not in your tapes"}[answer.kind]
    return [
        spread(((plain(answer.question), "strong"),), ((ago(answer.at, now), "muted"),), width),
        (
            (
                dotted(
                    plain(kind, 40),
                    count(len(answer.citations), "citation") if answer.citations else "",
                    "stopped" if answer.stopped else "",
                ),
                "faint",
            ),
        ),
    ]


def promoted_lines(item: Promoted, width: int, now: float) -> list[Line]:
    """A promoted thing in the list: title and time, kind, project, state when it is not live."""
    state: tuple[tuple[str, Role], ...] = (
        () if item.state == "live" else ((f"  {plain(item.state, 30)}", "warn"),)
    )
    return [
        spread(((plain(item.title) or "untitled", "strong"),), ((ago(item.at, now), "muted"),), width),
        ((dotted(item.kind, plain(project_word(item.project), 40)), "faint"), *state),
    ]


def source_lines(source: SourceRow, width: int, now: float) -> list[Line]:
    """An importer on this machine: whether anything was found, numbers, the places it looks in, what is wrong."""
    found = any(place.exists for place in source.places) or source.sessions > 0
    when = ago(source.last_read, now)
    read = "" if source.last_read is None else "read just now" if when == "now" else f"read {when} ago"
    right: Line = (
        ((read or "not read yet", "muted"),) if found else (("not found" if source.places else "", "muted"),)
    )
    lines: list[Line] = [spread(((plain(source.title), "strong" if found else "muted"),), right, width)]
    if source.sessions or source.files:
        numbers = (
            count(source.sessions, "session"),
            count(source.turns, "turn"),
            count(source.files, "file"),
            size(source.bytes),
        )
        lines.append(((dotted(*numbers), "text"),))
    if not source.places:
        lines.append((("an export you have: i reads it", "muted"),))
    for place in source.places:
        files = count(place.files, "file") if place.exists else "not there"
        path = shorten(plain(place.path), max(16, width - len(files) - 3))
        lines.append(((path, "muted" if place.exists else "faint"), (f"  {files}", "faint")))
    notes: list[tuple[str, Role]] = []
    if source.problems:
        notes.append((count(source.problems, "problem"), "warn"))
    if source.pending:
        notes.append((f"{count(source.pending, 'file')} being written", "muted"))
    if source.gone:
        notes.append((f"{count(source.gone, 'file')} gone from the source, kept here", "muted"))
    if notes:
        joined: list[tuple[str, Role]] = []
        for note in notes:
            joined += [(" · ", "faint"), note] if joined else [note]
        lines.append(tuple(joined))
    return lines


def problem_lines(problem: ProblemRow, width: int, whole: bool = False) -> list[Line]:
    """Something that could not be read: what, where, what to do; ``whole`` cuts nothing."""
    where = shorten(clean(problem.path).replace("\n", " "), 0 if whole else max(20, width - 12))
    line = f":{problem.line}" if problem.line else ""
    most = 0 if whole else 2
    out: list[Line] = [((text, "text"),) for text in wrap(plain(problem.what, 4000), width, most)]
    place = f"{where}{line}"
    out += [((text, "muted"),) for text in (wrap(place, width) if whole else [place])]
    if whole:
        out += [((text, "faint"),) for text in wrap(dotted(problem.source, problem.kind), width)]
        if problem.length:
            out.append(((f"bytes {problem.offset:,} to {problem.offset + problem.length:,}", "faint"),))
    if problem.hint:
        out += [((text, "accent"),) for text in wrap(plain(problem.hint, 4000), width, most)]
    return out
