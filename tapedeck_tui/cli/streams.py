"""The three streams every process should have."""

from __future__ import annotations

import os
import sys


def open_all() -> None:
    """Put the null device where stdin, stdout or stderr was closed. Otherwise the next file that is opened, a
    tape even, takes that number, and what a library prints to it lands in the file."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
