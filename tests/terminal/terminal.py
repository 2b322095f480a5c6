"""A real terminal for tests: a pty, and a screen that understands what is written to it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

ROOT = Path(__file__).parents[2]
SIZES = ("COLUMNS", "LINES")
"""Variables that would be believed instead of the terminal; a test runner may set them."""
PATIENCE = 20.0
"""Seconds a condition may take before the test fails."""


class Terminal:
    """A program in a terminal of ``columns`` × ``rows``; ``raw`` is everything it wrote."""

    def __init__(self, *command: str, columns: int = 80, rows: int = 24, **environ: str) -> None:
        env = {
            **{name: value for name, value in os.environ.items() if name not in SIZES},
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": str(ROOT),
            **environ,
        }
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.started = time.monotonic()
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", *command],
            env=env,
            dimensions=(rows, columns),
            timeout=PATIENCE,
            cwd=str(ROOT),
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    def read(self) -> None:
        """Take what the program has written, waiting a little for it."""
        try:
            data = self.child.read_nonblocking(65_536, timeout=0.05)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            self.child.wait()
            return
        self.raw += data
        self._stream.feed(data)

    def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Read until the condition holds."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read()
            if condition():
                return
        raise AssertionError(f"never happened: {what}\n" + "\n".join(self.screen.display))

    def shows(self, words: str) -> None:
        """Wait until these words are on the screen."""
        self.until(lambda: words in self.text, f"{words!r} on the screen")

    def ended(self) -> int:
        """Wait for the program to end; its exit code."""
        self.until(lambda: not self.child.isalive(), "the end of the program")
        self.read()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def send(self, keys: str) -> None:
        self.child.send(keys)
