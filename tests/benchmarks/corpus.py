"""The real session files through the product: what was found, how long it took, how much memory.

    TAPEDECK_CORPUS=... python -m tests.benchmarks.corpus [FOLDER ...]

Prints one row per folder and one for all together (its own library each), then what an unchanged second run and
an append of one line cost.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDERS = ("claude-code", "claude-code-projects", "codex", "claude-code-growth", "codex-growth")
COLUMNS = (
    "folder",
    "files",
    "MB",
    "sessions",
    "turns",
    "typed",
    "problems",
    "first hit s",
    "words s",
    "all s",
    "MB/s",
    "peak MB",
)


def measure(paths: list[Path]) -> dict[str, object]:
    """One first run in this process, from an empty home."""
    from tapedeck_tui.deck import Deck
    from tapedeck_tui.events import Changed, Problem
    from tapedeck_tui.paths import Home

    with tempfile.TemporaryDirectory() as scratch, Deck(Home(Path(scratch))) as deck:
        began = time.perf_counter()
        first = words = 0.0
        problems = 0
        for event in deck.sync(paths):
            if isinstance(event, Changed):
                words = time.perf_counter() - began
                first = first or words
            problems += isinstance(event, Problem)
        seconds = time.perf_counter() - began
        status = deck.status()
        again = time.perf_counter()
        assert not any(isinstance(e, Problem) for e in deck.sync(paths))
        again = time.perf_counter() - again
        return {
            "files": status.files, "MB": status.source_bytes / 1e6, "sessions": status.sessions, "turns": status.turns,
            "authors": dict(status.by_author), "typed": dict(status.by_author).get("typed", 0), "problems": problems,
            "pending": status.pending, "first hit s": first, "words s": words, "all s": seconds,
            "MB/s": status.source_bytes / 1e6 / words if words else 0.0, "again s": again,
            "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "tapes MB": status.tape_bytes / 1e6,
        }  # fmt: skip


def main(argv: list[str]) -> int:
    if argv and argv[0] == "--measure":
        print(json.dumps(measure([Path(p) for p in argv[1:]])))
        return 0
    corpus = os.environ.get("TAPEDECK_CORPUS")
    if not corpus:
        print("set TAPEDECK_CORPUS", file=sys.stderr)
        return 2
    names = argv or list(FOLDERS)
    print("  ".join(f"{c:>11}" for c in COLUMNS))
    for label, chosen in [*((n, [n]) for n in names), ("together", names)]:
        paths = [str(Path(corpus) / n) for n in chosen]
        command = [sys.executable, "-m", __spec__.name, "--measure", *paths]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        row = {"folder": label[-11:], **json.loads(done.stdout)}
        cells = [row[c] for c in COLUMNS]
        print("  ".join(f"{c:>11.1f}" if isinstance(c, float) else f"{c!s:>11}" for c in cells))
    print("turns by author:", ", ".join(f"{k} {v}" for k, v in row["authors"].items()))
    print(
        f"pending files {row['pending']}, tapes {row['tapes MB']:.1f} MB, unchanged second run {row['again s']:.2f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
