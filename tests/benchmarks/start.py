"""How soon the app draws its first rows, and how much memory it takes while nobody searches.

    python -m tests.benchmarks.start [--home DIR] [--seconds 5]

Without ``--home`` the demo library is opened. The app runs in a terminal of its own; memory is the resident
size of its process (Linux).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tests.terminal.terminal import Terminal

BUDGET_PAINT, BUDGET_MB = 0.6, 90
"""Seconds to the first rows, and MB until the first search or question."""


def resident(pid: int) -> float:
    """MB of memory a process has in use."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"there is no process {pid}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", help="a library; default: the demo")
    parser.add_argument("--seconds", type=float, default=5.0, help="after the first paint (default 5)")
    args = parser.parse_args()
    where = ["--home", args.home] if args.home else ["--demo"]
    for run in ("first start", "again"):
        with Terminal("tapedeck_tui", *where, columns=120, rows=40) as term:
            term.shows("enter open")
            paint = time.monotonic() - term.started
            end = time.monotonic() + args.seconds
            while time.monotonic() < end:
                term.read()
            rest = resident(term.child.pid)
            term.send("/how")
            end = time.monotonic() + args.seconds
            while time.monotonic() < end:
                term.read()
            searched = resident(term.child.pid)
            term.send("\x15")  # so that the next start does not begin with a search
            term.send("\x11")
            term.ended()
        print(
            f"{run:12}first rows {paint:.2f} s (budget {BUDGET_PAINT})   {args.seconds:g} s later {rest:.0f} MB "
            f"(budget {BUDGET_MB})   after a search {searched:.0f} MB"
        )


if __name__ == "__main__":
    main()
