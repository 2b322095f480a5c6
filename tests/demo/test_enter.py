"""Inside the demo nothing of the user's is read or written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def test_the_demo_lives_on_a_machine_of_its_own(tmp_path: Path) -> None:
    """Status names the demo's folders as ~, and a promoted skill lands in the demo though the working directory
    has an .agents folder of its own."""
    project = tmp_path / "project"
    (project / ".agents").mkdir(parents=True)
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.getcwd()}

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "tapedeck_tui", "--demo", *words]
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "~/.claude/projects" in run("status")
    assert "not there" not in run("status").split("~/.claude/projects")[1].split("\n")[0]
    hit = run("search", "door cooldown", "--json")
    turn = json.loads(hit)["sessions"][0]["hits"][0]["turn_id"]
    said = run("promote", turn, "--to", "skill", "--name", "door-cooldown", "--target", "agents", "--yes")
    assert "door-cooldown" in said
    assert list((project / ".agents").iterdir()) == []
    assert list((tmp_path).glob("tapedeck-demo*/*/machine/.agents/skills/door-cooldown/SKILL.md"))
