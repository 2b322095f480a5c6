"""Running the command line against the invented library."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tapedeck_tui.cli import context
from tapedeck_tui.cli.main import main
from tests.cli.fakes import FakeDeck


@dataclass(frozen=True, slots=True)
class Said:
    """What one run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.out)
        return value


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def deck(monkeypatch: pytest.MonkeyPatch) -> FakeDeck:
    fake = FakeDeck()
    monkeypatch.setattr(context, "make_deck", lambda home: fake)
    return fake


@pytest.fixture
def run(deck: FakeDeck, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs ``tapedeck`` with these arguments, its output going to pipes."""

    def go(*argv: str) -> Said:
        capsys.readouterr()
        code = main(argv)
        got = capsys.readouterr()
        return Said(code, got.out, got.err)

    return go


@pytest.fixture
def run_in_terminal(deck: FakeDeck, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs ``tapedeck`` as if a person sat there; ``answer`` is what they type."""

    def go(*argv: str, answer: str = "") -> Said:
        out, err, typed = Terminal(), Terminal(), Terminal(answer)
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("COLUMNS", "80")
        with monkeypatch.context() as patch:
            for name, stream in (("stdout", out), ("stderr", err), ("stdin", typed)):
                patch.setattr(sys, name, stream)
            code = main(argv)
        return Said(code, out.getvalue(), err.getvalue())

    return go
