"""What a running app has in memory before anybody searches, and after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tapedeck_tui.deck import Deck
from tapedeck_tui.paths import Home
from tests.sources import door_session
from tests.tui.fake_deck import NOW

SCRIPT = f"""
import asyncio, json, sys, threading
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tapedeck_tui.deck import Deck
from tapedeck_tui.paths import Home
from tapedeck_tui.tui.app import TapedeckApp

def loaded():
    return sorted({{name.split(".")[0] for name in sys.modules}} & {{"chromadb", "numpy", "tantivy", "tokenizers"}})

async def warm(pilot):
    while any(thread.name == "warm" for thread in threading.enumerate()):
        await pilot.pause(0.01)

async def main():
    with Deck(Home(Path(sys.argv[1])), lambda: {NOW}) as deck:
        app = TapedeckApp(deck, demo=True, clock=lambda: {NOW})
        async with app.run_test(size=(80, 24)) as pilot:
            while not app.screen.query_one("#rows").count or "tantivy" not in sys.modules:
                await pilot.pause(0.01)
            await warm(pilot)
            before = loaded()
            await pilot.press("slash")
            await pilot.pause()
            await warm(pilot)
            print(json.dumps([before, loaded()]))

asyncio.run(main())
"""


def test_the_vectors_are_opened_when_the_search_line_gets_the_focus(tmp_path: Path) -> None:
    """Reading a library loads the index of words only; the vector store and numpy come with the first ``/``."""
    home = Home(tmp_path / "home")
    door_session(tmp_path / "p").write()
    with Deck(home, lambda: NOW) as deck:
        list(deck.sync([tmp_path / "p"]))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home.root)],
        capture_output=True, text=True, env=dict(os.environ), timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout.splitlines()[-1])
    assert before == ["tantivy"]
    assert {"chromadb", "numpy"} <= set(after)
