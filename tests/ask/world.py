"""A small invented library for tests of asking and promoting: sessions as short scripts, and a finder over them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tapedeck_tui.ask.retrieve import said
from tapedeck_tui.ask.sentences import content_words
from tapedeck_tui.errors import NotFound, QueryError
from tapedeck_tui.model import (
    Hit,
    PartView,
    Place,
    SearchResult,
    SessionHit,
    SessionRow,
    SessionView,
    SourceRow,
    Status,
    TurnView,
)

NOW = datetime(2026, 11, 20, 12, 0).timestamp()
"""The present of every test: Friday, 20 November 2026, noon."""

Line = tuple[str, str] | tuple[str, str, str]
"""(author, text), or ("run", command, output), ("fail", command, output)."""


def script(
    name: str,
    lines: Sequence[Line],
    project: str = "/home/mira/src/bluedoor",
    day: str = "2026-03-11",
    title: str = "",
) -> tuple[SessionRow, list[TurnView]]:
    """A session from short lines, one minute apart, beginning at 14:00 of the day."""
    session_id = f"s_{name}"
    start = datetime.fromisoformat(f"{day} 14:00").timestamp()
    turns: list[TurnView] = []

    def add(author: str, parts: tuple[PartView, ...], flags: frozenset[str] = frozenset()) -> None:
        text = "\n".join(p.text for p in parts)
        digest = "sha256:" + hashlib.sha256(f"{text}".encode()).hexdigest()
        position = len(turns)
        turns.append(
            TurnView(
                id=f"t_{name}{position:02d}",
                session_id=session_id,
                position=position,
                author=author,  # type: ignore[arg-type]
                at=start + 60 * position,
                model="",
                speaker="",
                parts=parts,
                flags=flags,
                digest=digest,
                path=f"/tapes/{name}.jsonl",
                line=position + 1,
            )
        )

    for line in lines:
        if line[0] in ("run", "fail"):
            call = f"c{len(turns)}"
            bad = line[0] == "fail"
            add("assistant", (PartView("tool_call", line[1], name="Bash", call_id=call),))
            result = PartView(
                "tool_result", line[2] if len(line) > 2 else "", name="Bash", call_id=call, error=bad
            )
            add("tool", (result,), frozenset({"failed"} if bad else ()))
        else:
            add(line[0], (PartView("text", line[1]),))
    row = SessionRow(
        row=0, id=session_id, harness="claude-code", kind="agent", title=title or name, project=project,
        started_at=start, ended_at=start + 60 * len(turns), turns=len(turns),
        typed=sum(t.author == "typed" for t in turns), tools=sum(t.author == "tool" for t in turns),
        failed=sum("failed" in t.flags for t in turns),
    )  # fmt: skip
    return row, turns


class World:
    """A finder over scripted sessions: words count, filters work, nothing else."""

    def __init__(self, *sessions: tuple[SessionRow, list[TurnView]], strict_colon: bool = False) -> None:
        self.rows = [row for row, _ in sessions]
        self.by_session = {row.id: turns for row, turns in sessions}
        self.queries: list[str] = []
        self.strict_colon = strict_colon

    def search(
        self, query: str, limit: int = 50, semantic: bool = True, per_session: int = 3
    ) -> SearchResult:
        self.queries.append(query)
        filters = dict(re.findall(r"\b(after|before|project|source):\"?([\w./-]+)\"?", query))
        words = re.sub(r"\b(?:after|before|project|source):\"?[\w./-]+\"?", " ", query)
        if self.strict_colon and ":" in words:
            raise QueryError("A field nobody knows.", words.index(":"))
        wanted = set(content_words(words))
        groups = []
        for row in self.rows:
            if (
                filters.get("project", "") not in row.project
                or filters.get("source", row.harness) != row.harness
            ):
                continue
            hits = [h for t in self.by_session[row.id] if (h := self._hit(t, wanted, filters)) is not None]
            hits.sort(key=lambda h: -h.score)
            if hits:
                groups.append(SessionHit(row, hits[0].score, tuple(hits[:per_session])))
        groups.sort(key=lambda g: -g.score)
        return SearchResult(query, tuple(groups[:limit]), sum(len(g.hits) for g in groups))

    def _hit(self, turn: TurnView, wanted: set[str], filters: dict[str, str]) -> Hit | None:
        day = datetime.fromtimestamp(turn.at or 0).strftime("%Y-%m-%d")
        if day < filters.get("after", "") or ("before" in filters and day >= filters["before"]):
            return None
        score = len(wanted & set(content_words(said(turn))))
        if not score:
            return None
        place = Place(turn.session_id, turn.id)
        return Hit(turn.id, turn.session_id, turn.position, turn.author, turn.at, float(score), "", (), place)

    def turn(self, turn_id: str) -> TurnView:
        for turns in self.by_session.values():
            for turn in turns:
                if turn.id == turn_id:
                    return turn
        raise NotFound(f"There is no turn {turn_id}.")

    def turns(self, session_id: str, start: int = 0, limit: int = 100) -> list[TurnView]:
        return self.by_session[session_id][start : start + limit]

    def session(self, session_id: str) -> SessionView:
        for row in self.rows:
            if row.id == session_id:
                return SessionView(row, row.id, row.project, "", "", "", None, (), (), 0, 0, 0)
        raise NotFound(f"There is no session {session_id}.")

    def projects(self) -> list[tuple[str, int]]:
        return [(p, 1) for p in dict.fromkeys(r.project for r in self.rows)]

    def sources(self) -> list[SourceRow]:
        names = {r.harness for r in self.rows}
        titles = {"claude-code": "Claude Code", "codex": "Codex", "chatgpt": "ChatGPT"}
        return [
            SourceRow(n, t, (), 1, 1, sum(r.harness == n for r in self.rows), 0, 0, 0, 0, None)
            for n, t in titles.items()
            if n in names or n == "codex"
        ]

    def status(self) -> Status:
        times = [r.started_at for r in self.rows if r.started_at]
        return Status(
            home="", sessions=len(self.rows), turns=sum(len(t) for t in self.by_session.values()), by_author=(),
            problems=0, pending=0, files=1, source_bytes=1, tape_bytes=1, lexical_behind=0, vectors_behind=0,
            embedder="static", first_at=min(times, default=None), last_at=max(times, default=None), last_sync=None,
        )  # fmt: skip


def renamed(session: tuple[SessionRow, list[TurnView]], harness: str) -> tuple[SessionRow, list[TurnView]]:
    """The same session from another harness."""
    return replace(session[0], harness=harness), session[1]


DOORS = script(
    "doors",
    [
        ("typed", "Doors throw the player back, fix the cooldown please. It happens 4 of 5 times."),
        ("assistant", "The door timer runs on the client. I'll move the cooldown to the server tick."),
        ("fail", "pytest tests/test_doors.py", "collected 12 items\nKeyError: 'door_id'\n1 failed, 11 passed"),
        ("assistant", "Save files from before March have no `door_id`, so they must be migrated on load. I'll add that."),
        ("run", "python scripts/migrate_saves.py --all", "migrated 14 saves"),
        ("run", "pytest tests/test_doors.py", "12 passed in 0.41s"),
        ("typed", "keep 3 seconds but do it on the server"),
        ("assistant", "Done. What I did:\n\n1. Moved the cooldown of 3 seconds from the client timer to the server tick.\n"
         "2. Migrated old save files that have no `door_id`.\n3. Added a regression test for two clients."),
        ("typed", "always run the migration before the tests"),
    ],
    title="Fix door cooldown desync",
)  # fmt: skip
UPLOADS = script(
    "uploads",
    [
        ("typed", "Why do the uploads fail at night?"),
        ("assistant", "The retry backoff had no limit, so the nightly job ran out of sockets. "
         "I capped it at 30 seconds and added jitter."),
        ("run", "pytest tests/test_upload.py -q", "7 passed"),
    ],
    project="/home/mira/src/harbor",
    day="2026-06-02",
    title="Flaky uploads",
)  # fmt: skip
ELEVATOR = script(
    "lift",
    [
        ("typed", "does the elevator need the same cooldown?"),
        ("assistant", "The elevator has its own timer; nothing was changed."),
    ],
    day="2026-05-04",
    title="Elevator",
)
