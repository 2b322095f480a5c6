"""Writes ``screenshots/*.svg`` from the demo: ``python -m tests.shots [--check]``.

The demo is built with a frozen clock, so the same code gives the same pictures. ``--check`` writes nothing and
fails when a picture on disk shows other words than the app does now.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tapedeck_tui.deck import Deck
from tapedeck_tui.demo import enter, open_demo
from tapedeck_tui.tui.app import TapedeckApp
from tests.tui.driver import press, settle, until

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC).timestamp()
SIZE = (120, 34)
FOLDER = Path(__file__).parent.parent / "screenshots"
QUESTION = "how did we fix the door cooldown?"


async def type_text(pilot: Pilot[Any], text: str) -> None:
    for char in text:
        await pilot.press({" ": "space", "?": "question_mark"}.get(char, char))
    await settle(pilot)


async def browse(pilot: Pilot[Any]) -> None:
    await press(pilot, "j", "j")


async def search(pilot: Pilot[Any]) -> None:
    await press(pilot, "slash")
    await type_text(pilot, "door cooldown")
    await press(pilot, "enter")


async def reader(pilot: Pilot[Any]) -> None:
    await search(pilot)
    await press(pilot, "enter")


async def ask(pilot: Pilot[Any]) -> None:
    await press(pilot, "2")
    await type_text(pilot, QUESTION)
    await press(pilot, "enter")
    await until(pilot, lambda: pilot.app.deck.answers(1), "an answer")  # type: ignore[attr-defined]
    await settle(pilot)


async def promote(pilot: Pilot[Any]) -> None:
    await ask(pilot)
    await press(pilot, "p")


SHOTS: dict[str, Callable[[Pilot[Any]], Awaitable[None]]] = {
    "browse": browse,
    "search": search,
    "reader": reader,
    "ask": ask,
    "promote": promote,
}


async def take(name: str, home: Any) -> str:
    """The picture of one screen, as SVG."""
    deck = Deck(home, lambda: NOW)
    app = TapedeckApp(deck, demo=True, clock=lambda: NOW)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await SHOTS[name](pilot)
        picture = app.export_screenshot(title="tapedeck")
    deck.close()
    return re.sub(r"terminal-\d+", f"terminal-{name}", picture)


def words(svg: str) -> list[str]:
    """What can be read in a picture, without bars and borders (how far a bar reaches is an estimate)."""
    text = html.unescape(" ".join(re.findall(r">([^<>]+)</text>", svg)))
    return re.findall(r"[^\s\u2500-\u259f]+", text)


def main(argv: list[str]) -> int:
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.environ["OLLAMA_HOST"] = "http://127.0.0.1:9"
    os.environ.pop("NO_COLOR", None)
    os.environ["COLORTERM"] = "truecolor"
    stale = []
    with tempfile.TemporaryDirectory() as scratch:
        for name in SHOTS:
            home = open_demo(now=NOW, parent=Path(scratch))
            folder = FOLDER.resolve()
            enter(home)
            picture = asyncio.run(take(name, home)).replace(scratch, "/tmp")
            path = folder / f"{name}.svg"
            if "--check" not in argv:
                path.write_text(picture, "utf-8")
            elif not path.exists() or words(path.read_text("utf-8")) != words(picture):
                stale.append(name)
    if stale:
        print(f"stale: {', '.join(stale)}; make them again with: python -m tests.shots", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
