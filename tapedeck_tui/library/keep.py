"""What the user made: stars, labels, notes, titles, answers, verdicts and the registry of promoted things.

``keep.db`` is durable. Everything in it is keyed by stable ids (``s_…``, ``t_…``), so it survives a rebuild
of the library. The file is private (0600) and only ever changed by numbered migrations.
"""

from __future__ import annotations

import base64
import dataclasses
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from tapedeck_tui.errors import NotFound, StorageError, UsageError
from tapedeck_tui.library.keep_schema import MIGRATIONS
from tapedeck_tui.model import Answer, Citation, Evidence, Place, Promoted
from tapedeck_tui.paths import FILE_MODE
from tapedeck_tui.text import one_line

BUSY_SECONDS = 5.0
"""How long a writer waits for another process, in seconds."""
MAX_LABEL = 64
"""Characters of a label."""


class Keep:
    """The durable store of what the user made. May be used from any thread: each gets its own connection.

    Args:
        path: ``keep.db``; created (0600) when missing. Its folder must exist.
        clock: Unix seconds; given by tests.

    Raises:
        StorageError: the file cannot be opened, is damaged, or was written by a newer tapedeck.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: list[sqlite3.Connection] = []
        with self._guard("open"):
            # the first switch to WAL does not wait for other connections as everything else does
            from filelock import FileLock

            if not path.parent.is_dir():
                raise FileNotFoundError(f"there is no folder {path.parent}")
            with FileLock(f"{path}.lock", timeout=BUSY_SECONDS, mode=FILE_MODE):
                _touch_private(path)
                self._migrate()

    def close(self) -> None:
        """Close every thread's connection. Call when no other thread uses this object any more."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._local = threading.local()

    # this machine
    def machine_id(self) -> str:
        """The id of this machine (``m_…``), made once."""
        found = self._one("SELECT value FROM meta WHERE key = 'machine'")
        if found is None:
            fresh = "m_" + base64.b32encode(secrets.token_bytes(10)).decode().lower()
            self._write("INSERT OR IGNORE INTO meta (key, value) VALUES ('machine', ?)", (fresh,))
            found = self._one("SELECT value FROM meta WHERE key = 'machine'")
        return str(found[0]) if found else ""

    def recall(self, key: str, default: str = "") -> str:
        """A small remembered setting, or ``default``."""
        found = self._one("SELECT value FROM memory WHERE key = ?", (key,))
        return default if found is None else str(found[0])

    def remember(self, key: str, value: str) -> None:
        """Remember a small setting; "" forgets it."""
        if value:
            self._write("INSERT OR REPLACE INTO memory (key, value) VALUES (?, ?)", (key, value))
        else:
            self._write("DELETE FROM memory WHERE key = ?", (key,))

    # sessions
    def star(self, session_id: str, on: bool) -> None:
        if on:
            self._write(
                "INSERT OR IGNORE INTO stars (session_id, at) VALUES (?, ?)", (session_id, self._clock())
            )
        else:
            self._write("DELETE FROM stars WHERE session_id = ?", (session_id,))

    def starred(self) -> list[str]:
        """Ids of the starred sessions, newest star first."""
        return [
            str(r[0]) for r in self._all_rows("SELECT session_id FROM stars ORDER BY at DESC, session_id")
        ]

    def label(self, session_id: str, label: str, on: bool) -> None:
        """Put a label on a session or take it off. Raises UsageError for an empty or long label."""
        name = one_line(label, MAX_LABEL + 1)
        if not name or len(name) > MAX_LABEL:
            raise UsageError(f"A label has 1 to {MAX_LABEL} characters.", "Choose a short word.")
        if on:
            self._write(
                "INSERT OR IGNORE INTO labels (session_id, label, at) VALUES (?, ?, ?)",
                (session_id, name, self._clock()),
            )
        else:
            self._write("DELETE FROM labels WHERE session_id = ? AND label = ?", (session_id, name))

    def labels(self, session_id: str = "") -> dict[str, tuple[str, ...]]:
        """Labels by session id, alphabetical; of one session only when named."""
        where, values = ("WHERE session_id = ?", (session_id,)) if session_id else ("", ())
        out: dict[str, list[str]] = {}
        for row in self._all_rows(
            f"SELECT session_id, label FROM labels {where} ORDER BY session_id, label", values
        ):
            out.setdefault(str(row[0]), []).append(str(row[1]))
        return {key: tuple(names) for key, names in out.items()}

    def set_title(self, session_id: str, title: str) -> None:
        """The user's own title of a session; "" gives the source's title back."""
        if title:
            self._write(
                "INSERT OR REPLACE INTO titles (session_id, title, at) VALUES (?, ?, ?)",
                (session_id, one_line(title), self._clock()),
            )
        else:
            self._write("DELETE FROM titles WHERE session_id = ?", (session_id,))

    def titles(self) -> dict[str, str]:
        return {str(r[0]): str(r[1]) for r in self._all_rows("SELECT session_id, title FROM titles")}

    def set_note(self, subject: str, text: str) -> None:
        """The user's note on a session or turn (its id); "" removes it."""
        if text:
            self._write(
                "INSERT OR REPLACE INTO notes (subject, text, at) VALUES (?, ?, ?)",
                (subject, text, self._clock()),
            )
        else:
            self._write("DELETE FROM notes WHERE subject = ?", (subject,))

    def note(self, subject: str) -> str:
        found = self._one("SELECT text FROM notes WHERE subject = ?", (subject,))
        return "" if found is None else str(found[0])

    # answers
    def save_answer(self, answer: Answer) -> None:
        """Keep an answer (again, when its id is known)."""
        body = orjson.dumps(dataclasses.asdict(answer)).decode()
        cited = [(answer.id, c.n, c.turn_id, c.session_id) for c in answer.citations]
        with self._guard("write"), self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO answers (id, at, question, kind, model, stopped, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (answer.id, answer.at, answer.question, answer.kind, answer.model, int(answer.stopped), body),
            )
            db.execute("DELETE FROM answer_turns WHERE answer_id = ?", (answer.id,))
            db.executemany(
                "INSERT INTO answer_turns (answer_id, n, turn_id, session_id) VALUES (?, ?, ?, ?)", cited
            )

    def answers(self, limit: int = 50) -> list[Answer]:
        """Kept answers, newest first."""
        rows = self._all_rows("SELECT body FROM answers ORDER BY at DESC, id LIMIT ?", (limit,))
        return [_answer(orjson.loads(row[0])) for row in rows]

    def answer(self, answer_id: str) -> Answer:
        """Raises NotFound."""
        row = self._one("SELECT body FROM answers WHERE id = ?", (answer_id,))
        if row is None:
            raise NotFound(f"There is no kept answer {answer_id}.", "List them with: tapedeck answers")
        return _answer(orjson.loads(row[0]))

    # verdicts
    def save_verdict(self, subject: str, verdict: str, reason: str = "") -> None:
        """What the user decided about a thing: "edited", "rejected", "accepted" …; the latest counts."""
        self._write(
            "INSERT OR REPLACE INTO verdicts (subject, verdict, reason, at) VALUES (?, ?, ?, ?)",
            (subject, verdict, reason, self._clock()),
        )

    def verdict(self, subject: str) -> str:
        found = self._one("SELECT verdict FROM verdicts WHERE subject = ?", (subject,))
        return "" if found is None else str(found[0])

    # promoted
    def save_promoted(self, promoted: Promoted, digest: str = "") -> None:
        """Register something that was promoted. ``digest`` is of the file as written, to see later edits."""
        body = orjson.dumps(dataclasses.asdict(promoted)).decode()
        self._write(
            "INSERT OR REPLACE INTO promoted (id, kind, title, path, at, project, state, digest, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                promoted.id, promoted.kind, promoted.title, promoted.path, promoted.at,
                promoted.project, promoted.state, digest, body,
            ),
        )  # fmt: skip

    def promoted(self, limit: int = 200) -> list[Promoted]:
        """Promoted things, newest first."""
        rows = self._all_rows("SELECT body FROM promoted ORDER BY at DESC, id LIMIT ?", (limit,))
        return [_promoted(orjson.loads(row[0])) for row in rows]

    def promoted_one(self, promoted_id: str) -> Promoted | None:
        row = self._one("SELECT body FROM promoted WHERE id = ?", (promoted_id,))
        return None if row is None else _promoted(orjson.loads(row[0]))

    def promoted_digest(self, promoted_id: str) -> str:
        """The digest of the file as it was written ("sha256:…"), "" when unknown."""
        row = self._one("SELECT digest FROM promoted WHERE id = ?", (promoted_id,))
        return "" if row is None else str(row[0])

    # machinery
    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "db", None)
        if found is None:
            found = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            found.execute("PRAGMA journal_mode = WAL")
            found.execute("PRAGMA synchronous = FULL")
            found.execute("PRAGMA foreign_keys = ON")
            self._local.db = found
            with self._lock:
                self._all.append(found)
        return found

    def _migrate(self) -> None:
        if self._version() > len(MIGRATIONS):
            raise StorageError(
                f"{self.path} was written by a newer tapedeck (format {self._version()}).",
                "Update tapedeck; nothing was changed.",
            )
        if self._version() < len(MIGRATIONS):
            with self._transaction() as db:
                for number in range(self._version() + 1, len(MIGRATIONS) + 1):
                    for statement in MIGRATIONS[number - 1]:
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {number}")

    def _version(self) -> int:
        return int(self._connection().execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._connection()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def _write(self, statement: str, values: Sequence[object] = ()) -> None:
        with self._guard("write"):
            self._connection().execute(statement, tuple(values))

    def _one(self, statement: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        with self._guard("read"):
            row: tuple[Any, ...] | None = self._connection().execute(statement, tuple(values)).fetchone()
            return row

    def _all_rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._guard("read"):
            return self._connection().execute(statement, tuple(values)).fetchall()

    @contextmanager
    def _guard(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as exc:
            raise StorageError(
                f"Cannot {doing} {self.path}: {exc}.",
                "See: tapedeck doctor. What it held can be brought back from a backup.",
            ) from exc


def _touch_private(path: Path) -> None:
    """Create the file with private permissions before SQLite would with the umask's."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE))
    if os.name == "posix":
        path.chmod(FILE_MODE)


def _answer(body: dict[str, Any]) -> Answer:
    citations = tuple(_citation(c) for c in body.pop("citations", ()))
    unsupported = tuple((int(a), int(b)) for a, b in body.pop("unsupported", ()))
    astray = tuple((int(a), int(b)) for a, b in body.pop("astray", ()))
    return Answer(**_known(Answer, body), citations=citations, unsupported=unsupported, astray=astray)


def _citation(body: dict[str, Any]) -> Citation:
    place = Place(**_known(Place, body.pop("place", {}) or {"session_id": "", "turn_id": ""}))
    return Citation(**_known(Citation, body), place=place)


def _promoted(body: dict[str, Any]) -> Promoted:
    evidence = tuple(Evidence(**_known(Evidence, e)) for e in body.pop("evidence", ()))
    return Promoted(**_known(Promoted, body), evidence=evidence)


def _known(kind: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Only the fields this version knows: a newer minor version may have written more."""
    names = {field.name for field in dataclasses.fields(kind)}
    return {key: value for key, value in body.items() if key in names}
