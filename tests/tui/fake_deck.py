"""An in-memory Deck with the same methods as the real one, over about sixty invented sessions.

Nothing touches a disk, a clock or a model. ``FakeDeck(sessions=200_000)`` makes rows on demand, so long lists
can be tested; ``reads`` counts what was asked for.
"""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from tapedeck_tui import model
from tapedeck_tui.errors import NotFound, QueryError, Refused
from tapedeck_tui.events import Changed, Event, Finished, Progress
from tapedeck_tui.paths import Home

NOW = 1_773_489_600.0
"""2026-03-14 12:00:00 UTC, the moment every test lives in."""
EVERYTHING = model.BrowseFilter()
HOUR, DAY = 3600.0, 86400.0

TITLES = (
    ("Fix flaky upload retries", "api", "claude-code"),
    ("Backoff for the sync worker", "sync", "codex"),
    ("Why does httpx retry twice?", "api", "chatgpt"),
    ("Move the settings page to forms", "web", "claude-code"),
    ("Postgres advisory locks for the importer", "warehouse", "claude-code"),
    ("Review the billing migration", "billing", "codex"),
    ("Naming things in the ledger", "billing", "chatgpt"),
    ("A smaller docker image", "deploy", "claude-code"),
    ("Rate limits of the geocoder", "maps", "codex"),
    ("Sort order of accented names", "web", "claude-code"),
    ("Teach the parser about empty cells", "warehouse", "claude-code"),
    ("Recipe: bread with too much water", "", "chatgpt"),
    ("CI takes eleven minutes", "deploy", "claude-code"),
    ("Timezones in the weekly report", "reports", "codex"),
    ("Untangle the checkout state machine", "web", "claude-code"),
    ("What is a bloom filter good for", "", "chatgpt"),
    ("Delete accounts for real", "api", "claude-code"),
    ("Replace the homemade cache", "api", "codex"),
    ("Streaming CSV export", "reports", "claude-code"),
    ("Letter to the landlord", "", "chatgpt"),
)


def tid(session: int, position: int) -> str:
    """The id of a turn of an invented session."""
    return "t_" + hashlib.sha256(f"{session}/{position}".encode()).hexdigest()[:16]


def sid(session: int) -> str:
    """The id of an invented session."""
    return f"s_{session:016d}"


class FakeDeck:
    """See the module. Every list is deterministic.

    Args:
        home: used for the config and the log only; default: ``TAPEDECK_HOME``.
        sessions: how many; row numbers are 1 .. sessions.
        turns: turns of the first session (the others have 4 to 40).
        empty: no sessions at all.
        models: what ``models()`` says.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        sessions: int = 60,
        turns: int = 12,
        empty: bool = False,
        models: model.Models | None = None,
    ) -> None:
        self.home = Home(home or Path(os.environ["TAPEDECK_HOME"]))
        self.total = 0 if empty else sessions
        self.newer = 0
        self.first_turns = turns
        self.reads: list[tuple[str, Any]] = []
        self.memory: dict[str, str] = {} if empty else {"welcomed": "yes"}
        self.stars: set[str] = {sid(1), sid(4)}
        self.labels: dict[str, set[str]] = {sid(2): {"later"}}
        self.extra_turns: dict[str, list[model.TurnView]] = {}
        self.wholes: dict[str, model.TurnView] = {}
        self.titles: dict[int, str] = {}
        self.kept_answers: list[model.Answer] = []
        self.kept: list[model.Promoted] = []
        self.problem_rows: list[model.ProblemRow] = [
            model.ProblemRow(
                "claude-code", "/home/dev/.claude/projects/-home-dev-api/5f1c.jsonl", 412, 98_112, 240, "bad-json",
                "The line ends in the middle of a record.", "The session was being written; the next read mends it.",
            )
        ]  # fmt: skip
        self.model_state = models or model.Models(
            True, ("qwen3:8b", "llama3.2:3b"), "qwen3:8b", "", "http://127.0.0.1:11434"
        )

    def close(self) -> None:
        self.reads.append(("close", None))

    # keeping

    def sync(self, paths: Sequence[Path] = ()) -> Iterator[Event]:
        yield Progress("looking", 3, 3, "files")
        yield Progress("keeping", 3, 3, "files")
        yield Changed(self.total, self.total * 12)
        yield Finished("3 files read, nothing new.", (("sessions", self.total),))

    def sources(self) -> list[model.SourceRow]:
        if not self.total:
            return [
                model.SourceRow(name, title, (model.PlaceLooked(path, False, 0),), 0, 0, 0, 0, 0, 0, 0, None)
                for name, title, path in (
                    ("claude-code", "Claude Code", "/home/dev/.claude/projects"),
                    ("codex", "Codex", "/home/dev/.codex/sessions"),
                    ("chatgpt", "ChatGPT export", "/home/dev/Downloads"),
                )
            ]
        look = model.PlaceLooked
        return [
            model.SourceRow("claude-code", "Claude Code", (look("/home/dev/.claude/projects", True, 412),), 412,
                            734_003_200, 31, 4_210, 1, 0, 3, NOW - 240),
            model.SourceRow("codex", "Codex", (look("/home/dev/.codex/sessions", True, 38),), 38, 61_000_000, 16,
                            911, 0, 2, 0, NOW - 240),
            model.SourceRow("chatgpt", "ChatGPT export", (look("/home/dev/Downloads", True, 0),), 0, 0, 0, 0, 0, 0,
                            0, None),
        ]  # fmt: skip

    def problems(self, limit: int = 500) -> list[model.ProblemRow]:
        return self.problem_rows[:limit]

    def status(self) -> model.Status:
        return model.Status(
            "~/tapedeck", self.total, self.total * 12, (("typed", 180), ("assistant", 400), ("tool", 300)), 1, 0,
            450, 795_003_200, 91_000_000, 0, 14, "static-v1", NOW - 200 * DAY, NOW - HOUR, NOW - 240,
        )  # fmt: skip

    def doctor(self) -> list[model.Check]:
        return [model.Check("tapes", "ok", "450 files kept, every checksum right.")]

    # browsing

    def prepend(self, count: int) -> None:
        """So many sessions appear at the top of the list, as when sources are read."""
        self.total += count
        self.newer += count

    def row(self, number: int) -> model.SessionRow:
        title, project, harness = TITLES[(number - 1) % len(TITLES)]
        again = (number - 1) // len(TITLES)
        session_id = sid(number)
        started = NOW - (number * number * 0.35 + 1) * HOUR
        turns = len(self._turns(number)) if number > 1 or self.first_turns <= 200 else self.first_turns
        return model.SessionRow(
            number, session_id, harness, "agent" if harness != "chatgpt" else "chat",
            self.titles.get(number, title + (f", part {again + 1}" if again else "")),
            f"/home/dev/src/{project}" if project else "", started, started + 1800, turns, turns // 4, turns // 2,
            number % 3, starred=session_id in self.stars, gone=number % 17 == 0,
            labels=tuple(sorted(self.labels.get(session_id, ()))),
        )  # fmt: skip

    def session_order(self, only: model.BrowseFilter = EVERYTHING) -> array[int]:
        self.reads.append(("order", only))
        old = range(1, self.total - self.newer + 1)
        numbers: Iterator[int] = chain(range(self.total, self.total - self.newer, -1), old)
        if only.starred:
            numbers = (n for n in numbers if sid(n) in self.stars)
        return array("q", numbers)

    def session_rows(self, rows: Sequence[int]) -> list[model.SessionRow]:
        self.reads.append(("rows", (rows[0], rows[-1]) if len(rows) else ()))
        return [self.row(number) for number in rows if 0 < number <= self.total]

    def _number(self, session_id: str) -> int:
        try:
            number = int(session_id.removeprefix("s_"))
        except ValueError:
            number = 0
        if not 0 < number <= self.total:
            raise NotFound(f"There is no session {session_id}.", "It may have been forgotten.")
        return number

    def session(self, session_id: str) -> model.SessionView:
        number = self._number(session_id)
        row = self.row(number)
        children: tuple[model.LinkView, ...] = ()
        links: tuple[model.LinkView, ...] = ()
        parent = None
        if number == 1 and self.total > 20:
            children = (
                model.LinkView("child", "agent-7d", sid(5), "Look for other callers of retry", "Explore"),
            )
            links = (model.LinkView("pr", "https://example.invalid/api/pull/41", note="opened"),)
        if number == 5:
            parent = model.LinkView("parent", "5f1c", sid(1), TITLES[0][0])
        return model.SessionView(
            row, f"native-{number}", row.project, "main" if row.kind == "agent" else "", "sonnet-4",
            f"/home/dev/.claude/projects/-home-dev-{number}.jsonl", parent, children, links, 120_400, 8_210, 0,
            (("version", "2.1.0"),),
        )  # fmt: skip

    def _turns(self, number: int) -> list[model.TurnView]:
        session_id = sid(number)
        if session_id in self.extra_turns:
            return self.extra_turns[session_id]
        count = self.first_turns if number == 1 else 4 + number * 7 % 36
        return [self._turn(number, position) for position in range(count)]

    def _turn(self, number: int, position: int) -> model.TurnView:
        title, project, _ = TITLES[(number - 1) % len(TITLES)]
        at = NOW - (number * number * 0.35 + 1) * HOUR + position * 40
        author, parts, flags = _invent(title, project, position)
        return model.TurnView(
            tid(number, position), sid(number), position, author, at, "sonnet-4" if author == "assistant" else "",
            "", parts, frozenset(flags), f"digest-{number}-{position}", f"/home/dev/.claude/projects/{number}.jsonl",
            position * 3 + 1,
        )  # fmt: skip

    def turn_count(self, session_id: str) -> int:
        number = self._number(session_id)
        return len(self.extra_turns.get(session_id, ())) or (
            self.first_turns if number == 1 else 4 + number * 7 % 36
        )

    def turns(self, session_id: str, start: int = 0, limit: int = 100) -> list[model.TurnView]:
        self.reads.append(("turns", (session_id, start, limit)))
        number = self._number(session_id)
        if session_id in self.extra_turns:
            return self.extra_turns[session_id][start : start + limit]
        stop = min(start + limit, self.turn_count(session_id))
        return [self._turn(number, position) for position in range(start, stop)]

    def turn(self, turn_id: str) -> model.TurnView:
        for number in range(1, min(self.total, 60) + 1):
            for turn in self._turns(number):
                if turn.id == turn_id:
                    return turn
        raise NotFound(f"There is no turn {turn_id}.")

    def whole(self, turn_id: str) -> model.TurnView:
        self.reads.append(("whole", turn_id))
        return self.wholes.get(turn_id) or self.turn(turn_id)

    def projects(self) -> list[tuple[str, int]]:
        return [("/home/dev/src/api", 12), ("/home/dev/src/web", 9)]

    # finding

    def search(
        self, query: str, limit: int = 50, semantic: bool = True, per_session: int = 3
    ) -> model.SearchResult:
        self.reads.append(("search", (query, semantic)))
        if query.rstrip().endswith("after:"):
            raise QueryError(
                "after: needs a date.", query.rindex("after:"), "For example after:2026-01-31 or after:2w."
            )
        words = [w.strip('"').lower() for w in query.split() if ":" not in w and not w.startswith("-")]
        found: list[model.SessionHit] = []
        count = 0
        for number in range(1, min(self.total, 60) + 1):
            hits = [hit for turn in self._turns(number) if (hit := _hit(turn, words)) is not None]
            count += len(hits)
            if hits:
                best = tuple(sorted(hits, key=lambda h: -h.score)[:per_session])
                found.append(model.SessionHit(self.row(number), best[0].score, best))
        return model.SearchResult(query, tuple(found[:limit]), count, "", semantic, 3.2, words=tuple(words))

    def find_in_session(self, session_id: str, words: str) -> list[int]:
        parts = words.lower().split()
        number = self._number(session_id)
        return [
            turn.position
            for turn in (self.extra_turns.get(session_id) or self._turns(number))
            if all(any(word in part.text.lower() for part in turn.parts) for word in parts)
        ]

    def warm(self, semantic: bool) -> None:
        self.reads.append(("warm", semantic))

    # asking

    def models(self) -> model.Models:
        return self.model_state

    def choose_model(self, name: str) -> None:
        self.model_state = replace(self.model_state, chosen=name)

    def citations(self, count: int = 3) -> tuple[model.Citation, ...]:
        """Citations of the first sessions' assistant turns."""
        out = []
        for n in range(1, min(count, self.total) + 1):
            row, turn = self.row(n), self._turns(n)[1]
            quote = turn.text.split(".")[0]
            out.append(
                model.Citation(n, turn.id, row.id, turn.position, row.title, row.project, row.harness, turn.author,
                               turn.at, quote, turn.digest, turn.text, model.Place(row.id, turn.id, 0, len(quote)))
            )  # fmt: skip
        return tuple(out)

    def ask(
        self, question: str, session_id: str = "", model_name: str | None = None
    ) -> Iterator[model.AskEvent]:
        yield model.AskPlanned("all sessions, best matches first")
        citations = self.citations()
        yield model.AskFound(citations, "3 passages, 1,204 of 8,192 tokens")
        text = "The retries were capped with jitter [1]. The sync worker uses the same helper [2]."
        kind: Any = "answer"
        if not self.model_state.chosen:
            kind, text = "passages", "No model can be reached; these are the best passages [1] [2] [3]."
        else:
            for word in text.split(" "):
                yield model.AskToken(word + " ")
        answer = model.Answer(
            f"a_{len(self.kept_answers) + 1:04d}", question, kind, text, citations, (),
            f"searched {self.total} sessions in 3 sources, Aug 2025 – today; 14 not yet indexed",
            self.model_state.chosen, NOW,
        )  # fmt: skip
        self.kept_answers.insert(0, answer)
        yield model.AskDone(answer)

    def answers(self, limit: int = 50) -> list[model.Answer]:
        return self.kept_answers[:limit]

    def example_questions(self) -> list[str]:
        if not self.total:
            return []
        return ["How did we fix the flaky upload retries?", "What did we decide about advisory locks?",
                "Why does CI take eleven minutes?"]  # fmt: skip

    # what the user makes

    def star(self, session_id: str, on: bool) -> None:
        (self.stars.add if on else self.stars.discard)(session_id)

    def label(self, session_id: str, label: str, on: bool) -> None:
        labels = self.labels.setdefault(session_id, set())
        (labels.add if on else labels.discard)(label)

    # promoting

    def _evidence(self, turn_ids: Sequence[str], answer_id: str) -> tuple[model.Evidence, ...]:
        if answer_id:
            answer = next((a for a in self.kept_answers if a.id == answer_id), None)
            if answer is None:
                raise NotFound(f"There is no answer {answer_id}.")
            return tuple(
                model.Evidence(c.turn_id, c.session_id, c.digest, c.quote, c.author, c.at)
                for c in answer.citations
            )
        turns = [self.turn(turn_id) for turn_id in turn_ids]
        return tuple(model.Evidence(t.id, t.session_id, t.digest, t.text[:80], t.author, t.at) for t in turns)

    def draft_skill(self, turn_ids: Sequence[str], answer_id: str = "") -> model.Draft:
        evidence = self._evidence(turn_ids, answer_id)
        text = (
            "---\nname: retry-uploads\ndescription: Cap and jitter upload retries. Use when an upload is flaky.\n---\n"
            "\n# Retry uploads\n\n1. Cap the attempts at five.\n2. Add full jitter.\n3. Run the upload tests ten times.\n"
        )
        return self.check_draft(model.Draft("skill", "retry-uploads", text, "claude", evidence))

    def draft_observation(self, turn_ids: Sequence[str], answer_id: str = "") -> model.Draft:
        evidence = self._evidence(turn_ids, answer_id)
        text = "Upload retries are capped at five with full jitter."
        return self.check_draft(model.Draft("observation", "", text, "journal", evidence))

    def check_draft(self, draft: model.Draft) -> model.Draft:
        problems: tuple[str, ...] = ()
        if not draft.text.strip():
            problems = ("There is nothing to write.",)
        elif draft.kind == "skill" and "description:" not in draft.text:
            problems = ("The description is missing.",)
        paths = {
            "claude": f"~/.claude/skills/{draft.name}/SKILL.md",
            "agents": f"~/.agents/skills/{draft.name}/SKILL.md",
            "journal": "~/tapedeck/journal/2026-03-14.md",
        }
        return replace(draft, problems=problems, path=paths.get(draft.target, ""))

    def publish(self, draft: model.Draft) -> model.Promoted:
        draft = self.check_draft(draft)
        if draft.problems:
            raise Refused(f"The draft is not valid: {draft.problems[0]}")
        if any(p.path == draft.path and p.kind == "skill" for p in self.kept):
            raise Refused(f"{draft.path} exists already.", "Choose another name.")
        kept = model.Promoted(
            f"p_{len(self.kept) + 1:04d}", draft.kind, draft.name or draft.text[:60], draft.text, draft.path, NOW,
            draft.evidence, "/home/dev/src/api",
        )  # fmt: skip
        self.kept.insert(0, kept)
        return kept

    def promoted(self, limit: int = 200) -> list[model.Promoted]:
        return self.kept[:limit]

    # small memory of the app

    def signal(self) -> None:
        """Nobody watches beside a test."""

    def recall(self, key: str, default: str = "") -> str:
        return self.memory.get(key, default)

    def remember(self, key: str, value: str) -> None:
        self.memory[key] = value


def _hit(turn: model.TurnView, words: list[str]) -> model.Hit | None:
    text = " ".join(turn.text.split())
    low = text.lower()
    if not words or not any(word in low for word in words):
        return None
    first = min(low.index(word) for word in words if word in low)
    start = max(0, first - 60)
    snippet = text[start : start + 240]
    marks = []
    for word in words:
        at = snippet.lower().find(word)
        if at >= 0:
            marks.append((at, len(word)))
    score = sum(1.0 for word in words if word in low) - turn.position * 0.001
    return model.Hit(
        turn.id, turn.session_id, turn.position, turn.author, turn.at, score, snippet, tuple(sorted(marks)),
        model.Place(turn.session_id, turn.id, first, len(words[0])),
    )  # fmt: skip


def _invent(
    title: str, project: str, position: int
) -> tuple[Any, tuple[model.PartView, ...], tuple[str, ...]]:
    part = model.PartView
    if position == 0:
        return (
            "typed",
            (part("text", f"{title}. It fails about once in ten runs, always at the last chunk.", line=1),),
            (),
        )
    if position % 6 == 1:
        return (
            "assistant",
            (
                part("thinking", "The last chunk is shorter; maybe the length check."),
                part("text", f"I looked at **{title.lower()}**. The retry backoff caps at thirty seconds, but the "
                     "jitter is computed per attempt, so two workers can collide.\n\n- cap the attempts at five\n"
                     "- use *full* jitter\n\n```python\ndelay = random.uniform(0, min(30, 2 ** attempt))\n```"),
                part("tool_call", f"pytest tests/{project or 'notes'} -x -q", "Bash", f"c{position}"),
            ),
            (),
        )  # fmt: skip
    if position % 6 == 2:
        return "tool", (part("tool_result", "F....\n1 failed, 4 passed in 2.31s\nE   AssertionError: 31 > 30", "Bash",
                             f"c{position - 1}", error=True, size=2_310),), ("failed",)  # fmt: skip
    if position % 6 == 3:
        return "assistant", (part("text", "One assertion still sees 31 seconds. I will clamp after the jitter, not before."),
                             part("tool_call", "src/retry.py", "Edit", f"c{position}", paths=("src/retry.py",))), ()  # fmt: skip
    if position % 6 == 4:
        return (
            "tool",
            (
                part(
                    "tool_result",
                    "The file src/retry.py has been updated.",
                    "Edit",
                    f"c{position - 1}",
                    size=41,
                ),
            ),
            (),
        )
    if position % 6 == 5:
        return "typed", (part("text", "Good. Does the sync worker use the same backoff?"),), ()
    return "machine", (part("text", "<system-reminder>The todo list is empty.</system-reminder>"),), ()
