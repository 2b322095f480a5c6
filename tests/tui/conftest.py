"""What makes the tests of the screens fast: nothing waits for the clock.

Textual's pilot waits after every key until the process has used no processor time for a fiftieth of a second.
The driver's ``settle`` knows better when the app is at rest: no worker runs, no keystroke's timer is pending.
"""

from __future__ import annotations

import asyncio

import pytest
from textual import app, pilot

from tapedeck_tui.tui.screens import browse

TURNS = 8
"""Turns of the event loop in which a key comes from the driver to the widget."""
FRAME = 1 / 40
"""Seconds in which a change of the layout is drawn: one and a half of Textual's frames."""


async def _let_it_arrive(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def _let_it_be_drawn(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    await asyncio.sleep(FRAME)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys arrive at once, and a pause of the user is a hundredth of a second."""
    monkeypatch.setattr(app, "wait_for_idle", _let_it_arrive)
    monkeypatch.setattr(pilot, "wait_for_idle", _let_it_be_drawn)
    monkeypatch.setattr(browse, "DEBOUNCE", 0.01)
    monkeypatch.setattr(browse, "PREVIEW_DELAY", 0.01)
