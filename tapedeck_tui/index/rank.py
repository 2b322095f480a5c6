"""Scoring: lexical and vector signals fused (RETRIEVAL section 5, K2). Pure functions on plain data.

A weighted sum of normalised scores, not RRF: RRF of raw signals was worse on all three benchmark sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log1p

W_LEXICAL = 0.3
"""Weight of BM25 / best BM25 of the query."""
W_VECTOR = 0.7
"""Weight of the cosine of the best chunk."""
ASSISTANT = 0.05
"""Bonus of an assistant turn: questions are about what was found out, and that stands in answers."""
SHORT = -0.06
"""Penalty of a turn shorter than SHORT_CHARS: acknowledgements look like anything."""
SHORT_CHARS = 160
QUESTION = -0.1
"""Penalty of a person's turn that ends in a question mark: the turn that asks looks like the question, and is
not its answer (RETRIEVAL section 3.3). Not for assistants: their answers often end in an offer."""
LENGTH = 0.01
"""Bonus per natural logarithm of the words of a turn: an answer has something to say (RETRIEVAL section 5, U4)."""
W_SESSION = 0.2
"""Share of the session's best score every turn of it gets."""

ALONE_ASSISTANT, ALONE_SHORT, ALONE_SESSION = 0.1, -0.15, 0.4
"""The same terms when there are no vectors (RETRIEVAL section 5, "No model installed")."""
CHARS_PER_WORD = 6
TOOL = 0.6
"""Factor of tool calls and results: they are found, but do not drown what people said."""


@dataclass(slots=True)
class Candidate:
    """A turn in the running. ``lexical`` is BM25 (0: no word matched), ``vector`` a cosine or None."""

    row: int
    session_row: int
    author: str
    chars: int
    is_tool: bool = False
    asks: bool = False
    lexical: float = 0.0
    vector: float | None = None
    score: float = 0.0
    why: list[tuple[str, float]] = field(default_factory=list)


def fuse(candidates: Iterable[Candidate], semantic: bool) -> list[Candidate]:
    """Score every candidate (in place) and give them best first. The order of the input does not matter."""
    found = list(candidates)
    top = max((c.lexical for c in found), default=0.0) or 1.0
    for one in found:
        one.why = list(_terms(one, top, semantic))
        one.score = sum(value for _, value in one.why) * (TOOL if one.is_tool else 1.0)
    share = W_SESSION if semantic else ALONE_SESSION
    best: dict[int, float] = {}
    for one in found:
        best[one.session_row] = max(best.get(one.session_row, 0.0), one.score)
    for one in found:
        bonus = share * best[one.session_row]
        one.why.append(("session", bonus))
        one.score += bonus
    return sorted(found, key=lambda c: (-c.score, c.row))


def _terms(one: Candidate, top: float, semantic: bool) -> Iterable[tuple[str, float]]:
    weight = W_LEXICAL if semantic else 1.0
    yield "words", weight * one.lexical / top
    if semantic and one.vector is not None:
        yield "meaning", W_VECTOR * max(0.0, one.vector)
    if one.author == "assistant" and not one.is_tool:
        yield "assistant", ASSISTANT if semantic else ALONE_ASSISTANT
    if one.chars < SHORT_CHARS and not one.is_tool:
        yield "short", SHORT if semantic else ALONE_SHORT
    if not one.is_tool:
        yield "length", LENGTH * log1p(one.chars / CHARS_PER_WORD)
    if one.asks:
        yield "question", QUESTION


def by_session(ranked: Iterable[Candidate]) -> Mapping[int, list[Candidate]]:
    """Sessions in the order of their best turn, each with its turns best first."""
    out: dict[int, list[Candidate]] = {}
    for one in ranked:
        out.setdefault(one.session_row, []).append(one)
    return out
