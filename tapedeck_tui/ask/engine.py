"""Asking: plan, find, pack, let the model write, check, keep. Without a model: the best passages."""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from tapedeck_tui.ask import pack as packing
from tapedeck_tui.ask.check import Unthought, check
from tapedeck_tui.ask.coverage import coverage_line
from tapedeck_tui.ask.plan import Plan, make_plan
from tapedeck_tui.ask.ports import AnswerKeeper, AskSettings, Finder
from tapedeck_tui.ask.retrieve import READ_LENGTH, Gathered, best, cite, retriever
from tapedeck_tui.chat.llm import Reply, look_up
from tapedeck_tui.errors import UsageError
from tapedeck_tui.model import Answer, AskDone, AskEvent, AskFound, AskPlanned, AskToken, Citation
from tapedeck_tui.secrets import mask
from tapedeck_tui.text import clean, one_line

NOTHING = "That is not in your tapes."
NO_MODEL = "No local model answered, so these are the passages that fit best."
DOUBT = "It is probably not in your tapes: they share little with the question."
WHO = {"typed": "you", "assistant": "agent", "person": "somebody"}
"""What readers call an author."""
MAX_QUESTION = 8000
"""Characters of a question."""


def ask(
    question: str,
    finder: Finder,
    keep: AnswerKeeper,
    settings: AskSettings,
    model: str,
    session_id: str = "",
    now: float | None = None,
) -> Iterator[AskEvent]:
    """Answer a question from the library with a local model, streaming.

    Args:
        question: as typed.
        finder: the library.
        keep: where the answer is kept; also when it is stopped or breaks off.
        settings: address, context and limits.
        model: the model to ask; "" gives passages.
        session_id: ask about this session only.
        now: Unix seconds, for tests.

    Yields AskPlanned, AskFound, AskToken (also empty ones, while the model is silent), AskDone.
    Closing the iterator stops the model at once.

    Raises:
        UsageError: an empty or far too long question.
        NotFound: no such session.
        ModelUnavailable: the model cannot be asked or broke off; what it said is kept as stopped.
    """
    if not model:
        yield from passages(question, finder, keep, settings, session_id, now)
        return
    at, plan = _begin(question, finder, now)
    yield AskPlanned(plan.what)
    found = retriever(plan, finder, settings.units, session_id)
    found.retrieve(plan.question)
    gathered: Gathered = found.last
    coverage = coverage_line(finder, at, session_id)
    if not gathered.passages:
        yield AskFound(())
        yield AskDone(_keep(keep, _nothing(plan, coverage, at, gathered.note, model)))
        return
    about = look_up(model, settings.url)
    num_ctx = min(settings.context_tokens, about.context_length or settings.context_tokens)
    reserve = min(settings.answer_tokens, num_ctx // 4)
    ratio = _ratio(keep, model)
    packed = packing.pack(plan.question, plan.kind, gathered.passages, num_ctx, reserve, ratio)
    yield AskFound(packed.citations, packed.budget)
    reply = Reply(
        model,
        packing.messages(plan.question, plan.kind, packed),
        url=settings.url,
        num_ctx=num_ctx,
        answer_tokens=reserve,
        timeout=settings.timeout,
        thinking=False if about.thinks else None,
    )
    said: list[str] = []
    shown = Unthought()
    complete = False
    try:
        for piece in reply:
            said.append(piece)
            yield AskToken(clean(shown.feed(piece)))
        complete = True
    finally:
        reply.close()
        note = " ".join(filter(None, [gathered.note, _spent_note(reply, packed.tokens, num_ctx, reserve)]))
        text = "".join(said)
        if text.strip() or complete:
            answer = _checked(plan, text, packed.citations, coverage, model, at, note, stopped=not complete)
            _keep(keep, answer)
        _learn(keep, model, reply.spent.prompt, packed.tokens, ratio)
    yield AskDone(answer)


def passages(
    question: str,
    finder: Finder,
    keep: AnswerKeeper,
    settings: AskSettings,
    session_id: str = "",
    now: float | None = None,
) -> Iterator[AskEvent]:
    """The best passages for a question, grouped by session and cited. No model, no LlamaIndex."""
    at, plan = _begin(question, finder, now)
    yield AskPlanned(plan.what)
    gathered = best(plan, finder, settings.units, session_id)
    coverage = coverage_line(finder, at, session_id)
    citations = cite(gathered.passages)
    yield AskFound(citations)
    if not citations:
        yield AskDone(_keep(keep, _nothing(plan, coverage, at, gathered.note)))
        return
    text = passages_text(citations)
    yield AskToken(text)
    answer = Answer(
        id=_answer_id(),
        question=plan.question,
        kind="passages",
        text=text,
        citations=citations,
        unsupported=(),
        coverage=coverage,
        model="",
        at=at,
        note=" ".join(filter(None, [NO_MODEL, DOUBT if gathered.doubtful else "", gathered.note])),
    )
    yield AskDone(_keep(keep, answer))


def passages_text(citations: Sequence[Citation]) -> str:
    """Passages as Markdown: a heading per session, each quote with its number."""
    lines: list[str] = []
    current = ""
    for citation in citations:
        if citation.session_id != current:
            current = citation.session_id
            title = one_line(citation.session_title, 80) or "untitled session"
            lines += ["", f"**{_plain(title)}** · {packing.day_words(citation.at)[:10]}", ""]
        quote = one_line(mask(citation.quote), READ_LENGTH)
        who = WHO.get(citation.author, citation.author)
        lines.append(f"- {who}: {_plain(quote)} [{citation.n}]")
    return "\n".join(lines).strip()


def _begin(question: str, finder: Finder, now: float | None) -> tuple[float, Plan]:
    typed = clean(question).strip()
    if not typed:
        raise UsageError("There is no question.", "Type what you want to know.")
    if len(typed) > MAX_QUESTION:
        raise UsageError(
            f"The question has {len(typed):,} characters; {MAX_QUESTION:,} can be asked.", "Shorten it."
        )
    at = time.time() if now is None else now
    today = datetime.fromtimestamp(at).date()
    return at, make_plan(typed, today, finder.projects(), finder.sources())


def _checked(
    plan: Plan,
    text: str,
    citations: tuple[Citation, ...],
    coverage: str,
    model: str,
    at: float,
    note: str,
    stopped: bool,
) -> Answer:
    result = check(text, citations)
    nothing = result.kind == "nothing" or not result.text
    return Answer(
        id=_answer_id(),
        question=plan.question,
        kind="nothing" if nothing else "answer",
        text=result.text or NOTHING,
        citations=tuple(c for c in citations if c.n in result.cited),
        unsupported=result.unsupported,
        astray=result.astray,
        coverage=coverage,
        model=model,
        at=at,
        note=note,
        stopped=stopped,
    )


def _nothing(plan: Plan, coverage: str, at: float, note: str, model: str = "") -> Answer:
    said = note or (f"Looked for {plan.what}." if plan.time or plan.projects or plan.sources else "")
    return Answer(_answer_id(), plan.question, "nothing", NOTHING, (), (), coverage, model, at, said)


def _keep(keep: AnswerKeeper, answer: Answer) -> Answer:
    keep.save_answer(answer)
    return answer


def _answer_id() -> str:
    return "a_" + base64.b32encode(secrets.token_bytes(10)).decode().lower()


def _spent_note(reply: Reply, estimated: int, num_ctx: int, reserve: int) -> str:
    """What the model's own count says: an answer cut short, or a prompt that was longer than the context."""
    if reply.spent.prompt >= num_ctx - 1 or (
        reply.spent.prompt > estimated and reply.spent.prompt + reserve > num_ctx
    ):
        return f"The prompt took {reply.spent.prompt:,} of {num_ctx:,} tokens: some evidence may not have been read."
    if reply.spent.reason and not reply.spent.answer:
        return "The model ended without a word."
    if reply.spent.reason == "length":
        return f"The answer was cut off after {reply.spent.answer:,} tokens."
    return ""


def _ratio(keep: AnswerKeeper, model: str) -> float:
    try:
        return min(3.0, max(1.0, float(keep.recall(f"tokens:{model}", "1"))))
    except ValueError:
        return 1.0


def _learn(keep: AnswerKeeper, model: str, counted: int, estimated: int, ratio: float) -> None:
    """Remember when a model counts more tokens than estimated. Never less: a cached prompt is not counted."""
    if counted > estimated:
        keep.remember(f"tokens:{model}", f"{ratio * counted / estimated * 1.05:.3f}")


_CODE = re.compile(r"(?<!`)(`+)(?![` ])(?:.*?[^`])\1(?!`)")
_SIGNS = re.compile(r"[\\\[*_`]")


def _plain(text: str) -> str:
    """Text of one line that stays, word for word, itself inside Markdown: whole inline code as it is, any other
    sign that means something there escaped."""
    out, done = [], 0
    for code in _CODE.finditer(text):
        out += [_SIGNS.sub(r"\\\g<0>", text[done : code.start()]), code.group()]
        done = code.end()
    return "".join([*out, _SIGNS.sub(r"\\\g<0>", text[done:])])
