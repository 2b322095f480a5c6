"""The command line on a real library, from source files to answers, promises included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tapedeck_tui.cli.main import main
from tapedeck_tui.events import Finished, decode
from tests.sources import door_session, elevator_session


@pytest.fixture
def sessions() -> list[Path]:
    folder = Path(os.environ["CLAUDE_CONFIG_DIR"]) / "projects" / "-home-user-src-bluedoor"
    return [door_session(folder).write(), elevator_session(folder).write()]


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a command that succeeds prints on stdout."""
    capsys.readouterr()
    code = main(argv)
    got = capsys.readouterr()
    assert code == 0, got.err
    return got.out


def test_from_source_files_to_answers(sessions: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The first search reads the machine by itself; what is found can be shown and asked about, also after the
    sources are gone."""
    found = json.loads(said(capsys, "search", "door cooldown", "--json"))
    first = found["sessions"][0]
    assert first["session"]["project"].endswith("bluedoor")
    for path in sessions:
        path.unlink()
    assert "2 sessions" in said(capsys, "sync") + said(capsys, "status")
    assert "45 ticks on arrival" in said(capsys, "show", first["session"]["id"])
    turn = said(capsys, "show", first["hits"][0]["turn_id"][:12])
    assert "#" in turn
    answer = json.loads(said(capsys, "ask", "--no-model", "how did we fix the door cooldown?", "--json"))
    assert answer["kind"] == "passages"
    assert any("door" in c["quote"] for c in answer["citations"])
    assert {c["name"] for c in json.loads(said(capsys, "doctor", "--json"))["checks"]} >= {"tapes", "library"}


def test_a_child_reports_its_events(sessions: list[Path]) -> None:
    """What the app starts: a process that prints nothing but events and ends with how it finished."""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tapedeck_tui", "sync", "--events", "--home", os.environ["TAPEDECK_HOME"]],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    events = [decode(line) for line in done.stdout.splitlines()]
    assert None not in events
    assert isinstance(events[-1], Finished)


def test_nothing_there(capsys: pytest.CaptureFixture[str]) -> None:
    """On a machine without any session everything still answers, in words."""
    assert said(capsys, "search", "door", "--json")
    assert main(["show", "s_nothing"]) == 3
    assert said(capsys, "status")
