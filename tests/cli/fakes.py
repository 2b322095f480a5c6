"""A library of two sessions, without a disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from importers.contract import Span
from tapedeck_tui import model
from tapedeck_tui.errors import NotFound, QueryError
from tapedeck_tui.events import Changed, Event, Finished, Problem, Progress

AT = 1_790_000_000.0

ROW = model.SessionRow(
    row=1, id="s_door", harness="claude-code", kind="agent", title="Door cooldown", project="/home/u/bluedoor",
    started_at=AT, ended_at=AT + 600, turns=3, typed=1, tools=1, failed=0, starred=True,
)  # fmt: skip
VIEW = model.SessionView(
    row=ROW, native_id="abc", cwd="/home/u/bluedoor", branch="main", model="m-1", path="/home/u/x.jsonl", parent=None,
    children=(), links=(), tokens_in=10, tokens_out=20, problems=0,
)  # fmt: skip
TURNS = (
    model.TurnView(
        "t_ask1", "s_door", 0, "typed", AT, "", "", (model.PartView("text", "Why does the door\nopen twice?"),),
        frozenset(), "d0", "/home/u/x.jsonl", 1,
    ),
    model.TurnView(
        "t_tool", "s_door", 1, "tool", AT + 60, "", "",
        (model.PartView("tool_result", "head … tail", name="Bash", error=True, clipped=True),), frozenset({"failed"}),
        "d1",
    ),
    model.TurnView(
        "t_fix1", "s_door", 2, "assistant", AT + 120, "m-1", "",
        (
            model.PartView("thinking", "Hm."),
            model.PartView("tool_call", "make test", name="Bash"),
            model.PartView("image", "", name="image/png", size=2048),
            model.PartView("text", "The cooldown was zero."),
        ),
        frozenset(), "d2",
    ),
)  # fmt: skip
HIT = model.Hit(
    "t_fix1",
    "s_door",
    2,
    "assistant",
    AT,
    0.5,
    "the cooldown was zero",
    ((4, 8),),
    model.Place("s_door", "t_fix1"),
)
CITATION = model.Citation(
    1,
    "t_fix1",
    "s_door",
    2,
    "Door cooldown",
    "bluedoor",
    "claude-code",
    "assistant",
    AT,
    "cooldown was zero",
    "d2",
)
ANSWER = model.Answer(
    "a_1",
    "why?",
    "answer",
    "It was zero [1]. It is blue.",
    (CITATION,),
    ((17, 11),),
    "searched 2 sessions",
    "m-1",
    AT,
)


class FakeDeck:
    """Answers like a ``Deck``; ``calls`` says what was asked of it."""

    def __init__(self, sessions: int = 2) -> None:
        self.sessions = sessions
        self.calls: list[tuple[Any, ...]] = []
        self.events: list[Event] = [
            Progress("keeping", 1, 2),
            Problem("/x.jsonl, line 3", "broken", "nothing", Span(3, 10, 5)),
            Changed(2, 3),
            Finished("2 sessions kept", (("sessions", 2),)),
        ]
        self.closed = False
        self.draft = model.Draft(
            "skill", "fix-doors", "---\nname: fix-doors\n---\nSet the cooldown.\n", "claude",
            (model.Evidence("t_fix1", "s_door", "d2", "cooldown was zero"),), (), "/home/u/.claude/skills/fix-doors",
        )  # fmt: skip
        self.published: list[model.Draft] = []

    def sync(self, paths: Sequence[Path] = ()) -> Iterator[Event]:
        self.calls.append(("sync", tuple(paths)))
        try:
            yield from self.events
            self.sessions = 2
        finally:
            self.closed = True

    def status(self) -> model.Status:
        return model.Status(
            "/home/u/td", self.sessions, 3, (("typed", 1), ("assistant", 2)), 1, 0, 2, 2_000_000, 300_000, 0, 4, "static",
            AT, AT + 600, None,
        )  # fmt: skip

    def sources(self) -> list[model.SourceRow]:
        places = (model.PlaceLooked("/home/u/.claude", True, 2), model.PlaceLooked("/home/u/no", False, 0))
        return [model.SourceRow("claude-code", "Claude Code", places, 2, 99, 2, 3, 1, 0, 1, AT)]

    def problems(self, limit: int = 500) -> list[model.ProblemRow]:
        return [
            model.ProblemRow("claude-code", "/x.jsonl", 3, 10, 5, "unreadable-bytes", "broken", "nothing")
        ]

    def doctor(self) -> list[model.Check]:
        return [
            model.Check("tapes", "ok", "2 files whole"),
            model.Check("vectors", "warn", "behind", "tapedeck sync"),
        ]

    def session(self, session_id: str) -> model.SessionView:
        if session_id and "s_door".startswith(session_id):
            return VIEW
        raise NotFound(f"There is no session {session_id}.", "See: tapedeck search")

    def turns(self, session_id: str, start: int = 0, limit: int = 100) -> list[model.TurnView]:
        return list(TURNS[start : start + min(limit, 2)])

    def turn(self, turn_id: str) -> model.TurnView:
        found = [t for t in TURNS if t.id.startswith(turn_id)]
        if len(found) != 1:
            raise NotFound(f"There is no turn {turn_id}.")
        return found[0]

    def whole(self, turn_id: str) -> model.TurnView:
        turn = self.turn(turn_id)
        return replace(
            turn, parts=tuple(replace(p, text="head middle tail", clipped=False) for p in turn.parts)
        )

    def search(self, query: str, limit: int = 50, semantic: bool = True) -> model.SearchResult:
        self.calls.append(("search", query, limit))
        if query.endswith(":"):
            raise QueryError("after: needs a date.", 4, "For example after:2026-01.")
        if query == "nothing":
            return model.SearchResult(query, (), 0)
        return model.SearchResult(query, (model.SessionHit(ROW, 0.5, (HIT,)),), 1, "one close spelling", True)

    def models(self) -> model.Models:
        return model.Models(True, ("m-1",), "m-1", "", "http://127.0.0.1:11434")

    def ask(
        self, question: str, session_id: str = "", model_name: str | None = None
    ) -> Iterator[model.AskEvent]:
        self.calls.append(("ask", question, session_id, model_name))
        try:
            yield model.AskPlanned("anything")
            yield model.AskFound((CITATION,), "900 tokens")
            yield model.AskToken("It was zero [1]. ")
            yield model.AskToken("It is\x1b[31m blue.")
            yield model.AskDone(ANSWER)
        finally:
            self.closed = True

    def draft_skill(self, turn_ids: Sequence[str], answer_id: str = "") -> model.Draft:
        self.calls.append(("skill", tuple(turn_ids), answer_id))
        return self.draft

    def draft_observation(self, turn_ids: Sequence[str], answer_id: str = "") -> model.Draft:
        self.calls.append(("observation", tuple(turn_ids), answer_id))
        return replace(
            self.draft, kind="observation", name="", text="The cooldown was zero.", target="journal"
        )

    def check_draft(self, draft: model.Draft) -> model.Draft:
        return replace(draft, problems=("the name is not allowed",) if "BAD" in draft.name else ())

    def publish(self, draft: model.Draft) -> model.Promoted:
        self.published.append(draft)
        return model.Promoted("p_1", draft.kind, draft.name, draft.text, draft.path, AT, draft.evidence)
