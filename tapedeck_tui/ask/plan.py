"""From a question to what to look for, without a model: time, projects, harnesses, and the kind of question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tapedeck_tui.ask.dates import TimeRange, find_range
from tapedeck_tui.ask.sentences import STOP_WORDS
from tapedeck_tui.model import SourceRow

Kind = Literal["look-up", "why", "timeline", "count"]

_COUNT = re.compile(r"\b(?:how many|how often|how much|number of|count of)\b", re.IGNORECASE)
_TIMELINE = re.compile(
    r"\b(?:timeline|history of|chronolog\w*|over time|major events|events with|step by step what happened|"
    r"what happened (?:with|to|in|between|since|during))\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\b(?:why|how (?:did|do|does|was|were|can|to|should)|reason)\b", re.IGNORECASE)
_COMMON = (
    "api app apps backend bin build client code core data demo dev docs frontend home lib library main new old "
    "project projects repo root scripts server site source src static test tests tmp tool tools ui user users "
    "web website work"
)
_COMMON_NAMES = STOP_WORDS | frozenset(_COMMON.split())
_BEFORE_SOURCE = r"(?:in|with|from|using|via|on|to|by|asked|told)\s+"
_SHORT_NAMES = {"claude-code": ("claude code", "claude"), "chatgpt": ("chatgpt", "chat gpt", "gpt")}
MAX_PROJECTS = 400
"""Projects whose names are looked for in a question, those with the most sessions first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for.

    question  as typed
    words     the question without the words that named the time range
    kind      what sort of answer is wanted
    time      the range named, or None
    projects  project paths or names as the library has them
    sources   importer names
    """

    question: str
    words: str
    kind: Kind = "look-up"
    time: TimeRange | None = None
    projects: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def queries(self) -> list[str]:
        """Search queries, the narrowest first: with the named project and harness, then in the time range
        only. A time range the user named is never widened."""
        when = self._when()
        narrow = [f"project:{_quoted(_base(p))}" for p in self.projects[:1]]
        narrow += [f"source:{name}" for name in self.sources[:1]]
        wide = " ".join([self.words, *when])
        return [" ".join([self.words, *narrow, *when]), wide] if narrow else [wide]

    def _when(self) -> list[str]:
        if self.time is None:
            return []
        start = [f"after:{self.time.start.isoformat()}"] if self.time.start else []
        end = [f"before:{self.time.end.isoformat()}"] if self.time.end else []
        return start + end

    @property
    def what(self) -> str:
        """The plan in words: "sessions of bluedoor, March 2026"."""
        of = [_base(p) for p in self.projects] + list(self.sources)
        scope = f"sessions of {' and '.join(of)}" if of else "all sessions"
        when = f", {range_words(self.time.start, self.time.end)}" if self.time else ""
        lead = {"look-up": "", "why": "", "timeline": "a timeline from ", "count": "everything to count in "}
        return f"{lead[self.kind]}{scope}{when}"


def make_plan(
    question: str, today: date, projects: Sequence[tuple[str, int]], sources: Sequence[SourceRow]
) -> Plan:
    """Read a question.

    Args:
        question: as typed.
        today: the user's local day.
        projects: (project, sessions) pairs, most first.
        sources: the importers on this machine.
    """
    time = find_range(question, today)
    words = question
    if time is not None:
        start, length = time.at
        words = " ".join((question[:start] + " " + question[start + length :]).split())
    return Plan(
        question=question,
        words=words.strip() or question,
        kind=_kind(question),
        time=time,
        projects=_named_projects(words, projects),
        sources=_named_sources(words, sources),
    )


def _kind(question: str) -> Kind:
    if _COUNT.search(question):
        return "count"
    if _TIMELINE.search(question):
        return "timeline"
    return "why" if _WHY.search(question) else "look-up"


def _named_projects(words: str, projects: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    low = words.lower()
    found: dict[str, str] = {}
    for project, _sessions in projects[:MAX_PROJECTS]:
        name = _base(project).lower()
        if len(name) < 3 or name in _COMMON_NAMES or name in found:
            continue
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", low):
            found[name] = project
    return tuple(found.values())[:3]


def _named_sources(words: str, sources: Sequence[SourceRow]) -> tuple[str, ...]:
    """A harness counts only after "in", "with", "from" …: as a topic it is a word like any other."""
    out = []
    for source in sources:
        names = {source.name.lower(), source.title.lower(), *_SHORT_NAMES.get(source.name, ())}
        names.discard("")
        if source.sessions and any(
            re.search(rf"\b{_BEFORE_SOURCE}{re.escape(n)}(?![\w-])", words, re.IGNORECASE) for n in names
        ):
            out.append(source.name)
    return tuple(out)


def range_words(start: date | None, end: date | None) -> str:
    """Days in words: "March 2026", "2026", "3 – 14 March 2026", "since 3 March 2026"."""
    if start is None and end is None:
        return "any time"
    if start is None:
        return f"before {_day(end)}"
    if end is None:
        return f"since {_day(start)}"
    last = end - timedelta(days=1)
    if start == last:
        return _day(start)
    if start.day == 1 and end.day == 1:
        if start.month == 1 and end == date(start.year + 1, 1, 1):
            return str(start.year)
        first = f"{start:%B %Y}" if start.year != last.year else f"{start:%B}"
        return (
            f"{start:%B %Y}"
            if (start.year, start.month) == (last.year, last.month)
            else f"{first} – {last:%B %Y}"
        )
    return f"{_day(start)} – {_day(last)}"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


def _base(project: str) -> str:
    return re.split(r"[/\\]", project.rstrip("/\\"))[-1]


def _quoted(name: str) -> str:
    return f'"{name}"' if re.search(r"[^\w.-]", name) else name
