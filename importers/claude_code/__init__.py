"""Claude Code (Anthropic): the session files of the CLI, the desktop app, the editors and the SDK.

Seen: 1.0.24 to 2.1.220, sub-agents in all three layouts. The format is internal and changes; kinds of
records not known here are counted, never an error. Checked 2026-11-20 against FORMATS section 1.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from importers.claude_code import files
from importers.claude_code.keys import HARNESS
from importers.claude_code.reader import read
from importers.claude_code.sniff import is_claude_code
from importers.contract import Cursor, Record, Source


class ClaudeCode:
    """Reads ``projects/<project>/<session>.jsonl`` and the files of its sub-agents."""

    name = HARNESS
    title = "Claude Code"

    def homes(self) -> Sequence[Path]:
        """``$CLAUDE_CONFIG_DIR/projects`` when set; else both folders that versions have used."""
        configured = os.environ.get("CLAUDE_CONFIG_DIR", "")
        if configured:
            return [Path(part).expanduser() / "projects" for part in configured.split(",") if part]
        config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return [Path.home() / ".claude" / "projects", config / "claude" / "projects"]

    def patterns(self) -> Sequence[str]:
        return ["**/*.jsonl"]

    def sniff(self, path: Path) -> bool:
        return is_claude_code(path)

    def sidecars(self, path: Path) -> Sequence[Path]:
        return files.sidecars(path)

    def read(self, source: Source, cursor: Cursor | None = None) -> Iterator[Record]:
        """Everything after ``cursor``. Turns come in file order; a message whose lines stand apart comes
        as several turns of one key."""
        return read(source, cursor)
