"""How soon a written line is found, and what waiting costs. Everything happens in a temporary folder.

    python -m tests.benchmarks.watching [--lines 20] [--files 2000] [--idle 20] [--size 20]

A watcher runs as a process of its own; this one writes lines into a session of ``--size`` MB and asks the lexical
index for each until it is found, as the app does. Then the watcher is left alone over ``--files`` sessions.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tapedeck_tui.deck import Deck
from tapedeck_tui.events import Progress, decode
from tapedeck_tui.paths import Home
from tests.sources import ClaudeFile, door_session

PAUSE = 1.5
"""Seconds between two lines: the watcher is waiting again."""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=20, help="lines written and looked for")
    parser.add_argument("--files", type=int, default=2_000, help="sessions below the watched folder")
    parser.add_argument("--idle", type=float, default=20.0, help="seconds of doing nothing that are measured")
    parser.add_argument("--size", type=float, default=20.0, help="MB of the session that grows")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="tapedeck-watching-") as folder:
        return _measure(Path(folder), options)


def _measure(folder: Path, options: argparse.Namespace) -> int:
    os.environ |= {"CLAUDE_CONFIG_DIR": str(folder / "claude"), "CODEX_HOME": str(folder / "codex")}
    projects = folder / "claude" / "projects"
    growing = _sessions(projects, options.files, options.size)
    home = Home(folder / "home")
    began = time.monotonic()
    command = [sys.executable, "-m", "tapedeck_tui", "watch", "--events", "--home", str(home.root)]
    watcher = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        _until_watching(watcher, 2)
        print(f"first look at {options.files:,} sessions: {time.monotonic() - began:.1f} s")
        with Deck(home) as deck:
            waits = [_write_and_find(deck, growing, n) for n in range(options.lines)]
        waits.sort()
        print(f"from write to found, {len(waits)} lines into a file of {options.size:g} MB:")
        print(f"  median {statistics.median(waits):.3f} s, worst {waits[-1]:.3f} s")
        time.sleep(8.0)  # the vectors of these lines are made
        before = _cpu(watcher.pid)
        time.sleep(options.idle)
        share = (_cpu(watcher.pid) - before) / options.idle
        print(f"idle: {share:.3%} of a core, {_memory(watcher.pid) / 1e6:,.0f} MB resident")
        return 0 if waits[-1] <= 1.0 and share < 0.005 else 1
    finally:
        watcher.terminate()
        watcher.wait(30)


def _sessions(projects: Path, count: int, size: float) -> ClaudeFile:
    for number in range(count):
        door_session(
            projects / f"-p{number % 50}", f"{number:08x}-aaaa-4bbb-8ccc-00000000{number:04d}"
        ).write()
    growing = ClaudeFile(projects / "-growing", "ffffffff-aaaa-4bbb-8ccc-000000000000")
    output = "a line of a long build\n" * 2_000
    while sum(map(len, growing.lines)) < size * 1e6:
        growing.call("Bash", {"command": "make"}, f"c{len(growing.lines)}")
        growing.result(f"c{len(growing.lines) - 1}", output)
    growing.write()
    return growing


def _until_watching(watcher: subprocess.Popen[str], times: int) -> None:
    """The watcher waits for the second time: all is read, and embedded, too."""
    assert watcher.stdout is not None
    for line in watcher.stdout:
        event = decode(line)
        times -= isinstance(event, Progress) and event.stage == "watching"
        if not times:
            return
    raise SystemExit("the watcher ended")


def _write_and_find(deck: Deck, growing: ClaudeFile, number: int) -> float:
    time.sleep(PAUSE)
    word = f"zebra{number}x{os.getpid()}"
    growing.user(f"please look for the {word}")
    began = time.monotonic()
    with growing.path.open("a") as out:
        out.write(growing.lines[-1] + "\n")
    while not deck.search(f'"{word}"', semantic=False).sessions:
        time.sleep(0.01)
        if time.monotonic() - began > 60:
            raise SystemExit(f"{word} was not found within a minute")
    return time.monotonic() - began


def _cpu(pid: int) -> float:
    """Seconds of processor time the process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
