"""Reading the library: lists, sessions, turns, numbers. Every method may be called from any thread."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from tapedeck_tui.errors import NotFound
from tapedeck_tui.library import filenames
from tapedeck_tui.library import parts as stored_parts
from tapedeck_tui.library.feed import Doc, Feed, get_meta
from tapedeck_tui.library.numbers import SourceNumbers, Totals, by_importer, totals
from tapedeck_tui.library.schema import Readers
from tapedeck_tui.model import (
    BrowseFilter,
    LinkView,
    ProblemRow,
    SessionRow,
    SessionView,
    TurnView,
)
from tapedeck_tui.text import clean

_SESSION = "row, id, harness, kind, title, project, started_at, ended_at, turns, typed, tools, failed, headless, parent, gone_at"
_TURN = "t.row, t.id, s.id, m.position, t.author, t.at, t.model, t.speaker, t.parts, t.flags, t.digest, f.path, t.line"
_TURN_FROM = (
    " FROM membership m JOIN turns t ON t.row = m.turn_row JOIN sessions s ON s.row = m.session_row"
    " LEFT JOIN files f ON f.row = t.file_row"
)


@dataclass(frozen=True, slots=True)
class TapePlace:
    """Where a turn's lines stand on a tape: (offset, length) of each."""

    importer: str
    path: str
    tape_id: str
    take: int
    spans: tuple[tuple[int, int], ...]


class Browser:
    """Plain reads. ``stars`` and labels come from keep.db and are joined by the caller."""

    def __init__(self, path: Path) -> None:
        self._readers = Readers(path)

    def _all(self, sql: str, args: Sequence[object] | dict[str, object] = ()) -> list[tuple[object, ...]]:
        db = self._readers.get()
        return [] if db is None else db.execute(sql, args).fetchall()

    # for the indexes

    def meta(self, key: str) -> str:
        """A small fact of the library, "" when unknown."""
        db = self._readers.get()
        return "" if db is None else get_meta(db, key)

    def docs(self, rows: Sequence[int]) -> list[Doc]:
        """Turns as the indexes see them."""
        db = self._readers.get()
        return [] if db is None else Feed(db).docs(rows)

    def rows_of_turns(self, ids: Sequence[str]) -> dict[str, int]:
        """Turn id -> row, of those that exist."""
        return {str(i): int(r) for r, i in self._in("SELECT row, id FROM turns WHERE id", ids)}  # type: ignore[call-overload]

    def homes(self, rows: Sequence[int]) -> dict[int, int]:
        """Turn row -> row of its home session."""
        return {int(r): int(s) for r, s in self._in("SELECT row, session_row FROM turns WHERE row", rows)}  # type: ignore[call-overload]

    def gone(self) -> list[str]:
        """Ids of the sessions whose source files are gone."""
        return [str(i) for (i,) in self._all("SELECT id FROM sessions WHERE gone_at IS NOT NULL")]

    def numbers(self) -> tuple[Totals, dict[str, SourceNumbers]] | None:
        """Everything in numbers, None while there is no library."""
        db = self._readers.get()
        return None if db is None else (totals(db), by_importer(db))

    def _in(self, sql: str, values: Sequence[object]) -> list[tuple[object, ...]]:
        """Rows of ``sql IN (values)``, 500 values at a time."""
        out: list[tuple[object, ...]] = []
        for start in range(0, len(values), 500):
            some = list(values[start : start + 500])
            out += self._all(f"{sql} IN ({','.join('?' * len(some))})", some)
        return out

    # lists

    def order(self, only: BrowseFilter, among: Iterable[str] | None = None) -> array[int]:
        """Rows of the sessions a list shows, newest first; ``among`` restricts to these session ids."""
        where, args = ["turns > 0"], []
        if not only.children:
            where.append("parent = ''")
        if not only.headless:
            where.append("headless = 0")
        for column, value in (("harness", only.harness), ("project", only.project)):
            if value:
                where.append(f"{column} = ?")
                args.append(value)
        sql = f"SELECT row FROM sessions WHERE {' AND '.join(where)} ORDER BY sort_at DESC, row DESC"
        rows = array("q", (int(r[0]) for r in self._all(sql, args)))  # type: ignore[call-overload]
        if among is None:
            return rows
        wanted = {r for r, _ in self._rows_of(among)}
        return array("q", (r for r in rows if r in wanted))

    def _rows_of(self, ids: Iterable[str]) -> list[tuple[int, str]]:
        found = self._in("SELECT row, id FROM sessions WHERE id", list(ids))
        return [(int(r), str(i)) for r, i in found]  # type: ignore[call-overload]

    def session_rows(self, rows: Sequence[int]) -> list[SessionRow]:
        values = self._in(f"SELECT {_SESSION} FROM sessions WHERE row", rows)
        found = {row.row: row for row in map(_session_row, values)}
        return [found[r] for r in rows if r in found]

    def projects(self) -> list[tuple[str, int]]:
        sql = (
            "SELECT project, count(*) FROM sessions WHERE project <> '' AND turns > 0 AND parent = ''"
            " GROUP BY project ORDER BY 2 DESC, 1"
        )
        return [(str(p), int(n)) for p, n in self._all(sql)]  # type: ignore[call-overload]

    def titles(self, limit: int) -> list[tuple[str, str, int]]:
        """(title, project, typed turns) of the newest sessions a person took part in."""
        sql = (
            "SELECT title, project, typed FROM sessions WHERE title <> '' AND typed > 0 AND headless = 0"
            " AND parent = '' ORDER BY sort_at DESC LIMIT ?"
        )
        return [(str(t), str(p), int(n)) for t, p, n in self._all(sql, (limit,))]  # type: ignore[call-overload]

    # one session

    def find_session(self, name: str) -> SessionRow:
        """By id, unique prefix of an id (with or without ``s_``), or the harness's own id. Raises NotFound."""
        name = clean(name)
        exact = self._all(
            f"SELECT {_SESSION} FROM sessions WHERE id = ? OR native_id = ? LIMIT 2", (name, name)
        )
        if not exact and len(name) >= 4:
            low, high = name, name + "\uffff"
            exact = self._all(
                f"SELECT {_SESSION} FROM sessions WHERE (id >= ? AND id < ?) OR (id >= ? AND id < ?)"
                " OR (native_id >= ? AND native_id < ?) LIMIT 2",
                (low, high, "s_" + low, "s_" + high, low, high),
            )
        if len(exact) == 1:
            return _session_row(exact[0])
        if exact:
            raise NotFound(f"More than one session begins with {name!r}.", "Give more of its id.")
        raise NotFound(
            f"There is no session {name!r} in the library.", "tapedeck search shows the ids of what it finds."
        )

    def session(self, name: str) -> SessionView:
        row = self.find_session(name)
        native, cwd, branch, model, parent, extra = self._all(
            "SELECT native_id, cwd, branch, model, parent, extra FROM sessions WHERE row = ?", (row.row,)
        )[0]
        paths = self._all(
            "SELECT f.path, f.row FROM membership m JOIN files f ON f.row = m.file_row WHERE m.session_row = ?"
            " ORDER BY m.position LIMIT 1",
            (row.row,),
        )
        problems = 0
        if paths:
            problems = int(
                self._all("SELECT count(*) FROM problems WHERE file_row = ?", (paths[0][1],))[0][0]  # type: ignore[call-overload]
            )
        tokens = self._all(
            "SELECT coalesce(sum(input + cache_read + cache_write), 0), coalesce(sum(output), 0) FROM usage"
            " WHERE session_row = ?",
            (row.row,),
        )[0]
        children = self._all(
            "SELECT native_id, id, title FROM sessions WHERE parent = ? AND harness = ? ORDER BY started_at",
            (native, row.harness),
        )
        return SessionView(
            row=row,
            native_id=str(native),
            cwd=str(cwd),
            branch=str(branch),
            model=str(model),
            path=filenames.read(paths[0][0]) if paths else "",
            parent=self._link("child-of", str(parent), row.harness) if parent else None,
            children=tuple(LinkView("spawned", str(n), str(i), str(t)) for n, i, t in children),
            links=self._links(row),
            tokens_in=int(tokens[0]),  # type: ignore[call-overload]
            tokens_out=int(tokens[1]),  # type: ignore[call-overload]
            problems=problems,
            extra=tuple(orjson.loads(str(extra)).items()),
        )

    def _links(self, row: SessionRow) -> tuple[LinkView, ...]:
        links = self._all(
            "SELECT kind, target, note FROM links WHERE session_row = ? AND kind <> 'spawned' ORDER BY kind, target"
            " LIMIT 100",
            (row.row,),
        )
        return tuple(
            self._link(str(kind), str(target), row.harness, str(note)) for kind, target, note in links
        )

    def _link(self, kind: str, target: str, harness: str, note: str = "") -> LinkView:
        found = self._all(
            "SELECT id, title FROM sessions WHERE native_id = ? AND harness = ? LIMIT 1", (target, harness)
        )
        if found:
            return LinkView(kind, target, str(found[0][0]), str(found[0][1]), note)
        return LinkView(kind, target, note=note)

    # turns

    def turn_count(self, session_id: str) -> int:
        return self.find_session(session_id).turns

    def turns(self, session_id: str, start: int = 0, limit: int = 100) -> list[TurnView]:
        row = self.find_session(session_id).row
        found = self._all(
            f"SELECT {_TURN}{_TURN_FROM} WHERE m.session_row = ? AND m.position >= ? AND m.position < ?"
            " ORDER BY m.position",
            (row, start, start + limit),
        )
        return [_turn(values) for values in found]

    def turn(self, turn_id: str) -> TurnView:
        """By id or unique prefix. In the session that is its home. Raises NotFound."""
        turn_id = clean(turn_id)
        where = f"SELECT {_TURN}{_TURN_FROM} WHERE m.session_row = t.session_row AND "
        found = self._all(where + "t.id = ?", (turn_id,))
        if not found and len(turn_id) >= 4:
            name = turn_id if turn_id.startswith("t_") else "t_" + turn_id
            found = self._all(where + "t.id >= ? AND t.id < ? LIMIT 2", (name, name + "\uffff"))
        if len(found) == 1:
            return _turn(found[0])
        if found:
            raise NotFound(f"More than one turn begins with {turn_id!r}.", "Give more of its id.")
        raise NotFound(
            f"There is no turn {turn_id!r} in the library.", "It may have been forgotten, or the id is cut."
        )

    def tape_place(self, turn_id: str) -> TapePlace | None:
        """Where the lines of a turn are kept."""
        found = self._all(
            "SELECT f.importer, f.path, f.tape_id, f.take, t.parts FROM turns t JOIN files f"
            " ON f.row = t.file_row WHERE t.id = ?",
            (turn_id,),
        )
        if not found:
            return None
        importer, path, tape, take, blob = found[0]
        spans = {(p["o"], p["b"]) for p in stored_parts.load(blob) if p.get("b") and "f" not in p}  # type: ignore[arg-type]
        return TapePlace(str(importer), filenames.read(path), str(tape), int(take), tuple(sorted(spans)))  # type: ignore[call-overload]

    def turns_by_row(self, rows: Sequence[int]) -> dict[int, TurnView]:
        """Turns in their home sessions, by row number."""
        found = self._in(f"SELECT {_TURN}{_TURN_FROM} WHERE m.session_row = t.session_row AND t.row", rows)
        return {int(values[0]): _turn(values) for values in found}  # type: ignore[call-overload]

    def positions_with(self, session_id: str, words: Sequence[str]) -> list[int]:
        """Positions of the turns of a session whose text or tool text holds all the words (any case)."""
        row = self.find_session(session_id).row
        lowered = [w.casefold() for w in words if w]
        if not lowered:
            return []
        out: list[int] = []
        found = self._all(
            "SELECT m.position, t.parts FROM membership m JOIN turns t ON t.row = m.turn_row"
            " WHERE m.session_row = ? ORDER BY m.position",
            (row,),
        )
        for position, blob in found:
            text = "\n".join(p.get("t", "") for p in stored_parts.load(blob)).casefold()  # type: ignore[arg-type]
            if all(w in text for w in lowered):
                out.append(int(position))  # type: ignore[call-overload]
        return out

    def problems(self, limit: int) -> list[ProblemRow]:
        found = self._all(
            "SELECT coalesce(f.importer, ''), coalesce(f.path, p.place), p.line, p.offset, p.length, p.kind,"
            " p.what, p.hint FROM problems p LEFT JOIN files f ON f.row = p.file_row ORDER BY p.row DESC LIMIT ?",
            (limit,),
        )
        return [ProblemRow(v[0], filenames.read(v[1]), *v[2:]) for v in found]  # type: ignore[arg-type]


def _session_row(values: Sequence[object]) -> SessionRow:
    (
        row,
        ident,
        harness,
        kind,
        title,
        project,
        started,
        ended,
        turns,
        typed,
        tools,
        failed,
        headless,
        parent,
        gone,
    ) = values
    return SessionRow(
        row=row, id=ident, harness=harness, kind=kind, title=title or "", project=project,  # type: ignore[arg-type]
        started_at=started, ended_at=ended, turns=turns, typed=typed, tools=tools, failed=failed,  # type: ignore[arg-type]
        headless=bool(headless), is_child=bool(parent), gone=gone is not None,
    )  # fmt: skip


def _turn(values: Sequence[object]) -> TurnView:
    _row, ident, session, position, author, at, model, speaker, blob, flags, digest, path, line = values
    return TurnView(
        id=ident, session_id=session, position=position, author=author, at=at, model=model, speaker=speaker,  # type: ignore[arg-type]
        parts=tuple(stored_parts.view(p) for p in stored_parts.load(blob)),  # type: ignore[arg-type]
        flags=frozenset(str(flags).split()), digest=digest, path=filenames.read(path), line=line,  # type: ignore[arg-type]
    )  # fmt: skip
