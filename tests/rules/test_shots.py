"""The pictures of the README show the app as it is."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.rules.tree import ROOT


def test_screenshots_are_fresh() -> None:
    """Every picture shows the words the app shows now; when not: python -m tests.shots makes them again."""
    command = [sys.executable, "-m", "tests.shots", "--check"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
