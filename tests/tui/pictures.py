"""What the tests of ask, memory, sources, help, welcome, promote and the palette share: pictures that hold still,
and text that tries to break the screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tests.tui.driver import make_app, press, settle
from tests.tui.fake_deck import FakeDeck

SIZES = [(80, 24), (120, 40)]
"""The terminals every picture is taken on."""

_SHORT = [
    "[/foo] x[0] = y[/]",
    "[@click=app.quit]click[/]",
    "\x1b]52;c;ZXZpbA==\x07clip",
    "\x1b]8;;http://evil.invalid\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[1;1Hmoved",
    "\x9b2J c1",
    "nul\x00nul",
    "\u202egnirts\u202c \u2066iso\u2069",
    "wide 漢字カナ 👩‍👩‍👧‍👧 é́́",
    "\ue000private\ue001 use\ue002",
    "\ud800 lone",
]

HOSTILE = [
    " ".join(_SHORT),
    "\n".join(reversed(_SHORT)),
    "[bold red]not red[/bold red",
    "a" * 5000,
    "- " * 300 + "deep " * 2000,
    "```\nnever closed",
    "| a | b |\n|---|---|\n| [1] | `x` |",
    "",
]
"""Text as archives hold it; none of it may end the app, move the cursor or become a link."""

FORBIDDEN = ("\x1b", "\x9b", "\x00", "\u202e", "\u2066", "\x07")
"""Characters that may never be drawn."""

Prepare = Callable[[Pilot[Any]], Awaitable[None]]


def no_blink(pilot: Pilot[Any]) -> None:
    """Cursors stand still in pictures."""
    for field in pilot.app.screen.query("Input, TextArea").results():
        if isinstance(field, Input | TextArea):
            field.cursor_blink = False


def take(
    snap_compare: Any,
    deck: FakeDeck,
    size: tuple[int, int],
    keys: Sequence[str] = (),
    prepare: Prepare | None = None,
    **options: Any,
) -> bool:
    """Compare the screen after these keys (and ``prepare``) with its picture."""

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *keys)
        if prepare is not None:
            await prepare(pilot)
        no_blink(pilot)
        await settle(pilot)

    return bool(snap_compare(make_app(deck, **options), terminal_size=size, run_before=before))


def drawn(pilot: Pilot[Any]) -> str:
    """Every character on the screen."""
    strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)
