"""What front ends are given: plain frozen data, already cleaned for drawing, with places.

Times are Unix seconds (UTC), None where unknown. Ids are ours: ``s_…`` sessions, ``t_…`` turns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Author = Literal["typed", "assistant", "tool", "program", "parent-model", "machine", "person"]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of a list of sessions. ``row`` is the library's row number, only for paging."""

    row: int
    id: str
    harness: str
    kind: str
    title: str
    project: str
    started_at: float | None
    ended_at: float | None
    turns: int
    typed: int
    tools: int
    failed: int
    headless: bool = False
    is_child: bool = False
    gone: bool = False
    starred: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkView:
    """A relation of a session. ``session_id`` is set when the other side is in the library."""

    kind: str
    target: str
    session_id: str = ""
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SessionView:
    """Everything a reader shows about a session but its turns."""

    row: SessionRow
    native_id: str
    cwd: str
    branch: str
    model: str
    path: str
    parent: LinkView | None
    children: tuple[LinkView, ...]
    links: tuple[LinkView, ...]
    tokens_in: int
    tokens_out: int
    problems: int
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PartView:
    """A piece of a turn, cleaned; long tool results keep their first and last 4 KB (``clipped``)."""

    kind: str
    text: str
    name: str = ""
    call_id: str = ""
    error: bool = False
    size: int = 0
    clipped: bool = False
    paths: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn in one session. ``position`` is its 0-based number there.

    ``path`` and ``line`` say where it stands in the source file (line 0: unknown).
    """

    id: str
    session_id: str
    position: int
    author: Author
    at: float | None
    model: str
    speaker: str
    parts: tuple[PartView, ...]
    flags: frozenset[str]
    digest: str
    path: str = ""
    line: int = 0

    @property
    def text(self) -> str:
        """What was said: the text parts, joined by blank lines."""
        return "\n\n".join(p.text for p in self.parts if p.kind == "text" and p.text)

    @property
    def place(self) -> Place:
        return Place(self.session_id, self.id)


@dataclass(frozen=True, slots=True)
class Place:
    """What a citation points to: a session, a turn in it, and the words (start, length) in the turn's text."""

    session_id: str
    turn_id: str
    start: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One turn that was found.

    snippet  about 240 characters around the best words, one line; ``place`` is where it stands
    marks    (start, length) ranges in the snippet to emphasise
    why      (signal, value) pairs that made the score, in the order they were added
    """

    turn_id: str
    session_id: str
    position: int
    author: Author
    at: float | None
    score: float
    snippet: str
    marks: tuple[tuple[int, int], ...]
    place: Place
    why: tuple[tuple[str, float], ...] = ()

    @property
    def matched(self) -> bool:
        """Whether a word of the query stands in it; else it is only similar in meaning."""
        return not self.why or any(signal == "words" and value > 0 for signal, value in self.why)


@dataclass(frozen=True, slots=True)
class SessionHit:
    """A session that was found, with its best turns first."""

    session: SessionRow
    score: float
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Answer to a query, best sessions first.

    turns      how many turns were found; ``similar`` of them hold no word of the query
    words      what was looked for, without fields and words that say nothing
    note       a sentence the user should see ("nothing exact; showing close spellings"), or ""
    semantic   whether vectors took part
    """

    query: str
    sessions: tuple[SessionHit, ...]
    turns: int
    note: str = ""
    semantic: bool = False
    took_ms: float = 0.0
    similar: int = 0
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceLooked:
    """A folder an importer looks in."""

    path: str
    exists: bool
    files: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One importer on this machine: where it looked and what is kept."""

    name: str
    title: str
    places: tuple[PlaceLooked, ...]
    files: int
    bytes: int
    sessions: int
    turns: int
    problems: int
    pending: int
    gone: int
    last_read: float | None


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem found while reading, as kept in the library."""

    source: str
    path: str
    line: int
    offset: int
    length: int
    kind: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Status:
    """The library in numbers."""

    home: str
    sessions: int
    turns: int
    by_author: tuple[tuple[str, int], ...]
    problems: int
    pending: int
    files: int
    source_bytes: int
    tape_bytes: int
    lexical_behind: int
    vectors_behind: int
    embedder: str
    first_at: float | None
    last_at: float | None
    last_sync: float | None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``doctor``: what was looked at, how it is, and the command that mends it."""

    name: str
    state: Literal["ok", "warn", "bad"]
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Models:
    """The chat models that can be asked.

    reachable  whether Ollama answered; ``names`` are the installed chat models
    chosen     the one that will be used, "" if none
    hint       what to do when nothing can be used ("start it with: ollama serve")
    """

    reachable: bool
    names: tuple[str, ...]
    chosen: str
    hint: str
    url: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered source of an answer. ``quote`` stands word for word in the turn."""

    n: int
    turn_id: str
    session_id: str
    position: int
    session_title: str
    project: str
    harness: str
    author: Author
    at: float | None
    quote: str
    digest: str
    text: str = ""
    place: Place = Place("", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """A kept answer.

    kind         "answer" (a model wrote it), "passages" (no model: the best passages), "nothing"
    text         Markdown with ``[n]`` marks
    unsupported  (start, length) ranges of sentences without a valid citation
    coverage     the line that says what was searched
    stopped      the user stopped it before it was complete
    astray       those of ``unsupported`` that cite a turn which does not say so
    """

    id: str
    question: str
    kind: Literal["answer", "passages", "nothing"]
    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[tuple[int, int], ...]
    coverage: str
    model: str
    at: float
    note: str = ""
    stopped: bool = False
    astray: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AskPlanned:
    """What will be looked for, in words ("sessions of bluedoor, March 2026")."""

    what: str


@dataclass(frozen=True, slots=True)
class AskFound:
    """The passages the answer will be made from."""

    citations: tuple[Citation, ...]
    budget: str = ""


@dataclass(frozen=True, slots=True)
class AskToken:
    """More text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class AskDone:
    """The checked and kept answer. Always the last event unless an error is raised."""

    answer: Answer


AskEvent = AskPlanned | AskFound | AskToken | AskDone


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a promoted line may be believed: a turn, its digest when it was promoted, and words that stand in it."""

    turn_id: str
    session_id: str
    digest: str
    quote: str
    author: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Something about to be promoted; the user edits ``text`` before anything is written.

    name      skill name (also its folder); "" for observations
    text      the whole SKILL.md, or the sentence of the observation
    target    where it would be written: "claude" (~/.claude/skills), "agents" (./.agents/skills or
              ~/.agents/skills) or "journal"
    evidence  the turns it rests on
    problems  what keeps it from being published, in words; empty = can be published
    """

    kind: Literal["skill", "observation"]
    name: str
    text: str
    target: str
    evidence: tuple[Evidence, ...]
    problems: tuple[str, ...] = ()
    path: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Promoted:
    """Something that was promoted."""

    id: str
    kind: Literal["skill", "observation"]
    title: str
    text: str
    path: str
    at: float
    evidence: tuple[Evidence, ...]
    project: str = ""
    state: str = "live"


@dataclass(frozen=True, slots=True)
class BrowseFilter:
    """Which sessions a list shows; empty = all that people took part in."""

    harness: str = ""
    project: str = ""
    starred: bool = False
    label: str = ""
    children: bool = False
    headless: bool = False
    words: str = field(default="")
