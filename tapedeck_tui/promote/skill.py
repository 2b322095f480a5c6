"""Drafting a skill from turns or an answer, without a model: every line is taken from a turn and points to it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tapedeck_tui.ask.check import MARK
from tapedeck_tui.ask.ports import Turns
from tapedeck_tui.ask.sentences import STOP_WORDS, content_words, sentences, stem
from tapedeck_tui.errors import NotFound, UsageError
from tapedeck_tui.model import Answer, Draft, Evidence, TurnView
from tapedeck_tui.promote import skillfile, work
from tapedeck_tui.promote.evidence import NEVER, in_order, instructs, make, portable, words_of
from tapedeck_tui.text import clean, one_line

MAX_TITLE = 72
MAX_STEPS = 12
MAX_GOTCHAS = 8
MAX_ASKS = 5
MAX_NOTES = 5
NO_STEPS = "No command that succeeded and no list of steps was found in these turns: write the procedure."


@dataclass(slots=True)
class _Sections:
    """Lines by section, and what they rest on."""

    asks: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gotchas: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)

    def add(self, to: list[str], line: str, *evidence: Evidence) -> None:
        """A line once, as one clean line; its evidence with it."""
        tidy = _line(line)
        known = {_core(one) for one in to}
        if tidy and _core(tidy) not in known:
            to.append(tidy)
            self.evidence.extend(evidence)


def draft(turns: Sequence[TurnView], answer: Answer | None, context: Turns) -> Draft:
    """A SKILL.md to be edited.

    Args:
        turns: the marked turns, or those an answer cites.
        answer: a kept answer to start from, or None.
        context: gives the turns around the marked ones.

    "When to use" comes from the typed prompts' own words, the procedure from the answer's or the model's
    steps and from the commands that succeeded, gotchas from errors that were overcome and from
    corrections, "done when" from the commands that verified. Nothing a tool printed becomes a step.

    Raises:
        UsageError: nothing was marked.
    """
    if not turns:
        raise UsageError(
            "A skill is made from turns.", "Mark the turns that worked, or start from an answer."
        )
    turns = [t for t in of_answer(turns, answer) if t.author not in NEVER]
    if not turns:
        raise UsageError(
            "Nothing here was said by you or by a model.", "Mark a turn in which one of you says what worked."
        )
    beats = work.beats_of(turns, context)
    opening: list[TurnView] = []
    marked = {t.id for t in turns}
    found = _Sections()
    titles = _titles(turns, context)
    if answer is not None:
        found.add(found.asks, f"“{_unquoted(answer.question)}”")
        _from_answer(found, answer, turns)
    answered = len(found.steps)
    topic = Topic.of(answer, turns, titles)
    for beat in beats:
        _from_beat(found, beat, marked, topic, from_answer=bool(answered))
    if not any(len(set(content_words(a))) >= 3 for a in found.asks):
        opening = _from_opening(found, turns, topic, context)
    _what_worked(found, turns, answer, beats)
    title = _title(answer, beats, titles)
    name = skillfile.name_of([title, *titles, *found.asks, *found.notes, *found.steps])
    proof = [*_cited(turns, answer), *found.evidence] or [
        make(t, work.first_sentence(t.text) or t.text[:200]) for t in turns[:1]
    ]
    evidence = in_order(proof, [*turns, *(t for beat in beats for t in beat), *opening])
    front = {
        "name": name,
        "description": _description(title, found),
        "metadata": {"tapedeck-id": skill_id(evidence), "tapedeck-evidence": _evidence_words(evidence)},
    }
    text = portable(skillfile.render(front, _body(title, found)))
    return Draft("skill", name, text, "claude", evidence, note="" if found.steps else NO_STEPS)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a skill is about, in stems: what a line must have to do with to be in it.

    asked    of the question, or of the titles and the marked turns
    about    the same, and of what is cited
    strict   an answer of many sessions: whole beats around its passages are not all about the question
    """

    asked: frozenset[str]
    about: frozenset[str]
    strict: bool

    @classmethod
    def of(cls, answer: Answer | None, turns: Sequence[TurnView], titles: Sequence[str]) -> Topic:
        if answer is not None:
            asked = frozenset(content_words(answer.question)) - _SAYS_NOTHING
            quotes = " ".join(c.quote for c in answer.citations)
            return cls(asked, asked | frozenset(content_words(quotes)), True)
        words = " ".join([*titles, *(words_of(t)[:4000] for t in turns)])
        asked = frozenset(content_words(words)) - _SAYS_NOTHING
        return cls(asked, asked, False)

    def has(self, prompt: str) -> bool:
        """Whether a prompt says what it is about, and that is this. "Try again" does not."""
        words = set(content_words(prompt)) - _SAYS_NOTHING
        return len(words) >= 2 and bool(words & self.asked)

    def holds(self, *lines: str) -> bool:
        """Whether a lesson of a beat belongs here: it shares two words with what is cited."""
        return not self.strict or len(set(content_words(" ".join(lines))) & self.about) >= 2


_SAYS_NOTHING = frozenset(
    stem(word)
    for word in (
        "let's lets try again please want go ahead continue next ok okay yes yeah thanks thank good great nice now "
        "think thing things way need like make sure it's that's don't i'm i'd i'll i've can't problem issue"
    ).split()
)
"""Stems that a prompt can consist of without saying what it is about."""


def _cited(turns: Sequence[TurnView], answer: Answer | None) -> list[Evidence]:
    """The turns an answer cites, by its quotes."""
    if answer is None:
        return []
    named = {int(m[1]) for m in MARK.finditer(answer.text)}
    by_id = {t.id: t for t in turns}
    return [
        make(by_id[c.turn_id], c.quote)
        for c in answer.citations
        if c.turn_id in by_id and c.quote and (c.n in named or not named) and not instructs(c.quote)
    ]


def of_answer(turns: Sequence[TurnView], answer: Answer | None) -> Sequence[TurnView]:
    """The turns to start from: passages of many sessions are not one piece of work, the best session is."""
    if answer is None or answer.kind != "passages":
        return turns
    return [t for t in turns if t.session_id == answer.citations[0].session_id] or turns


def skill_id(evidence: Iterable[Evidence]) -> str:
    """The same evidence gives the same id, so drafting twice makes no second skill."""
    turns = sorted({e.turn_id for e in evidence})
    return "sk_" + base64.b32encode(hashlib.sha256("\n".join(turns).encode()).digest()[:5]).decode().lower()


def _from_answer(found: _Sections, answer: Answer, turns: Sequence[TurnView]) -> None:
    """The supported sentences of an answer; lists become steps, else every sentence is one."""
    by_number = {c.n: c for c in answer.citations}
    by_id = {t.id: t for t in turns}
    bare = {start for start, _ in answer.unsupported}
    cut = [s for s in sentences(answer.text) if s.kind in ("prose", "item") and s.start not in bare]
    listed = [s for s in cut if s.kind == "item"]
    for sentence in listed if answer.kind == "answer" and listed else cut if answer.kind == "answer" else ():
        words = answer.text[sentence.start : sentence.end]
        cited = [by_number[int(m[1])] for m in MARK.finditer(words) if int(m[1]) in by_number]
        proof = [make(by_id[c.turn_id], c.quote) for c in cited if c.turn_id in by_id and c.author != "tool"]
        line = MARK.sub("", words).replace(" .", ".").strip()
        if proof and len(found.steps) < MAX_STEPS and not instructs(line):
            found.add(found.steps, line, *proof)


def _from_beat(
    found: _Sections, beat: Sequence[TurnView], marked: set[str], topic: Topic, from_answer: bool
) -> None:
    asks = [(t, work.ask_words(t)) for t in beat if work.is_ask(t)]
    fits = not topic.strict or any(topic.has(words) for _, words in asks)
    for turn, words in asks:
        if len(found.asks) < MAX_ASKS and topic.has(words):
            found.add(found.asks, f"“{_unquoted(words)}”", make(turn, words))
    speakers = [t for t in beat if t.author == "assistant" and t.text]
    chosen = [t for t in speakers if t.id in marked] or speakers[-1:]
    for turn in chosen if not from_answer else ():
        for item in work.steps(turn):
            if len(found.steps) < MAX_STEPS and not instructs(item):
                found.add(found.steps, item, make(turn, item))
    done = work.commands(beat)
    for command in done if fits else ():
        if not work.is_step(command):
            continue
        proof = [make(command.turn, command.text)]
        if command.verifies:
            result = (
                one_line(command.output.strip().rsplit("\n", 1)[-1], 120) if command.output.strip() else ""
            )
            if command.result is not None and result and result in words_of(command.result):
                proof.append(make(command.result, result))
            found.add(found.checks, f"[ ] {_code(command.text)} succeeds", *proof)
        elif len(found.steps) < MAX_STEPS and not from_answer:
            found.add(found.steps, f"Run {_code(command.text)}", *proof)
    for command, line, explains, sentence in work.fixes(beat):
        if (
            len(found.gotchas) < MAX_GOTCHAS
            and not instructs(line)
            and not instructs(sentence)
            and command.result
            and topic.holds(line, sentence)
        ):
            gotcha = f"{_code(portable(line))} → {sentence}"
            found.add(found.gotchas, gotcha, make(command.result, line), make(explains, sentence))
    for turn, words in work.corrections(beat) if not from_answer else ():
        if len(found.gotchas) < MAX_GOTCHAS:
            found.add(found.gotchas, f"The user said: “{_unquoted(words)}”", make(turn, words))


def _what_worked(
    found: _Sections, turns: Sequence[TurnView], answer: Answer | None, beats: Sequence[Sequence[TurnView]]
) -> None:
    """The cause and the remedy in the model's own words: an answer's passages, else what the marked turns say
    came out, and when that gives no steps, how their beats ended."""
    by_id = {t.id: t for t in turns}
    lines = [
        (by_id[c.turn_id], c.quote)
        for c in (answer.citations if answer is not None and answer.kind == "passages" else ())
        if c.turn_id in by_id and c.author == "assistant"
    ]
    if answer is None:
        closing = [t for t in map(work.closing, beats) if t is not None] if not found.steps else []
        speakers = [t for t in (*turns, *closing) if t.author == "assistant"]
        lines = [(t, words) for t in speakers for words in work.outcomes(t, 2 if found.steps else 3)]
    steps = {_core(step) for step in found.steps}
    for turn, words in lines:
        if len(found.notes) < MAX_NOTES and not instructs(words) and _core(_line(words)) not in steps:
            found.add(found.notes, words, make(turn, words))


def _from_opening(
    found: _Sections, turns: Sequence[TurnView], topic: Topic, context: Turns
) -> list[TurnView]:
    """Where the marked beats only say "commit and push", what the session was opened with says more.
    Returns the turns that were taken."""
    taken = []
    for session_id in dict.fromkeys(t.session_id for t in turns):
        opening = next((t for t in context.turns(session_id, 0, 20) if work.is_ask(t)), None)
        if opening is not None and topic.has(words := work.ask_words(opening)):
            found.add(found.asks, f"“{_unquoted(words)}”", make(opening, words))
            taken.append(opening)
    return taken


def _titles(turns: Sequence[TurnView], context: Turns) -> list[str]:
    """The titles of the turns' sessions, the first turn's first."""
    titles = []
    for session_id in dict.fromkeys(t.session_id for t in turns):
        try:
            titles.append(context.session(session_id).row.title)
        except NotFound:
            continue
    return titles


def _title(answer: Answer | None, beats: Sequence[Sequence[TurnView]], titles: Sequence[str]) -> str:
    if answer is not None:
        question = re.sub(
            r"^(?:please\s+)?(?:how|why|when|where|what)\s+(?:(?:did|do|does|can|could|should|was|were|is|are)\s+)?(?:(?:i|we|you)\b\s*)?(?:(?:the|a|an|my|our)\s+)?",
            "", answer.question, flags=re.IGNORECASE,
        )  # fmt: skip
        told = [h for h in map(_headline, (question, answer.question, *titles)) if len(content_words(h)) >= 2]
        return next(iter(told), "") or _headline(answer.question)
    asks = [work.ask_words(t) for beat in beats for t in beat if work.is_ask(t)]
    if len(titles) == 1 and len(content_words(titles[0])) >= 2:
        return _headline(titles[0])
    asks.sort(
        key=lambda words: len(set(content_words(words)) - _SAYS_NOTHING) < 2
    )  # those that say something first
    return _headline(next(iter(asks), "") or next(iter(titles), "") or "From my sessions")


def _headline(text: str) -> str:
    plain = one_line(re.sub(r"[`*#\[\]<>\"“”…]", "", clean(text)), 1000)
    first = re.split(r"(?<=[.?!])\s", plain, maxsplit=1)[0]
    plain = first if len(content_words(first)) >= 3 else plain
    if len(plain) > MAX_TITLE:
        words = plain[:MAX_TITLE].split()[:-1]
        while len(words) > 2 and words[-1].lower() in STOP_WORDS:
            words.pop()
        plain = " ".join(words)
    plain = plain.rstrip(" .?!:,;-")
    return plain[:1].upper() + plain[1:]


def _description(title: str, found: _Sections) -> str:
    """When to use it, in the words people typed; never longer than allowed, never an angle bracket."""
    said = [_shortened(a.strip("“”"), 160) for a in found.asks[:3]]
    errors = re.findall(r"`([^`]+)`", " ".join(found.gotchas))[:2]
    listed = " or ".join(f'"{words}"' for words in said)
    lead = "" if any(_core(words).startswith(_core(title)) for words in said) else f"{title}. "
    text = f"{lead}Use when the user asks for something like {listed or title}"
    if errors:
        text += ", or when this appears: " + "; ".join(one_line(e, 100) for e in errors)
    plain = portable(re.sub(r"[<>]", "", one_line(text, 5000)))
    limit = skillfile.MAX_DESCRIPTION - 1
    return (plain if len(plain) <= limit else plain[:limit].rsplit(None, 1)[0]).rstrip(" ,.") + "."


def _shortened(words: str, longest: int) -> str:
    """The beginning of some words, cut between two of them."""
    line = one_line(words, 1000)
    return line if len(line) <= longest else line[:longest].rsplit(None, 1)[0].rstrip(" ,;:")


def _evidence_words(evidence: Sequence[Evidence]) -> str:
    """How much it rests on: "2 sessions, 5 turns, 2026-03-11..2026-11-02"."""
    sessions, turns = len({e.session_id for e in evidence}), len({e.turn_id for e in evidence})
    days = sorted(datetime.fromtimestamp(e.at).strftime("%Y-%m-%d") for e in evidence if e.at is not None)
    words = f"{sessions} session{'s' if sessions != 1 else ''}, {turns} turn{'s' if turns != 1 else ''}"
    if days:
        words += f", {days[0]}" + (f"..{days[-1]}" if days[-1] != days[0] else "")
    return words


def _body(title: str, found: _Sections) -> str:
    blocks = [f"# {title}"]
    if found.asks:
        blocks.append("## When to use\n\n" + "\n".join(f"- {a}" for a in found.asks))
    if found.notes:
        blocks.append("## What worked\n\n" + "\n".join(f"- {n}" for n in found.notes))
    numbered = "\n".join(f"{n}. {s}" for n, s in enumerate(found.steps, start=1))
    if numbered or not found.notes:
        blocks.append("## Procedure\n\n" + (numbered or "1. "))
    if found.gotchas:
        blocks.append("## Gotchas\n\n" + "\n".join(f"- {g}" for g in found.gotchas))
    if found.checks:
        blocks.append("## Done when\n\n" + "\n".join(f"- {c}" for c in found.checks))
    return "\n\n".join(blocks)


def _line(text: str) -> str:
    """One line that can stand in a list: no comment marks, no tags an agent's harness would read."""
    return re.sub(r"<!--|-->", "", one_line(text, 500)).strip()


def _core(line: str) -> str:
    return re.sub(r"\W+", " ", line.casefold()).strip()


def _code(text: str) -> str:
    ticks = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _unquoted(words: str) -> str:
    return one_line(words, 300).replace("“", '"').replace("”", '"')
