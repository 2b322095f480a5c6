"""Drafting an observation, one dated sentence with evidence, without a model: in the words that were said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tapedeck_tui.ask.check import MARK
from tapedeck_tui.ask.ports import Turns
from tapedeck_tui.ask.sentences import sentences
from tapedeck_tui.errors import UsageError
from tapedeck_tui.model import Answer, Draft, Evidence, TurnView
from tapedeck_tui.promote import work
from tapedeck_tui.promote.evidence import NEVER, TRUSTED, instructs, make, portable, unique
from tapedeck_tui.text import one_line

LONGEST = 300
"""Characters of a drafted sentence."""
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("question", r"\?\s*$"),
        ("preference", r"\b(?:always|never|prefer|i (?:like|want|hate|don'?t (?:like|want))|from now on|please (?:don'?t|always))\b"),
        ("trial", r"\b(?:tried|attempted|did(?:n'?t| not) (?:work|help)|no luck|without success|gave up)\b"),
        ("fix", r"\b(?:fix(?:ed|es)?|solved|resolved|repaired|root cause|was caused by|came from|the (?:bug|cause|problem|culprit))\b"),
        ("decision", r"\b(?:decid\w+|decision|chose|choose|keep|kept|use|go with|went with|instead of|let'?s|moved?|switch(?:ed)?|drop(?:ped)?|do \d)\b"),
        ("warning", r"\b(?:careful|beware|watch out|warning|do not|don'?t|must not|gotcha|breaks?)\b"),
        ("milestone", r"\b(?:released?|shipped|published|deployed|finished|done|all tests pass|merged|v?\d+\.\d+ is out)\b"),
    )
)  # fmt: skip
SPEAKERS = frozenset({"typed", "person", "assistant", "parent-model"})
"""Who can decide, try, warn or ask; what others printed is a fact at most."""
_SHELL = re.compile(
    r"<<-?\s*['\"]?\w+|^\s*(?:[$#%] |!)|\b(?:cat|tee|echo|printf)\s+[^|\n]*>{1,2}", re.MULTILINE
)
"""The text of a shell command: what it writes into a file is nobody's word."""
_ENTITY = re.compile(
    r"`([^`\n]{2,60})`|\b([\w./-]+\.[a-z]{1,5})\b|\b([a-z]+_[a-z_0-9]+|[A-Z][a-z]+[A-Z]\w+)\b"
)


@dataclass(frozen=True, slots=True)
class About:
    """What kind of observation a sentence is (MEMORY B2: kind, priority, epistemic, entities)."""

    kind: str
    priority: str
    epistemic: str
    entities: tuple[str, ...]


def draft(turns: Sequence[TurnView], answer: Answer | None, context: Turns) -> Draft:
    """One sentence to be edited.

    Args:
        turns: the marked turns, or those an answer cites.
        answer: a kept answer to take the sentence from, or None.
        context: gives the turns around the marked ones.

    The sentence is the answer's first supported one, else the person's own words, else what the model says
    came out. A tool's output is only ever evidence beside it.

    Raises:
        UsageError: nothing was marked.
    """
    if not turns:
        raise UsageError(
            "An observation is made from turns.", "Mark the turns it is about, or start from an answer."
        )
    turns = [t for t in turns if t.author not in NEVER]
    if not turns:
        raise UsageError(
            "Nothing here was said by you or by a model.",
            "Mark a turn in which one of you says what came out.",
        )
    found = _from_answer(turns, answer) if answer is not None else None
    if found is None and answer is not None and answer.kind == "passages":
        found = _from_passages(turns, answer)
    text, evidence = found or _from_turns(turns, context)
    return Draft("observation", "", portable(text), "journal", unique(evidence))


def describe(draft: Draft) -> About:
    """Kind, weight and standing of an observation, from its words and from who said what it rests on."""
    text = draft.text.strip()
    typed = any(e.author in ("typed", "person") for e in draft.evidence)
    kind = next(
        (name for name, pattern in _KINDS if pattern.search(text) and _may_be(name, pattern, draft)), "fact"
    )
    priority = {"decision": "high", "preference": "high", "warning": "high", "question": "low"}.get(
        kind, "medium"
    )
    if priority == "high" and not typed:
        priority = "medium"
    epistemic = "asked" if kind == "question" else "asserted" if typed else "inferred"
    names = [next(g for g in m.groups() if g) for m in _ENTITY.finditer(text)]
    return About(kind, priority, epistemic, tuple(dict.fromkeys(names))[:8])


def _may_be(kind: str, pattern: re.Pattern[str], draft: Draft) -> bool:
    """Whether those who said it can have said such a thing: a preference is a person's own words, anything
    but a fact was said by a person or a model, in words and not in the text of a command."""
    said = [e for e in draft.evidence if not _SHELL.search(e.quote)]
    if kind == "preference":
        return any(e.author in ("typed", "person") and pattern.search(e.quote) for e in said)
    return any(e.author in SPEAKERS for e in said)


def _from_answer(turns: Sequence[TurnView], answer: Answer) -> tuple[str, list[Evidence]] | None:
    if answer.kind != "answer":
        return None
    by_id = {t.id: t for t in turns}
    by_number = {c.n: c for c in answer.citations}
    bare = {start for start, _ in answer.unsupported}
    for sentence in sentences(answer.text):
        words = answer.text[sentence.start : sentence.end]
        cited = [by_number[int(m[1])] for m in MARK.finditer(words) if int(m[1]) in by_number]
        proof = [make(by_id[c.turn_id], c.quote) for c in cited if c.turn_id in by_id and c.quote]
        if sentence.start not in bare and sentence.kind != "code" and any(e.author in TRUSTED for e in proof):
            return _tidy(MARK.sub("", words)), proof
    return None


def _from_passages(turns: Sequence[TurnView], answer: Answer) -> tuple[str, list[Evidence]] | None:
    """The first of the best session's passages in which a model says what came out, by its quote."""
    by_id = {t.id: t for t in turns}
    best = answer.citations[0].session_id
    for citation in answer.citations:
        if citation.session_id == best and citation.author == "assistant" and citation.turn_id in by_id:
            told = work.telling(citation.quote)
            if told:
                return _tidy(told), [make(by_id[citation.turn_id], told)]
    return None


def _from_turns(turns: Sequence[TurnView], context: Turns) -> tuple[str, list[Evidence]]:
    ordered = sorted(turns, key=lambda t: (t.session_id, t.position))
    said = [t for t in ordered if t.author in ("typed", "person") and t.text.strip()]
    told = [t for t in ordered if t.author in ("assistant", "parent-model") and t.text.strip()]
    if not said and not told:
        told = _speakers_around(ordered, context)
    main = said[-1] if said else told[-1] if told else ordered[0]
    if main.author == "assistant" and not work.outcomes(main):  # it only says what it is about to do
        beat = work.beats_of([main], context)
        end = work.closing(beat[0]) if beat else None
        main = end if end is not None and work.outcomes(end) else main
    words = _best(main)
    evidence = [make(main, words)] if words else []
    for turn in ordered:
        if turn.id != main.id and (other := _quote(turn)):
            evidence.append(make(turn, other))
    return _tidy(words), evidence


def _speakers_around(ordered: Sequence[TurnView], context: Turns) -> list[TurnView]:
    """The model's turn nearest after (else before) the marked tool turns."""
    last = ordered[-1]
    start = max(0, last.position - 10)
    around = [
        t for t in context.turns(last.session_id, start, 20) if t.author == "assistant" and t.text.strip()
    ]
    after = [t for t in around if t.position > last.position][:1]
    return after or around[-1:]


def _best(turn: TurnView) -> str:
    """The sentence of a turn worth remembering, word for word."""
    found = work.outcomes(turn, 1, LONGEST)
    return found[0] if found else work.first_sentence(turn.text) or turn.text.strip()[:LONGEST]


def _quote(turn: TurnView) -> str:
    """What another marked turn adds: a result line, or its best sentence."""
    if turn.author != "tool":
        return _best(turn) if turn.text.strip() else ""
    output = "\n".join(p.text for p in turn.parts if p.kind == "tool_result").strip()
    line = work.error_line(output) or (output.rsplit("\n", 1)[-1].strip() if output else "")
    return "" if instructs(line) else line[:200]


def _tidy(words: str) -> str:
    """One clean line that begins with a capital and ends with a mark."""
    line = (
        re.sub(r"<!--|-->|\*\*", "", one_line(words, LONGEST))
        .replace(" .", ".")
        .strip()
        .lstrip("-*• ")
        .rstrip(" :")
    )
    line = line[:1].upper() + line[1:]
    return line if not line or line[-1] in ".!?…" else line + "."
