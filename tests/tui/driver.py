"""Drive the app in tests: a frozen clock, no child process, and waiting for conditions instead of sleeping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from textual.message_pump import MessagePump
from textual.pilot import Pilot

from tapedeck_tui.deck import Deck
from tapedeck_tui.tui.app import TapedeckApp
from tests.tui.fake_deck import NOW, FakeDeck

PATIENCE = 20.0
"""Seconds a condition may take before the test fails; each look lets every waiting message pass."""
LOOK = 0.002
"""Seconds between two looks."""


def make_app(deck: FakeDeck | None = None, **options: Any) -> TapedeckApp:
    """The app on a fake deck. The demo switch keeps it from starting a child process."""
    options.setdefault("demo", True)
    return TapedeckApp(cast(Deck, deck or FakeDeck()), clock=lambda: NOW, **options)


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str = "") -> None:
    """Let the app work until the condition holds."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return
        await pilot.pause(LOOK)
    raise AssertionError(f"never happened: {what or condition}")


async def _drained(pump: MessagePump) -> None:
    """Until everything the pump was told before is done: a handler at work is in no queue."""
    done = asyncio.Event()
    if pump.call_later(done.set):
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), 1.0)


async def settle(pilot: Pilot[Any]) -> None:
    """Let the app finish what it is doing: workers, timers of a keystroke, drawing."""
    quiet = 0
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        await _drained(pilot.app)
        screen = pilot.app.screen
        await _drained(screen)
        busy = (
            any(not worker.is_finished for worker in pilot.app.workers)
            or pilot.app._resize_timer is not None
            or not screen.is_mounted
            or pilot.app.screen is not screen
        )
        timers = [getattr(pilot.app.screen, name, None) for name in ("_typing", "_resting")]
        waiting = any(timer is not None and timer._active.is_set() and timer._task is not None
                      and not timer._task.done() for timer in timers)  # fmt: skip
        quiet = 0 if busy or waiting else quiet + 1
        if quiet >= 3:
            return
        await (pilot.pause() if quiet == 2 else pilot.pause(LOOK))  # once at rest, a frame is drawn
    raise AssertionError("the app never came to rest")


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, letting the app come to rest after each."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


@asynccontextmanager
async def running(
    deck: FakeDeck | None = None, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[tuple[TapedeckApp, Pilot[Any]]]:
    """The app, started and at rest."""
    app = make_app(deck, **options)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield app, pilot
