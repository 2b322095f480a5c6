"""The app in a real terminal: it starts, draws, resizes, and leaves the terminal as it was."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

pytest.importorskip("pexpect")
pytest.importorskip("pyte")

from tests.terminal.terminal import Terminal
from tests.tui.hostile import HOSTILE

FAKE = "tests.terminal.fake_app"
LEAVES = b"\x1b[?1049l"
"""Back from the alternate screen."""


def test_first_paint_and_eighty_by_twenty_four() -> None:
    """Rows of sessions in exact columns, the search line on top, five keys at the bottom, no header."""
    with Terminal(FAKE) as term:
        term.shows("Fix flaky upload retries")
        term.shows("? help")
        lines = term.text.splitlines()
        assert lines[0].strip().startswith("/ search")
        assert lines[0].endswith("60")
        assert lines[1].startswith("▌")
        assert "enter open" in lines[23]
        assert len({line.index("api") for line in lines[1:20] if " api " in line}) == 1


def test_quitting_restores_the_screen() -> None:
    with Terminal(FAKE) as term:
        term.shows("? help")
        assert b"\x1b[?1049h" in term.raw
        term.send("q")
        assert term.ended() == 0
        assert LEAVES in term.raw
        assert b"\x1b[?25h" in term.raw[term.raw.rindex(LEAVES) - 200 :]
        assert b"Traceback" not in term.raw


def test_ctrl_c_twice_quits_and_once_says_so() -> None:
    with Terminal(FAKE) as term:
        term.shows("? help")
        term.send("\x03")
        term.shows("Press ctrl+c again to quit.")
        term.send("\x03")
        assert term.ended() == 0
        assert LEAVES in term.raw


def test_ctrl_q_quits_from_the_middle_of_typing() -> None:
    with Terminal(FAKE) as term:
        term.shows("? help")
        term.send("/retry")
        term.shows("hits in")
        term.send("\x11")
        assert term.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_ended_restores_the_screen(number: signal.Signals) -> None:
    with Terminal(FAKE) as term:
        term.shows("? help")
        term.child.kill(number)
        term.until(lambda: not term.child.isalive(), "the end")
        term.read()
        assert LEAVES in term.raw


def test_resizing_draws_anew() -> None:
    """Wider: the preview comes. Too small: one sentence. Back: the list."""
    with Terminal(FAKE) as term:
        term.shows("? help")
        for columns, rows, words in (
            (130, 40, "Sat 14 Mar 2026"),
            (50, 12, "a little more room"),
            (80, 24, "? help"),
        ):
            term.screen.resize(rows, columns)
            term.child.setwinsize(rows, columns)
            term.shows(words)


def test_pasted_text_is_text() -> None:
    """A paste with quit keys and line breaks in it is typed, not obeyed."""
    with Terminal(FAKE) as term:
        term.shows("? help")
        term.send("/")
        term.shows("to the list")
        term.send("\x1b[200~q retry\x1b[201~")
        term.shows("/ q retry")
        assert term.child.isalive()


def test_the_title_is_the_sessions() -> None:
    with Terminal(FAKE) as term:
        term.shows("? help")
        term.send("\r")
        term.until(lambda: "Fix flaky upload retries · tapedeck".encode() in term.raw, "the title")


@pytest.mark.parametrize(
    "name", ["clipboard write", "hyperlink", "cursor moves", "c1 controls", "bidi", "closing tag"]
)
def test_content_writes_no_escape_sequence(name: str) -> None:
    """The archive's own escape sequences never reach the terminal, whatever screen shows them."""
    with Terminal(FAKE, name, columns=120, rows=40) as term:
        term.shows("? help")
        term.send("\r")
        term.shows("turn 1 of 6")
        term.send("XG")
        term.shows("turn 6 of 6")
        term.send("q/f")
        term.send("\x11")
        assert term.ended() == 0
        text = term.raw.decode("utf-8", "replace")
        assert not re.search(
            r"\x1b\]52|\x1b\]8;;|\x1b\[10;10Hmoved|\x9b|\x9d|\u202e|ZXZpbA|x\.invalid\x1b", text
        )
        assert HOSTILE[name]


def test_the_demo_opens_from_the_command_line(tmp_path: Path) -> None:
    """``tapedeck --demo`` in an empty home: the invented library, nothing of this machine, and out again."""
    with Terminal("tapedeck_tui", "--demo", "--home", str(tmp_path / "home"), columns=120, rows=40) as term:
        term.shows("enter open")
        term.shows("bluedoor")
        term.send("q")
        assert term.ended() == 0


def test_type_ahead_loses_no_key() -> None:
    """Keys that arrive in one read go where they would go when typed slowly: into the line that just opened."""
    with Terminal(FAKE) as term:
        term.shows("? help")
        term.send("turgent\r")
        term.shows("#urgent")
        term.send("/jitter")
        term.shows("/ jitter")
