"""From a plan to passages: the turns an answer will be made from, each once, with what explains them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tapedeck_tui.ask.plan import Plan
from tapedeck_tui.ask.ports import Finder
from tapedeck_tui.ask.sentences import best_span, content_words, extend
from tapedeck_tui.errors import NotFound, QueryError
from tapedeck_tui.model import Citation, Hit, Place, SessionRow, TurnView

if TYPE_CHECKING:
    from llama_index.core.retrievers import BaseRetriever

PER_SESSION = 8
"""Turns of a session that are looked at: the answer is often not in its three best."""
MAX_PER_SESSION = 6
"""Found turns of one session that are taken, while other sessions still have some."""
MAX_MONTHS = 24
"""Months of a timeline that are searched one by one."""
LOOK_BACK = 30
"""Turns before a model's turn in which its prompt is looked for."""
LITTLE_SHARED = 0.34
"""Share of a question's words in the best passage below which it is doubted, when there are no vectors."""
LITTLE_MEANING = 0.24
"""The same for what meaning adds to the best score (0.7 x cosine): of 77 questions with an answer one lies
below, of 12 questions about nothing that was kept ten do."""
QUOTE_LENGTH = 300
"""Most characters of a citation's quote."""
READ_PER_SESSION = 3
"""Passages of one session that are shown to be read without a model."""
TAIL = 0.6
"""Share of the best passage's score below which a passage is not worth reading."""
READ_LENGTH = 450
"""Most characters of such a passage."""
_RAN = re.compile(
    r"\b(?:run|ran|running|rerun|tests?|tested|pytest|passe[sd]|passing|fail(?:s|ed|ing)?|builds?|built|exit)\b",
    re.IGNORECASE,
)
_QUERY_SYNTAX = re.compile(r'[":*()\[\]{}\\^~]|(?:^|\s)[-+]')
_ABOUT_ALL = frozenset(content_words("happened session summary summarize conversation chat outcome result"))
"""Words that ask about a session as a whole."""
_NOT_EVIDENCE = frozenset({"synthetic", "compaction", "headless"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A turn as evidence. ``span``: (start, length) in ``said(turn)`` of the words that matter most; ``role``:
    "found", "asked" (the prompt a found turn answers) or "result" (what came back right after it); ``meaning``:
    what the vectors added to its score, None when they took no part."""

    turn: TurnView
    session: SessionRow
    score: float
    span: tuple[int, int]
    role: str = "found"
    meaning: float | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """The passages in the order they will be numbered; ``note``: something the user should know, or "";
    ``doubtful``: the best of them still share little with the question."""

    passages: tuple[Passage, ...]
    note: str = ""
    doubtful: bool = False


def said(turn: TurnView) -> str:
    """The words of a turn that can be quoted: its text; of a tool's turn the output; of a turn that only
    called tools the calls. Offsets of places count in this text."""
    if turn.text:
        return turn.text
    for kind in ("tool_result", "tool_call"):
        texts = [p.text for p in turn.parts if p.kind == kind and p.text]
        if texts:
            return "\n\n".join(texts)
    return ""


def cite(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """Numbered citations, in the passages' order."""
    return tuple(_citation(n, p) for n, p in enumerate(passages, start=1))


def _citation(n: int, passage: Passage) -> Citation:
    turn, session = passage.turn, passage.session
    start, length = passage.span
    text = said(turn)
    return Citation(
        n=n,
        turn_id=turn.id,
        session_id=turn.session_id,
        position=turn.position,
        session_title=session.title,
        project=session.project,
        harness=session.harness,
        author=turn.author,
        at=turn.at,
        quote=text[start : start + length],
        digest=turn.digest,
        text=text,
        place=Place(turn.session_id, turn.id, start, length),
    )


def gather(plan: Plan, finder: Finder, units: int, session_id: str = "") -> Gathered:
    """The passages for a plan.

    Args:
        plan: what to look for.
        finder: the library.
        units: how many found turns to take; neighbours that explain them come on top, at most half as many.
        session_id: look in this session only.
    """
    if session_id:
        found, note = _in_session(plan, finder, units, session_id), ""
    elif plan.kind == "timeline":
        found, note = _by_month(plan, finder, units)
    else:
        found, note = _search(plan, finder, units)
    passages = _with_neighbours(plan, finder, found, units // 2)
    ordered = tuple(_ordered(passages, by_time=plan.kind == "timeline"))
    return Gathered(ordered, note, not session_id and _is_doubtful(plan, found))


def best(plan: Plan, finder: Finder, units: int, session_id: str = "") -> Gathered:
    """The passages a person should read when no model writes: longer ones, the best of each session first,
    nothing that only explains them."""
    if session_id:
        found, note = _in_session(plan, finder, units, session_id), ""
    elif plan.kind == "timeline":
        found, note = _by_month(plan, finder, units)
    else:
        found, note = _search(plan, finder, units * 2)
        found = _diverse(found, units, READ_PER_SESSION)
    chosen = [replace(p, span=extend(said(p.turn), p.span, READ_LENGTH)) for p in _near_the_best(found)]
    ordered = _ordered(chosen, by_time=plan.kind == "timeline", as_happened=False)
    return Gathered(tuple(ordered), note, not session_id and _is_doubtful(plan, found))


def _near_the_best(found: list[Passage]) -> list[Passage]:
    """Without the tail that only shares a word or two."""
    top = max((p.score for p in found), default=0.0)
    return [p for p in found if p.score >= top * TAIL]


def _is_doubtful(plan: Plan, found: Sequence[Passage]) -> bool:
    """Whether nothing found is near the question, neither in words nor in meaning."""
    wanted = set(content_words(plan.words))
    if not found or len(wanted) < 2:
        return False
    shared = max(len(wanted & set(content_words(said(p.turn)[:20_000]))) for p in found) / len(wanted)
    meanings = [p.meaning for p in found if p.meaning is not None]
    if not meanings:
        return shared < LITTLE_SHARED
    return shared <= 0.5 and max(meanings) < LITTLE_MEANING


def _search(plan: Plan, finder: Finder, units: int) -> tuple[list[Passage], str]:
    queries = plan.queries()
    found: list[Passage] = []
    for query in queries:
        found = _merge(found, _query(plan, finder, query, units * 4))
        if len(found) >= min(units, 3):
            break
    return _diverse(found, units), ""


def _by_month(plan: Plan, finder: Finder, units: int) -> tuple[list[Passage], str]:
    """A timeline: no busy month starves the others, and empty months are named."""
    months = _months(plan)
    if not months:
        pool = _merge([], _query(plan, finder, plan.queries()[0], units * 8))
        buckets: dict[str, list[Passage]] = {}
        for passage in pool:
            buckets.setdefault(_month_of(passage.turn.at), []).append(passage)
        return _round_robin([buckets[key] for key in sorted(buckets)], units), ""
    lists, empty = [], []
    for start, end in months:
        narrowed = replace(plan, time=replace(plan.time, start=start, end=end) if plan.time else None)
        hits = _merge([], _query(plan, finder, narrowed.queries()[0], max(4, units // 2)))
        lists.append(hits)
        if not hits:
            empty.append(f"{start:%B %Y}")
    note = f"Nothing found in {', '.join(empty)}." if empty and len(empty) < len(months) else ""
    return _round_robin(lists, max(units, min(len(months), units * 2))), note


def _months(plan: Plan) -> list[tuple[date, date]]:
    if plan.time is None or plan.time.start is None or plan.time.end is None:
        return []
    out: list[tuple[date, date]] = []
    start = plan.time.start
    while start < plan.time.end and len(out) <= MAX_MONTHS:
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        out.append((start, min(following, plan.time.end)))
        start = following
    return out if 1 < len(out) <= MAX_MONTHS else []


def _query(plan: Plan, finder: Finder, query: str, limit: int) -> list[Passage]:
    """The turns a query finds, best first. What a question holds by chance of the query language (a quote, a
    dash, a colon) is read as such at first, and as plain words when that finds nothing."""
    filters = query[len(plan.words) :]
    plain = " ".join(_QUERY_SYNTAX.sub(" ", plan.words).split()) + filters
    try:
        result = finder.search(query, limit, True, PER_SESSION)
    except QueryError:
        result = finder.search(plain, limit, True, PER_SESSION)
    if not result.sessions and plain != query:
        result = finder.search(plain, limit, True, PER_SESSION)
    found = [_passage(plan, finder, hit, group.session) for group in result.sessions for hit in group.hits]
    return sorted((p for p in found if p is not None), key=lambda p: -p.score)[:limit]


def _passage(plan: Plan, finder: Finder, hit: Hit, session: SessionRow) -> Passage | None:
    if hit.author == "machine":
        return None
    try:
        turn = finder.turn(hit.turn_id)
    except NotFound:  # forgotten or rebuilt between the search and now
        return None
    text = said(turn)
    if turn.flags & _NOT_EVIDENCE or not text.strip():
        return None
    if turn.session_id != hit.session_id:
        turn = replace(turn, session_id=hit.session_id, position=hit.position)
    near = (hit.place.start, hit.place.length)
    score = hit.score * (0.5 if "abandoned" in turn.flags else 1.0)
    span = best_span(text, plan.words, QUOTE_LENGTH, near)
    return Passage(turn, session, score, span, meaning=dict(hit.why).get("meaning"))


def _merge(known: list[Passage], more: Iterable[Passage]) -> list[Passage]:
    """Each place once: the same turn in a fork, or the same words sent twice, count as one."""
    seen = {p.turn.id for p in known} | {p.turn.digest for p in known}
    out = list(known)
    for passage in more:
        if passage.turn.id not in seen and passage.turn.digest not in seen:
            seen |= {passage.turn.id, passage.turn.digest}
            out.append(passage)
    return out


def _diverse(found: list[Passage], units: int, per_session: int = MAX_PER_SESSION) -> list[Passage]:
    taken: list[Passage] = []
    later: list[Passage] = []
    counts: Counter[str] = Counter()
    for passage in found:
        if counts[passage.turn.session_id] < per_session:
            counts[passage.turn.session_id] += 1
            taken.append(passage)
        else:
            later.append(passage)
    return (taken + later)[:units]


def _round_robin(lists: Sequence[list[Passage]], units: int) -> list[Passage]:
    out: list[Passage] = []
    depth = max((len(one) for one in lists), default=0)
    for rank in range(depth):
        out = _merge(out, (one[rank] for one in lists if rank < len(one)))
    return out[:units]


def _in_session(plan: Plan, finder: Finder, units: int, session_id: str) -> list[Passage]:
    """The best turns of one session, by its own word statistics (no index knows one session alone)."""
    row = finder.session(session_id).row
    turns: list[TurnView] = []
    while page := finder.turns(row.id, len(turns), 200):
        turns.extend(page)
    candidates = [
        t for t in turns if t.author != "machine" and not t.flags & _NOT_EVIDENCE and said(t).strip()
    ]
    words = [Counter(content_words(said(t)[:20_000])) for t in candidates]
    wanted = set(content_words(plan.words)) - _ABOUT_ALL
    rarity = {
        w: math.log(1 + len(words) / (1 + n))
        for w in wanted
        if (n := sum(1 for bag in words if w in bag)) >= 0
    }
    scored: list[tuple[float, TurnView]] = []
    for turn, bag in zip(candidates, words, strict=True):
        length = 1 + 0.002 * sum(bag.values())
        score = sum(rarity[w] * bag[w] / (bag[w] + length) for w in wanted if w in bag)
        scored.append((score * (0.6 if turn.author == "tool" else 1.0), turn))
    scored.sort(key=lambda pair: (-pair[0], pair[1].position))
    if not scored or scored[0][0] <= 0:  # "what happened here?": the beginning and the end
        people = [t for t in candidates if t.author != "tool"]
        scored = [(0.0, t) for t in (people[: units // 2] + people[units // 2 :][-(units - units // 2) :])]
    else:
        scored = [pair for pair in scored if pair[0] > 0]
    found = [Passage(t, row, s, best_span(said(t), plan.words, QUOTE_LENGTH)) for s, t in scored]
    return _merge([], found)[:units]


def _with_neighbours(plan: Plan, finder: Finder, found: list[Passage], room: int) -> list[Passage]:
    """The prompt before a model's turn, and the result right after one that speaks of running something."""
    out = list(found)
    for passage in found:
        turn = passage.turn
        if turn.author != "assistant" or len(out) - len(found) >= room:
            continue
        start = max(0, turn.position - LOOK_BACK)
        around = finder.turns(turn.session_id, start, turn.position - start + 3)
        before = [
            t
            for t in around
            if t.position < turn.position and t.author in ("typed", "program", "parent-model")
        ]
        neighbours = [(before[-1], "asked")] if before and before[-1].text else []
        if _RAN.search(turn.text):
            after = [t for t in around if t.position > turn.position]
            neighbours += [(t, "result") for t in after[:1] if t.author == "tool" and said(t)]
        for other, role in neighbours:
            if len(out) - len(found) < room:
                span = best_span(said(other), plan.words, QUOTE_LENGTH)
                out = _merge(out, [Passage(other, passage.session, passage.score, span, role)])
    return out


def _ordered(passages: list[Passage], by_time: bool, as_happened: bool = True) -> list[Passage]:
    """Sessions by their best passage, inside a session as it happened or best first; a timeline by time."""
    if by_time:
        return sorted(passages, key=lambda p: (p.turn.at or 0.0, p.turn.session_id, p.turn.position))
    top: dict[str, float] = {}
    for passage in passages:
        top[passage.turn.session_id] = max(top.get(passage.turn.session_id, -math.inf), passage.score)

    def rank(p: Passage) -> tuple[float, str, float]:
        return -top[p.turn.session_id], p.turn.session_id, p.turn.position if as_happened else -p.score

    return sorted(passages, key=rank)


def _month_of(at: float | None) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m") if at is not None else ""


def retriever(plan: Plan, finder: Finder, units: int, session_id: str = "") -> BaseRetriever:
    """The library as a LlamaIndex retriever: a node per passage, its id the turn's. The ``Gathered`` it was
    made from stands in ``last`` after a call."""
    from llama_index.core.base.base_retriever import BaseRetriever  # seconds: only when a model is asked
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

    class LibraryRetriever(BaseRetriever):  # type: ignore[misc]
        """Finds turns in the library."""

        last = Gathered(())

        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            asked = (
                replace(plan, words=query_bundle.query_str)
                if query_bundle.query_str != plan.question
                else plan
            )
            self.last = gather(asked, finder, units, session_id)
            return [
                NodeWithScore(
                    node=TextNode(
                        id_=p.turn.id,
                        text=said(p.turn),
                        metadata={
                            "session_id": p.turn.session_id,
                            "position": p.turn.position,
                            "author": p.turn.author,
                            "project": p.session.project,
                            "role": p.role,
                        },
                    ),
                    score=p.score,
                )
                for p in self.last.passages
            ]

    return LibraryRetriever()
