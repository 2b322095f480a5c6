"""The contract between importers and everything that reads them.

An importer turns one kind of source file into a stream of plain records. It knows nothing of
tapedeck's storage, search or screens, so it can be written, tested and run alone.

``read`` yields records and problems side by side: one bad line never loses a file and no problem
is swallowed. File order is the order of truth (FORMATS R7); timestamps are only attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, runtime_checkable

Author = Literal["typed", "assistant", "tool", "program", "parent-model", "machine", "person"]
"""Who wrote a turn.

typed         a human typed it to an agent or a model
assistant     a model wrote it
tool          the result of a tool call
program       a prompt sent by a program (headless, SDK, exec runs, reviews)
parent-model  the prompt a parent agent wrote for a sub-agent
machine       injected text: skill bodies, caveats, reminders, notifications, compaction summaries
person        a human in a conversation between people
"""

PartKind = Literal["text", "thinking", "tool_call", "tool_result", "image", "document", "marker"]

SessionKind = Literal["agent", "chat", "note"]

TITLE_CHARS = 600
"""Characters of a title an importer hands on. More than is ever shown: who shows a title hides secrets in it before
cutting it, and half a secret is not recognised."""

FLAG_ABANDONED = "abandoned"
"""The user rewound past this turn; it stays readable but is not part of what was decided."""
FLAG_COMPACTION = "compaction"
"""A summary made by the harness when the context ran out (author ``machine``)."""
FLAG_HEADLESS = "headless"
"""The turn belongs to a run no human sat in front of (SDK, ``-p``, exec, guardian, review)."""
FLAG_SIDECHAIN = "sidechain"
"""The turn belongs to a sub-agent."""
FLAG_FAILED = "failed"
"""A tool result that reports an error."""
FLAG_SYNTHETIC = "synthetic"
"""Written by the harness in the model's name (API errors, "No response requested.")."""
FLAG_QUEUED = "queued"
"""Typed while the agent was working."""
FLAG_LOW_CONFIDENCE = "low-confidence"
"""Reconstructed from a trace (a queue entry, a history file), not from the message itself."""
FLAG_COMMAND = "command"
"""A slash command or a ``!`` shell command of the user."""
FLAG_ANSWER = "answer"
"""The user's answer to a question or a rejection with a reason, carried inside a tool result."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where something stands in its file.

    line    1-based physical line (0 where a format has no lines)
    offset  byte offset from the start of the file
    length  bytes
    """

    line: int = 0
    offset: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a turn, as the file says it: raw text, not yet cleaned or clipped.

    kind     see ``PartKind``; ``image``/``document``/``marker`` never carry base64 data
    text     what a person would read: prose; for a tool call its arguments as readable text (the
             command of a shell tool; path and change of an edit; else compact JSON); for a tool
             result its output
    name     tool name (tool_call; tool_result where known), media type (image, document)
    call_id  links a tool_result to its tool_call
    error    a tool result that failed
    size     bytes of what ``text`` stands for where ``text`` is only a marker (images), else 0
    paths    file names the call touches, as written
    span     where this part stands
    """

    kind: PartKind
    text: str = ""
    name: str = ""
    call_id: str = ""
    error: bool = False
    size: int = 0
    paths: tuple[str, ...] = ()
    span: Span = Span()


@dataclass(frozen=True, slots=True)
class Session:
    """What the file says of one conversation. May be yielded again when more becomes known; a later
    value replaces an earlier one field by field, empty values never overwrite.

    id          the harness's own id (FORMATS: file stem where that is an id)
    harness     "claude-code", "codex", "chatgpt", ...
    kind        "agent" (tools and files), "chat", "note"
    title       best title so far; ``title_rank`` says how good (higher wins, equal rank: later wins):
                50 given by the user, 40 by a model, 30 last prompt, 20 summary, 10 first prompt,
                5 first prompt that is a command
    project     the working directory (agents) or folder/workspace the source names
    parent      id of the session that spawned this one (sub-agents), "" if none
    headless    run by a program: kept, shown apart, left out of retrieval and statistics
    started_at  Unix seconds (UTC), None if unknown
    extra       small facts worth showing: version, originator, agent type ... (string to string)
    """

    id: str
    harness: str
    kind: SessionKind = "agent"
    title: str = ""
    title_rank: int = 0
    project: str = ""
    branch: str = ""
    model: str = ""
    parent: str = ""
    headless: bool = False
    started_at: float | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, or what has been read of it so far.

    A turn may be yielded several times with the same ``key``: parts that are new extend it, parts
    already known (same kind and call_id, or same kind and text) are ignored, and a text part that
    begins with the known text replaces it (writers that repeat growing content). So an importer can
    hand on what it has and need not hold a message open across appends.

    key         globally unique and stable: harness + native id (DESIGN section 4, Identity); forks and
                copies of a message give the same key
    session     the ``Session.id`` it stands in
    author      see ``Author``
    parts       in file order
    at          Unix seconds (UTC) as written, None if the format has no time
    model       the model that wrote it, "" if none
    speaker     name of the person (author ``person``) or of the sub-agent
    flags       FLAG_* values
    span        the first line of the message
    """

    key: str
    session: str
    author: Author
    parts: tuple[Part, ...]
    at: float | None = None
    model: str = ""
    speaker: str = ""
    flags: frozenset[str] = frozenset()
    span: Span = Span()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one API message. The same ``key`` may come again with larger numbers: the maximum per
    field counts (FORMATS 1.4). Running totals (Codex) use one key per session. All numbers are tokens.
    """

    key: str
    session: str
    model: str = ""
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A relation of a session to something else.

    kind    "spawned" (session -> sub-agent session), "forked-from" (session -> original),
            "pull-request" (session -> url), "abandoned" (session -> turn key: flag this turn and say so),
            "file" (session -> path edited)
    """

    kind: str
    session: str
    target: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read. The one definition for the whole project.

    where   file (and line, when known) in words a person can act on
    what    what is wrong
    hint    what to do next, "" when nothing needs doing
    span    the bytes it is about
    kind    a short stable word for programs: "unreadable-bytes", "invalid-utf8", "unknown-record",
            "io", "importer", ...
    """

    where: str
    what: str
    hint: str = ""
    span: Span = Span()
    kind: str = "unreadable-bytes"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on. Yielded at least once at the end of ``read`` and, for long files, at least every few
    MB at a point where resuming is exact; everything yielded before it is covered by it.

    offset  bytes consumed: the next read starts here (0 = from the start)
    line    physical lines consumed
    state   small JSON-able facts the reader needs to go on (bounded: a few KB whatever the file size)
    pending bytes after ``offset`` that are a write in progress (a torn last line): shown, not a problem
    """

    offset: int = 0
    line: int = 0
    state: dict[str, object] = field(default_factory=dict)
    pending: int = 0


Record = Session | Turn | Usage | Link | Problem | Cursor


class Source(Protocol):
    """A source file as an importer sees it."""

    @property
    def path(self) -> Path:
        """The path the file has (or had) at its source. For its name, parents and messages."""

    @property
    def size(self) -> int:
        """Bytes that may be read now. A growing file may already be longer: read no further."""

    def open(self) -> BinaryIO:
        """The bytes, seekable, from the start."""

    def siblings(self, pattern: str) -> Sequence[Path]:
        """Files beside this one (glob relative to its folder), sorted; empty when the folder is gone."""

    def open_sibling(self, path: Path) -> BinaryIO:
        """The bytes of one of ``siblings``; raises OSError when it is gone."""


@runtime_checkable
class Importer(Protocol):
    """Reads one kind of file."""

    name: str
    """Stable identifier, also the harness of its sessions: "claude-code"."""
    title: str
    """What people call it: "Claude Code"."""

    def homes(self) -> Sequence[Path]:
        """Folders where such files usually are on this machine (they may not exist). Reads only
        environment variables and the home folder; opens nothing."""

    def patterns(self) -> Sequence[str]:
        """Glob patterns below a home, e.g. ``**/*.jsonl``."""

    def sniff(self, path: Path) -> bool:
        """Whether this file is of our kind. Cheap (a few KB), by content first, never raises."""

    def read(self, source: Source, cursor: Cursor | None = None) -> Iterator[Record]:
        """Everything after ``cursor`` (None: from the start). Never raises for what a file contains;
        memory does not grow with the file beyond its longest record."""


@runtime_checkable
class HasSidecars(Protocol):
    """An importer whose session files have files beside them that hold what they only mention."""

    def sidecars(self, path: Path) -> Sequence[Path]:
        """Regular files that belong to this session file and are no session files themselves. They are kept with it
        and given back through ``Source.siblings`` when the source is gone. Never raises."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """A ``Source`` over a plain file, read up to ``limit`` bytes (None: all there is)."""

    path: Path
    limit: int | None = None

    @property
    def size(self) -> int:
        size = self.path.stat().st_size
        return size if self.limit is None else min(size, self.limit)

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def siblings(self, pattern: str) -> Sequence[Path]:
        try:
            return sorted(self.path.parent.glob(pattern))
        except (OSError, ValueError, NotImplementedError):
            return []

    def open_sibling(self, path: Path) -> BinaryIO:
        return path.open("rb")
