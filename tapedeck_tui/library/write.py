"""Writing to the library: one transaction brings turns, cursors and the outbox forward together."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

import orjson

from importers.contract import FLAG_FAILED, Cursor, Link, Problem, Record, Session, Turn, Usage
from tapedeck_tui.library import filenames, gone, trouble
from tapedeck_tui.library import parts as stored_parts
from tapedeck_tui.library.filestate import FileState
from tapedeck_tui.library.ids import turn_id
from tapedeck_tui.library.sessions import SessionBook
from tapedeck_tui.secrets import mask
from tapedeck_tui.text import clean, one_line

PROMPT_AUTHORS = frozenset({"typed", "program", "parent-model"})
"""Authors whose turn is the ask that the following turns answer."""
SUPERSEDED = "superseded"
"""Flag of a turn that only an older take of its file has."""
_Known = tuple[int, int, int, bytes, str]
"""Of a turn in the library: its row, the rows of its session and file, parts, flags."""


@dataclass(slots=True)
class _Pending:
    turn: Turn
    parts: list[stored_parts.Stored]
    file: FileState
    seq: int
    prompt: str
    prompt_row: int | None


class Writer:
    """Collects records and writes them in one transaction per ``flush``.

    Args:
        db: a write connection (one writer at a time, under the ingest lock).
        clock: Unix seconds.
    """

    def __init__(self, db: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._db = db
        self._clock = clock
        self._book = SessionBook(db)
        self._turns: dict[str, _Pending] = {}
        self._usage: dict[str, Usage] = {}
        self._links: list[Link] = []
        self._problems: list[tuple[FileState | None, Problem]] = []
        self._files: dict[str, FileState] = {}
        self._prompt: dict[tuple[str, str], str] = {}
        self._prompt_rows: dict[str, int] = {}
        self._changed = 0
        self.buffered = 0

    def file(self, importer: str, path: str) -> FileState:
        """What is known of this file; a blank state for a new one."""
        row = self._db.execute(
            "SELECT row, tape_id, take, kept, offset, line, state, pending, seq, prompt_row, inode, size,"
            " mtime_ns, first_at, read_at, importer, gone_at FROM files WHERE path = ?",
            (filenames.stored(path),),
        ).fetchone()
        if row is None:
            return FileState(importer, path)
        file = FileState(
            importer or row[15], path, row[0], row[1], row[2], row[3],
            Cursor(row[4], row[5], orjson.loads(row[6]), row[7]), row[8], row[9],
            inode=row[10], size=row[11], mtime_ns=row[12], first_at=row[13], read_at=row[14],
        )  # fmt: skip
        if row[16] is not None:
            file.read_again()  # it is back: what other files took over meanwhile comes home
        return file

    def known_paths(self) -> set[str]:
        """Paths of all files the library knows."""
        return {filenames.read(row[0]) for row in self._db.execute("SELECT path FROM files")}

    def start_take(self, file: FileState, tape_id: str, take: int) -> None:
        """The file was rewritten (or is new): read it from the start. Its turns stay, marked superseded
        until they are seen again."""
        if file.row or file.tape_id:
            self._write()
            self._db.execute("BEGIN IMMEDIATE")
            standing = f"file_row = ? AND instr(flags, '{SUPERSEDED}') = 0"
            self._db.execute(
                f"INSERT INTO outbox (turn_row) SELECT row FROM turns WHERE {standing}", (file.row,)
            )
            self._db.execute(
                f"UPDATE turns SET flags = trim(flags || ' {SUPERSEDED}') WHERE {standing}", (file.row,)
            )
            self._db.execute("DELETE FROM problems WHERE file_row = ?", (file.row,))
            self._db.execute("COMMIT")
        file.tape_id, file.take, file.cursor, file.seq = tape_id, take, Cursor(), 0
        file.prompt_row, file.prompt_session, file.first_at = None, "", None
        self._prompt = {k: v for k, v in self._prompt.items() if k[0] != file.path}

    def add(self, file: FileState, record: Record) -> None:
        """Take one record of a file. Nothing is written before ``flush``."""
        match record:
            case Turn():
                self._add_turn(file, record)
            case Session():
                self._book.say(record)
            case Cursor():
                file.cursor = record
                self._files[file.path] = file
            case Usage():
                known = self._usage.get(record.key)
                self._usage[record.key] = _most(known, record) if known else record
            case Link():
                self._links.append(record)
            case Problem():
                self._problems.append((file, record))

    def _add_turn(self, file: FileState, turn: Turn) -> None:
        parts = [p for p in map(stored_parts.store, turn.parts) if p is not None]
        ident = turn_id(turn.key)
        where = (file.path, turn.session)
        known = self._turns.get(ident)
        if known is not None and (known.turn.session != turn.session or known.file is not file):
            self._write()  # a copy meets its original in the library, by the same rules whenever it is read
            known = None
        if known is None:
            if not parts:
                return
            file.seq = max(file.seq + 1, turn.span.offset)
            prompt = self._prompt.get(where, "")
            inherited = file.prompt_row if file.prompt_session in ("", turn.session) else None
            self._turns[ident] = _Pending(turn, parts, file, file.seq, prompt, inherited)
            file.prompt_session = turn.session
        else:
            stored_parts.merge(known.parts, parts)
            known.turn = _more_of(known.turn, turn)
        if turn.author in PROMPT_AUTHORS:
            self._prompt[where] = ident
        if file.first_at is None:
            file.first_at = turn.at
        self.buffered += sum(p.get("b", 0) + 200 for p in parts)

    def note_problem(self, problem: Problem) -> None:
        """A problem of something that could not be read at all."""
        self._problems.append((None, problem))

    def forget_problems(self, place: str | None = None) -> None:
        """Forget what could not be read at all, everywhere or at one place: it is about to be tried again."""
        trouble.forget_loose(self._db, place)

    def touch(self, file: FileState) -> None:
        """Write the file's state at the next flush though no record came."""
        self._files[file.path] = file

    def mark_gone(
        self, importers: Iterable[str], seen: Collection[str], paths: Iterable[str] | None = None
    ) -> list[str]:
        """Files that were kept and are not there any more: their sessions stay, marked gone. Returns their paths.

        Args:
            importers: whose files.
            seen: paths that are there. Others (imported by path) are looked at one by one.
            paths: look at no more than these; None = all.
        """
        return gone.mark(self._db, self._clock(), importers, seen, paths)

    def twins(self, path: str) -> list[str]:
        """Files that are there and have the name of this one: a moved, copied or compressed one."""
        return gone.twins(self._db, path)

    def flush(self) -> int:
        """Write everything collected, in one transaction. Returns how many turns are new or changed since it was
        last called."""
        self._write()
        changed, self._changed = self._changed, 0
        return changed

    def _write(self) -> None:
        if not (self._turns or self._files or self._problems or self._usage or self._links):
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for file in {id(p.file): p.file for p in self._turns.values()}.values():
                self._files.setdefault(file.path, file)
            for file in self._files.values():
                self._ensure_file(file)
            changed = self._write_turns()
            self._book.write()
            early = self._write_rest()
            for file in self._files.values():
                self._save_file(file)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._turns.clear()
        self._usage.clear()
        self._links = early
        self._problems.clear()
        self._files.clear()
        self.buffered = 0
        self._changed += changed

    def _ensure_file(self, file: FileState) -> None:
        """Give the file a row with what the order of turns depends on."""
        if not file.row:
            cursor = self._db.execute(
                "INSERT INTO files (importer, path) VALUES (?, ?)",
                (file.importer, filenames.stored(file.path)),
            )
            file.row = int(cursor.lastrowid or 0)
        self._db.execute(
            "UPDATE files SET kept = ?, first_at = ?, gone_at = NULL WHERE row = ?",
            (file.kept, file.first_at, file.row),
        )

    def _save_file(self, file: FileState) -> None:
        cursor = file.cursor
        self._db.execute(
            "UPDATE files SET tape_id = ?, take = ?, kept = ?, offset = ?, line = ?, state = ?, pending = ?,"
            " seq = ?, prompt_row = ?, inode = ?, size = ?, mtime_ns = ?, first_at = ?, read_at = ? WHERE row = ?",
            (
                file.tape_id, file.take, file.kept, cursor.offset, cursor.line,
                orjson.dumps(_masked(cursor.state)).decode(), cursor.pending, file.seq, file.prompt_row,
                file.inode, file.size, file.mtime_ns, file.first_at, self._clock(), file.row,
            ),
        )  # fmt: skip

    def _write_turns(self) -> int:
        known = self._known(self._turns)
        next_row = int(self._db.execute("SELECT coalesce(max(row), 0) FROM turns").fetchone()[0]) + 1
        rows: dict[str, int] = {ident: row[0] for ident, row in known.items()}
        inserts: list[tuple[object, ...]] = []
        outbox: list[tuple[int]] = []
        members: list[tuple[FileState, int, str]] = []
        for ident, pending in self._turns.items():
            turn, file = pending.turn, pending.file
            session_row = self._book.row(turn)
            prompt_row = pending.prompt_row
            if pending.prompt:
                prompt_row = rows.get(pending.prompt) or self._prompt_rows.get(pending.prompt)
            if ident in known:
                row = known[ident][0]
                if self._update_turn(known[ident], pending, session_row):
                    outbox.append((row,))
            else:
                row = rows[ident] = next_row
                next_row += 1
                tools = sum(p["k"] == "tool_call" for p in pending.parts)
                inserts.append(
                    (
                        row, ident, session_row, file.row, prompt_row, turn.author, turn.at,
                        clean(turn.model), one_line(turn.speaker, 100), " ".join(sorted(turn.flags)),
                        stored_parts.turn_digest(pending.parts), stored_parts.dump(pending.parts), tools,
                        turn.span.line, turn.span.offset, turn.span.length,
                    )
                )  # fmt: skip
                outbox.append((row,))
            members.append((file, pending.seq, ident))
            if turn.author in PROMPT_AUTHORS:
                file.prompt_row = self._prompt_rows[ident] = row
        self._db.executemany(
            "INSERT INTO turns (row, id, session_row, file_row, prompt_row, author, at, model, speaker, flags,"
            " digest, parts, tools, line, offset, length) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            inserts,
        )
        for file, seq, ident in sorted(members, key=lambda m: (m[0].row, m[1])):
            pending = self._turns[ident]
            self._book.member(pending.turn, rows[ident], file.row, seq, pending.parts)
        self._db.executemany("INSERT INTO outbox (turn_row) VALUES (?)", outbox)
        return len(outbox)

    def _known(self, idents: Iterable[str]) -> dict[str, _Known]:
        found: dict[str, _Known] = {}
        names = list(idents)
        for start in range(0, len(names), 500):
            some = names[start : start + 500]
            marks = ",".join("?" * len(some))
            for row in self._db.execute(
                f"SELECT row, session_row, file_row, parts, flags, id FROM turns WHERE id IN ({marks})", some
            ):
                found[row[5]] = row[:5]
        return found

    def _update_turn(self, known: _Known, pending: _Pending, session_row: int) -> bool:
        row, home_session, home_file, blob, flags = known
        old, old_flags = stored_parts.load(blob), set(flags.split())
        turn, file = pending.turn, pending.file
        before = sum(p["k"] == "tool_call" for p in old)
        if file.row == home_file:
            moves = SUPERSEDED in old_flags  # it stands elsewhere in the new take
        else:
            moves = self._book.is_better_home(session_row, home_session, file.row, home_file)
        if moves:
            parts, more = pending.parts, [dict(p, f=p.get("f", home_file)) for p in old]
        else:
            parts, more = old, pending.parts
            if file.row != home_file:
                more = [dict(p, f=file.row) for p in more]
        changed = stored_parts.merge(parts, more)
        new_flags = " ".join(sorted((old_flags - {SUPERSEDED}) | turn.flags))
        if not (changed or moves or new_flags != flags):
            return False
        tools = sum(p["k"] == "tool_call" for p in parts)
        fails = FLAG_FAILED in turn.flags and FLAG_FAILED not in old_flags
        if tools != before or fails:
            self._book.count_more(row, tools - before, int(fails))
        self._db.execute(
            "UPDATE turns SET parts = ?, digest = ?, flags = ?, tools = ? WHERE row = ?",
            (stored_parts.dump(parts), stored_parts.turn_digest(parts), new_flags, tools, row),
        )
        if moves:
            self._db.execute(
                "UPDATE turns SET session_row = ?, file_row = ?, line = ?, offset = ?, length = ? WHERE row = ?",
                (session_row, file.row, turn.span.line, turn.span.offset, turn.span.length, row),
            )
        return changed or new_flags != flags or home_session != session_row

    def _write_rest(self) -> list[Link]:
        """Gives back the links of sessions that have no turn yet: a sub-agent may be read before its parent."""
        early: list[Link] = []
        for use in self._usage.values():
            row = self._book.row_of(use.session)
            if row is not None:
                self._db.execute(
                    "INSERT INTO usage VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (key) DO UPDATE SET"
                    " input = max(input, excluded.input), output = max(output, excluded.output),"
                    " cache_read = max(cache_read, excluded.cache_read),"
                    " cache_write = max(cache_write, excluded.cache_write),"
                    " model = coalesce(nullif(excluded.model, ''), model)",
                    (use.key, row, clean(use.model), use.input, use.output, use.cache_read, use.cache_write, use.at),
                )  # fmt: skip
        for link in self._links:
            row = self._book.row_of(link.session)
            if link.kind == "abandoned":
                self._abandon(turn_id(link.target))
            elif row is None:
                early.append(link)
            else:
                self._db.execute(
                    "INSERT INTO links VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET note = max(note, excluded.note)",
                    (row, link.kind, mask(clean(link.target))[:2000], one_line(mask(link.note), 300)),
                )
        for file, problem in self._problems:
            trouble.save(self._db, file.row if file else None, problem)
        return early

    def _abandon(self, ident: str) -> None:
        row = self._db.execute("SELECT row, flags FROM turns WHERE id = ?", (ident,)).fetchone()
        if row is not None and "abandoned" not in row[1].split():
            flags = " ".join(sorted({*row[1].split(), "abandoned"}))
            self._db.execute("UPDATE turns SET flags = ? WHERE row = ?", (flags, row[0]))
            self._db.execute("INSERT INTO outbox (turn_row) VALUES (?)", (row[0],))


def _more_of(known: Turn, later: Turn) -> Turn:
    """What is known of a turn after it was yielded again (its parts are merged as they are stored)."""
    return replace(
        known,
        at=known.at if known.at is not None else later.at,
        model=known.model or later.model,
        speaker=known.speaker or later.speaker,
        flags=known.flags | later.flags,
    )


def _most(a: Usage, b: Usage) -> Usage:
    return Usage(
        a.key, a.session, b.model or a.model, max(a.input, b.input), max(a.output, b.output),
        max(a.cache_read, b.cache_read), max(a.cache_write, b.cache_write), a.at or b.at,
    )  # fmt: skip


def _masked(value: object) -> object:
    """A cursor's state without secrets: it holds titles."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {k: _masked(v) for k, v in value.items()}
    return [_masked(v) for v in value] if isinstance(value, list) else value
