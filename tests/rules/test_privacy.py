"""No socket is opened but to the model server on this machine, whatever the libraries below would like to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import CLOSED_PORT
from tests.rules.tree import ROOT
from tests.sources import door_session

WATCHED = """
import json, socket, sys
from pathlib import Path

reached = {}
stage = "import"


def watch(owner, name):
    real = getattr(owner, name)

    def call(*arguments, **options):
        family = getattr(arguments[0], "family", None)
        if family != getattr(socket, "AF_UNIX", None):
            reached.setdefault(stage, []).append(f"{name} {arguments[1:] if owner is socket.socket else arguments}")
        return real(*arguments, **options)

    setattr(owner, name, call)


for name in ("connect", "connect_ex", "sendto", "bind"):
    watch(socket.socket, name)
watch(socket, "getaddrinfo")

from tapedeck_tui.deck import Deck
from tapedeck_tui.paths import Home

with Deck(Home(Path(sys.argv[1]))) as deck:
    stage = "sync"
    list(deck.sync([Path(sys.argv[2])]))
    stage = "search"
    assert deck.search("door cooldown").semantic
    stage = "passages"
    list(deck.ask("how did we fix the door cooldown?", model_name=""))
    stage = "doctor and models"
    deck.doctor()
print(json.dumps(reached))
"""


def test_nothing_is_sent_anywhere(tmp_path: Path) -> None:
    """Keeping, searching (vectors included) and passages open no socket and look up no name; only asking for the
    installed models reaches out, and only to the model server that is configured."""
    door_session(tmp_path / "sources").write()
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(tmp_path / "home"), str(tmp_path / "sources")],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    reached = json.loads(done.stdout)
    assert set(reached) <= {"doctor and models"}
    assert reached["doctor and models"], "the watch sees nothing at all"
    assert all("127.0.0.1" in each and f"{CLOSED_PORT}" in each for each in reached["doctor and models"])
