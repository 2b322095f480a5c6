"""Evidence: words that stand in a turn, and which line of a promoted text rests on which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tapedeck_tui.ask.ports import Turns
from tapedeck_tui.ask.sentences import content_words
from tapedeck_tui.errors import NotFound
from tapedeck_tui.model import Evidence, TurnView
from tapedeck_tui.text import fold

QUOTE_LENGTH = 300
"""Most characters of a quote."""
TRUSTED = frozenset({"typed", "assistant", "person", "parent-model"})
"""Authors a promoted line may rest on. What a tool printed may be quoted beside them, never alone."""
NEVER = frozenset({"machine", "program"})
"""Authors no promoted line rests on: instructions a harness puts in, summaries, other programs."""
_HOME = re.compile(r"(?:/home/|/Users/)[A-Za-z0-9_.-]+|/root(?=/)|[A-Za-z]:\\+Users\\+[A-Za-z0-9_.-]+")
_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|previous|prior|above|rules?|prompts?)\b"
    r"|\b(?:system prompt|you are now|you must now|new instructions?|as an ai|assistant:|<\s*/?\s*system)\b"
    r"|\b(?:remember|note) (?:that|this)\b.{0,60}\b(?:always|never|must)\b|\bcurl\b[^|\n]*\|\s*(?:ba|z)?sh\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A line of a promoted text and what it rests on.

    anchor  where it stands: "procedure[0]"
    line    the line without list marks
    status  "verified": words of the evidence stand in it; "supported": it shares its meaning; "written": the
            person wrote it
    """

    anchor: str
    line: str
    evidence: tuple[Evidence, ...]
    status: Literal["verified", "supported", "written"]


def words_of(turn: TurnView) -> str:
    """Everything a quote may be taken from: text, calls and results, not thinking."""
    return "\n\n".join(
        p.text for p in turn.parts if p.kind in ("text", "tool_call", "tool_result") and p.text
    )


def portable(text: str) -> str:
    """The text with home folders of any user and system as ``~``."""
    return _HOME.sub("~", text)


def is_portable(text: str) -> bool:
    return _HOME.search(text) is None


def instructs(text: str) -> bool:
    """Whether text that came from outside tries to give orders to a model."""
    return _INJECTION.search(text) is not None


def stands(quote: str, turn: TurnView) -> bool:
    """Whether the quote stands in the turn, white space and home folders aside."""
    wanted = fold(portable(quote))
    return bool(wanted) and wanted in fold(portable(words_of(turn)))


def make(turn: TurnView, quote: str) -> Evidence:
    """Evidence from a turn; the quote is shortened at a word when it is too long."""
    words = portable(quote).strip()
    if len(words) > QUOTE_LENGTH:
        words = words[:QUOTE_LENGTH].rsplit(None, 1)[0]
    return Evidence(turn.id, turn.session_id, turn.digest, words, turn.author, turn.at)


def unfounded(evidence: Iterable[Evidence], turns: Turns) -> list[str]:
    """What is wrong with evidence, in words: a turn that is gone or a quote that does not stand in it."""
    out: list[str] = []
    for item in evidence:
        try:
            turn = turns.turn(item.turn_id)
        except NotFound:
            out.append(f"The turn {item.turn_id} this rests on is not in the library any more.")
            continue
        if turn.digest != item.digest:
            out.append(f"The turn {item.turn_id} has changed since this was drafted.")
        elif not stands(item.quote, turn):
            out.append(f"These words do not stand in turn {item.turn_id}: “{item.quote[:80]}”")
    return out


def unique(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each turn and quote once, in order."""
    seen: dict[tuple[str, str], Evidence] = {}
    for item in evidence:
        seen.setdefault((item.turn_id, item.quote), item)
    return tuple(seen.values())


def in_order(evidence: Iterable[Evidence], turns: Iterable[TurnView]) -> tuple[Evidence, ...]:
    """Each turn and quote once, by session (as ``turns`` come) and position in it."""
    places: dict[str, tuple[int, int]] = {}
    sessions: dict[str, int] = {}
    for turn in turns:
        places.setdefault(turn.id, (sessions.setdefault(turn.session_id, len(sessions)), turn.position))
    last = (len(sessions), 0)
    return tuple(sorted(unique(evidence), key=lambda e: places.get(e.turn_id, last)))


def claims(lines: Sequence[tuple[str, str]], evidence: Sequence[Evidence]) -> list[Claim]:
    """Which evidence each line rests on.

    Args:
        lines: (anchor, line) pairs.
        evidence: everything the text rests on.
    """
    return [_claim(anchor, line, evidence) for anchor, line in lines]


def _claim(anchor: str, line: str, evidence: Sequence[Evidence]) -> Claim:
    plain = fold(portable(line)).casefold()
    meaning = set(content_words(line))
    exact: list[Evidence] = []
    near: list[tuple[float, Evidence]] = []
    for item in evidence:
        quote = fold(item.quote).casefold()
        if quote in plain or (len(meaning) >= 2 and plain.strip(" .") in quote):
            exact.append(item)
            continue
        shared = len(meaning & set(content_words(item.quote)))
        if shared >= 2:
            near.append((shared / len(meaning), item))
    if exact:
        return Claim(anchor, line, tuple(exact), "verified")
    near.sort(key=lambda pair: -pair[0])
    if near and near[0][0] >= 0.3:
        return Claim(anchor, line, tuple(item for score, item in near[:2] if score >= 0.3), "supported")
    return Claim(anchor, line, (), "written")
