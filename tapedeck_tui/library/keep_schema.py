"""The numbered migrations of keep.db. Never edit one that was released: add the next."""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
        "CREATE TABLE memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
        "CREATE TABLE stars (session_id TEXT PRIMARY KEY, at REAL NOT NULL) STRICT",
        """CREATE TABLE labels (
            session_id TEXT NOT NULL, label TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (session_id, label)
        ) STRICT""",
        "CREATE INDEX labels_by_label ON labels (label)",
        "CREATE TABLE titles (session_id TEXT PRIMARY KEY, title TEXT NOT NULL, at REAL NOT NULL) STRICT",
        "CREATE TABLE notes (subject TEXT PRIMARY KEY, text TEXT NOT NULL, at REAL NOT NULL) STRICT",
        """CREATE TABLE answers (
            id TEXT PRIMARY KEY, at REAL NOT NULL, question TEXT NOT NULL, kind TEXT NOT NULL,
            model TEXT NOT NULL, stopped INTEGER NOT NULL, body TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX answers_by_time ON answers (at)",
        """CREATE TABLE answer_turns (
            answer_id TEXT NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
            n INTEGER NOT NULL, turn_id TEXT NOT NULL, session_id TEXT NOT NULL, PRIMARY KEY (answer_id, n)
        ) STRICT""",
        "CREATE INDEX answer_turns_by_turn ON answer_turns (turn_id)",
        """CREATE TABLE verdicts (
            subject TEXT PRIMARY KEY, verdict TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL
        ) STRICT""",
        """CREATE TABLE promoted (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, path TEXT NOT NULL, at REAL NOT NULL,
            project TEXT NOT NULL, state TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX promoted_by_time ON promoted (at)",
    ),
)
