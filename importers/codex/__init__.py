"""Codex rollouts: OpenAI's Codex CLI, desktop app and IDE extension.

Reads ``$CODEX_HOME`` (default ``~/.codex``) ``sessions/YYYY/MM/DD/rollout-*.jsonl`` and
``archived_sessions/``, plain or zstd-compressed; never ``auth.json`` beside them. Seen: the bare records
of 2025 (0.31), the envelopes of 0.34 to 0.145 and the numbered ones of 0.146; checked 2026-11.
The format is described in FORMATS section 2; each module names the paragraph it follows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from importers.codex.files import looks_like_rollout
from importers.codex.reader import read_rollout
from importers.contract import Cursor, Record, Source


class Codex:
    """The importer of Codex sessions."""

    name = "codex"
    title = "Codex"

    def homes(self) -> Sequence[Path]:
        """The folders of live and archived sessions."""
        told = os.environ.get("CODEX_HOME")
        home = Path(told).expanduser() if told else Path.home() / ".codex"
        return (home / "sessions", home / "archived_sessions")

    def patterns(self) -> Sequence[str]:
        return ("**/rollout-*.jsonl", "**/rollout-*.jsonl.zst")

    def sniff(self, path: Path) -> bool:
        """A rollout of any generation, under any name; compressed ones by what is inside."""
        return looks_like_rollout(path)

    def read(self, source: Source, cursor: Cursor | None = None) -> Iterator[Record]:
        """The sessions, turns, usage and links of a rollout after the cursor; see ``reader``."""
        return read_rollout(source, cursor)


__all__ = ["Codex"]
