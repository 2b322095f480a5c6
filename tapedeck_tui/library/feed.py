"""What the indexes read from the library: the outbox of changed turns, and how far each index has come."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tapedeck_tui.library import parts as stored_parts

INDEXES = ("lexical", "vectors")
"""The indexes that read the outbox, each with its own watermark."""
LAST_LOOK = "last-look"
"""Key of when all sources were looked at last, Unix seconds."""
SAID_AUTHORS = frozenset({"typed", "assistant", "person"})
OUTSIDE = frozenset({"headless", "synthetic", "echo"})
"""Flags that keep a turn out of retrieval (DESIGN section 6); ``is:headless`` brings headless runs back."""


@dataclass(frozen=True, slots=True)
class Doc:
    """A turn as the indexes see it. ``text`` is what was said; ``tool`` what tools were asked and answered."""

    row: int
    id: str
    session_row: int
    session_id: str
    harness: str
    project: str
    author: str
    at: float | None
    model: str
    speaker: str
    flags: frozenset[str]
    kind: str
    text: str
    tool: str
    tool_names: tuple[str, ...]
    files: tuple[str, ...]
    prompt: str
    is_child: bool
    headless: bool
    session_kind: str
    title: str
    chunks: int = 0


_DOC = (
    "SELECT t.row, t.id, t.session_row, s.id, s.harness, s.project, t.author, t.at, t.model, t.speaker, t.flags,"
    " t.parts, p.parts, s.parent <> '', s.headless, s.kind, s.title, t.chunks"
    " FROM turns t JOIN sessions s ON s.row = t.session_row LEFT JOIN turns p ON p.row = t.prompt_row"
)


def _doc(values: Sequence[object]) -> Doc:
    (row, ident, session_row, session, harness, project, author, at, model, speaker, flags, blob, prompt, child, headless, kind, title, chunks) = values  # fmt: skip
    parts = stored_parts.load(blob)  # type: ignore[arg-type]
    text = stored_parts.said(parts)
    tools = [p for p in parts if p["k"] in ("tool_call", "tool_result")]
    asked = stored_parts.said(stored_parts.load(prompt)) if prompt and author != "typed" else ""  # type: ignore[arg-type]
    flag_set = frozenset(str(flags).split())
    return Doc(
        row, ident, session_row, session, harness, project, author, at, model, speaker, flag_set,  # type: ignore[arg-type]
        _kind(str(author), flag_set, text), text, "\n".join(p.get("t", "") for p in tools),
        tuple(p["n"] for p in tools if p.get("n")), tuple(f for p in parts for f in p.get("p", ())),
        asked, bool(child), bool(headless), str(kind), str(title), int(chunks),  # type: ignore[call-overload]
    )  # fmt: skip


def _kind(author: str, flags: frozenset[str], text: str) -> str:
    """``said`` (people and models talking), ``tool``, or ``machine`` (kept out of plain searches)."""
    if author in SAID_AUTHORS and text and not flags & OUTSIDE:
        return "said"
    if author in ("assistant", "tool") and not flags & OUTSIDE:
        return "tool"
    return "machine"


class Feed:
    """The writer's side: what is waiting, and marking it done."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def waiting(self, index: str) -> int:
        """How many turns an index has still to take."""
        done = self.watermark(index)
        return int(self._db.execute("SELECT count(*) FROM outbox WHERE seq > ?", (done,)).fetchone()[0])

    def watermark(self, index: str) -> int:
        return int(get_meta(self._db, f"{index}-seq", "0"))

    def batches(self, index: str, size: int) -> Iterator[tuple[int, list[Doc]]]:
        """(sequence number of the last, docs) of what is waiting, oldest first. Mark each with ``done``."""
        after = self.watermark(index)
        while True:
            found = self._db.execute(
                "SELECT seq, turn_row FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", (after, size)
            ).fetchall()
            if not found:
                return
            after = int(found[-1][0])
            yield after, self.docs([int(r[1]) for r in found])

    def docs(self, rows: Sequence[int]) -> list[Doc]:
        """Docs of these turn rows (missing ones are left out)."""
        out: list[Doc] = []
        for start in range(0, len(rows), 500):
            some = list(rows[start : start + 500])
            marks = ",".join("?" * len(some))
            out += [_doc(v) for v in self._db.execute(f"{_DOC} WHERE t.row IN ({marks})", some)]
        return out

    def done(self, index: str, seq: int) -> None:
        """The index holds, durably, everything up to ``seq``."""
        self._set(f"{index}-seq", seq)

    def count_up(self, key: str) -> None:
        """A generation number readers watch."""
        self._set(key, int(get_meta(self._db, key, "0")) + 1)

    def looked(self, at: float) -> None:
        """All sources were looked at, whether there was anything new or not.

        Args:
            at: Unix seconds.
        """
        self._set(LAST_LOOK, int(at))

    def _set(self, key: str, value: int) -> None:
        self._db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, str(value)),
        )

    def counts(self) -> tuple[int, int]:
        """(sessions with turns, turns) in the library."""
        sessions = self._db.execute("SELECT count(*) FROM sessions WHERE turns > 0").fetchone()[0]
        return int(sessions), int(self._db.execute("SELECT count(*) FROM turns").fetchone()[0])

    def restart(self, index: str) -> None:
        """The index was lost: it takes everything again. One that waited for nothing still does."""
        complete = [other for other in INDEXES if other != index and not self.waiting(other)]
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT INTO outbox (turn_row) SELECT row FROM turns ORDER BY row")
        first, last = self._db.execute(
            "SELECT coalesce(min(seq), 1), coalesce(max(seq), 0) FROM outbox"
        ).fetchone()
        self.done(index, int(first) - 1)
        for other in complete:
            self.done(other, int(last))
        self._db.execute("COMMIT")

    def trim(self) -> None:
        """Forget outbox rows every index has taken."""
        low = min(self.watermark(index) for index in INDEXES)
        self._db.execute("DELETE FROM outbox WHERE seq <= ?", (low,))

    def set_chunks(self, counts: Sequence[tuple[int, int]]) -> None:
        """Remember how many chunks each turn (row, chunks) has in the vectors."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("UPDATE turns SET chunks = ? WHERE row = ?", [(n, row) for row, n in counts])
        self._db.execute("COMMIT")

    def chunks(self, rows: Sequence[int]) -> dict[int, int]:
        """How many chunks each of these turns had when it was last embedded."""
        out: dict[int, int] = {}
        for start in range(0, len(rows), 500):
            some = list(rows[start : start + 500])
            marks = ",".join("?" * len(some))
            sql = f"SELECT row, chunks FROM turns WHERE chunks > 0 AND row IN ({marks})"
            out.update({int(r): int(n) for r, n in self._db.execute(sql, some)})
        return out


def get_meta(db: sqlite3.Connection, key: str, default: str = "") -> str:
    found = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(found[0]) if found else default
