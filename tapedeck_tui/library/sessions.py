"""Sessions as the writer brings them forward: rows, membership, order and counts."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath

import orjson

from importers.contract import FLAG_FAILED, Session, Turn
from tapedeck_tui.library.ids import session_id
from tapedeck_tui.library.parts import Stored
from tapedeck_tui.secrets import mask
from tapedeck_tui.text import clean, one_line

TITLE_CHARS = 200


@dataclass(slots=True)
class _Counts:
    turns: int = 0
    typed: int = 0
    tools: int = 0
    failed: int = 0
    first: float | None = None
    last: float | None = None


class SessionBook:
    """What is known of sessions during one run of the writer. A session gets a row with its first turn."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._said: dict[str, Session] = {}
        self._rows: dict[str, int] = {}
        self._changed: set[str] = set()
        self._counts: dict[int, _Counts] = defaultdict(_Counts)
        self._next: dict[int, int] = {}
        self._shared: set[int] = set()
        self._live: set[int] = set()
        self._files: dict[int, set[int]] = {}

    def say(self, session: Session) -> None:
        """Remember what a file says of a session; later values win, empty ones never overwrite."""
        known = self._said.get(session.id)
        self._said[session.id] = _merged(known, session) if known else session
        self._changed.add(session.id)

    def row_of(self, native: str) -> int | None:
        """The row of a session that has turns, None otherwise."""
        if native not in self._rows:
            found = self._find(native)
            if found is None:
                return None
            self._rows[native] = found
        return self._rows[native]

    def _find(self, native: str) -> int | None:
        said = self._said.get(native)
        if said is not None:
            sql, args = "SELECT row FROM sessions WHERE id = ?", (session_id(said.harness, native),)
        else:
            sql, args = "SELECT row FROM sessions WHERE native_id = ?", (native,)
        found = self._db.execute(sql, args).fetchone()
        return int(found[0]) if found else None

    def row(self, turn: Turn) -> int:
        """The row of the turn's session, made now when it has none."""
        row = self.row_of(turn.session)
        if row is not None:
            return row
        said = self._said.setdefault(turn.session, Session(turn.session, turn.key.partition(":")[0]))
        self._changed.add(turn.session)
        cursor = self._db.execute(
            "INSERT INTO sessions (id, harness, native_id, kind) VALUES (?,?,?,?)",
            (session_id(said.harness, said.id), said.harness, clean(said.id), said.kind),
        )
        row = self._rows[turn.session] = int(cursor.lastrowid or 0)
        self._next[row] = 0
        self._files[row] = set()
        return row

    def is_better_home(self, session: int, home_session: int, file: int, home_file: int) -> bool:
        """Whether a turn that stands in two places should rather live in the new one. The rule does not
        depend on the order of imports: the session that began first, then a file that is still there, then the
        longer file, then names."""
        if session != home_session:
            self.write()
            keys = {
                row[0]: (row[1], row[2])
                for row in self._db.execute(
                    "SELECT row, coalesce(started_at, 1e18), native_id FROM sessions WHERE row IN (?, ?)",
                    (session, home_session),
                )
            }
            return keys[session] < keys[home_session]
        sizes = {
            row[0]: (row[3], -row[1], row[2])
            for row in self._db.execute(
                "SELECT row, max(kept, offset), CAST(path AS BLOB), gone_at IS NOT NULL FROM files"
                " WHERE row IN (?, ?)",
                (file, home_file),
            )
        }
        return sizes[file] < sizes[home_file]

    def member(self, turn: Turn, turn_row: int, file_row: int, seq: int, parts: list[Stored]) -> None:
        """The turn stands in its session. ``seq`` orders the turns of this file (see ``_renumber``)."""
        row = self.row(turn)
        found = self._db.execute(
            "SELECT file_row FROM membership WHERE session_row = ? AND turn_row = ?", (row, turn_row)
        ).fetchone()
        self._note_file(row, file_row)
        self._live.add(row)
        if found is not None:
            if found[0] != file_row and self.is_better_home(row, row, file_row, found[0]):
                self._db.execute(
                    "UPDATE membership SET file_row = ?, seq = ? WHERE session_row = ? AND turn_row = ?",
                    (file_row, seq, row, turn_row),
                )
            return
        if row not in self._next:
            top = self._db.execute(
                "SELECT max(position) FROM membership WHERE session_row = ?", (row,)
            ).fetchone()
            self._next[row] = -1 if top[0] is None else int(top[0])
            self._next[row] += 1
        position = self._next[row]
        self._next[row] += 1
        self._db.execute(
            "INSERT INTO membership VALUES (?,?,?,?,?)", (row, turn_row, file_row, seq, position)
        )
        counts = self._counts[row]
        counts.turns += 1
        counts.typed += turn.author == "typed"
        counts.tools += sum(p["k"] == "tool_call" for p in parts)
        counts.failed += FLAG_FAILED in turn.flags
        if turn.at is not None:
            counts.first = turn.at if counts.first is None else min(counts.first, turn.at)
            counts.last = turn.at if counts.last is None else max(counts.last, turn.at)
        self._changed.add(turn.session)

    def count_more(self, turn_row: int, tools: int, failed: int) -> None:
        """A known turn has this many more tool calls or failures: its sessions count them."""
        self._db.execute(
            "UPDATE sessions SET tools = tools + ?, failed = failed + ? WHERE row IN"
            " (SELECT session_row FROM membership WHERE turn_row = ?)",
            (tools, failed, turn_row),
        )

    def _note_file(self, row: int, file_row: int) -> None:
        if row not in self._files:
            self._files[row] = {
                r[0]
                for r in self._db.execute(
                    "SELECT DISTINCT file_row FROM membership WHERE session_row = ?", (row,)
                )
            }
        files = self._files[row]
        files.add(file_row)
        if len(files) > 1:
            self._shared.add(row)

    def write(self) -> None:
        """Bring the session rows up to date with what was said and counted."""
        for native in self._changed:
            row = self.row_of(native)
            if row is not None:
                self._save(row, self._said.get(native))
        self._changed.clear()
        for row, counts in self._counts.items():
            self._db.execute(
                _COUNT_SQL,
                {
                    "turns": counts.turns, "typed": counts.typed, "tools": counts.tools,
                    "failed": counts.failed, "first": counts.first, "last": counts.last, "row": row,
                },
            )  # fmt: skip
        self._counts.clear()
        for row in self._live:
            self._db.execute(
                "UPDATE sessions SET gone_at = NULL WHERE row = ? AND gone_at IS NOT NULL", (row,)
            )
        self._live.clear()
        for row in self._shared:
            self._renumber(row)
        self._shared.clear()

    def _renumber(self, row: int) -> None:
        """Order the turns of a session that stands in several files: slices by their first times; of copies, which
        begin alike, by where the turns stand, so that it does not matter which copy holds which turn."""
        order = self._db.execute(
            "SELECT m.turn_row FROM membership m JOIN files f ON f.row = m.file_row WHERE m.session_row = ?"
            " ORDER BY coalesce(f.first_at, 1e18), m.seq, f.path",
            (row,),
        ).fetchall()
        self._db.executemany(
            "UPDATE membership SET position = ? WHERE session_row = ? AND turn_row = ? AND position <> ?",
            [(i, row, turn[0], i) for i, turn in enumerate(order)],
        )
        self._next[row] = len(order)

    def _save(self, row: int, said: Session | None) -> None:
        if said is None:
            return
        old = self._db.execute(
            "SELECT title, title_rank, extra FROM sessions WHERE row = ?", (row,)
        ).fetchone()
        title, rank = old[0], old[1]
        if said.title and said.title_rank >= rank and not (said.title_rank == rank == 10 and title):
            title, rank = one_line(mask(said.title), TITLE_CHARS), said.title_rank
        extra = {**orjson.loads(old[2]), **{clean(k)[:60]: one_line(mask(v), 300) for k, v in said.extra}}
        self._db.execute(
            "UPDATE sessions SET title = :title, title_rank = :rank, extra = :extra, kind = :kind,"
            " project = coalesce(nullif(:project, ''), project), cwd = coalesce(nullif(:cwd, ''), cwd),"
            " branch = coalesce(nullif(:branch, ''), branch), model = coalesce(nullif(:model, ''), model),"
            " parent = coalesce(nullif(:parent, ''), parent), headless = max(headless, :headless),"
            " started_at = coalesce(min(started_at, :at), started_at, :at),"
            " sort_at = max(sort_at, coalesce(ended_at, :at, 0)) WHERE row = :row",
            {
                "title": title, "rank": rank, "extra": orjson.dumps(extra).decode(), "kind": said.kind,
                "project": project_name(said.project), "cwd": one_line(said.project, 1000),
                "branch": one_line(said.branch, 200), "model": one_line(said.model, 100),
                "parent": clean(said.parent), "headless": int(said.headless), "at": said.started_at, "row": row,
            },
        )  # fmt: skip


_COUNT_SQL = (
    "UPDATE sessions SET turns = turns + :turns, typed = typed + :typed, tools = tools + :tools,"
    " failed = failed + :failed,"
    " started_at = coalesce(min(started_at, :first), started_at, :first),"
    " ended_at = coalesce(max(ended_at, :last), ended_at, :last),"
    " sort_at = max(sort_at, coalesce(:last, 0)) WHERE row = :row"
)


def project_name(cwd: str) -> str:
    """What people call a working directory: its last component."""
    path = PureWindowsPath(cwd) if "\\" in cwd and "/" not in cwd else PurePosixPath(cwd)
    return one_line(path.name or cwd, 100)


def _merged(old: Session, new: Session) -> Session:
    changes: dict[str, object] = {}
    if new.title and new.title_rank >= old.title_rank and not (new.title_rank == old.title_rank == 10):
        changes |= {"title": new.title, "title_rank": new.title_rank}
    for name in ("project", "branch", "model", "parent", "harness"):
        if getattr(new, name):
            changes[name] = getattr(new, name)
    if new.kind != "agent":
        changes["kind"] = new.kind
    if new.started_at is not None:
        changes["started_at"] = (
            new.started_at if old.started_at is None else min(old.started_at, new.started_at)
        )
    changes["headless"] = old.headless or new.headless
    changes["extra"] = tuple({**dict(old.extra), **dict(new.extra)}.items())
    return replace(old, **changes)  # type: ignore[arg-type]
