"""The themes: what is read can be read."""

from __future__ import annotations

import pytest
from rich.color import Color

from tapedeck_tui.tui.themes import THEMES
from tapedeck_tui.tui.widgets.top_line import PLACES, TopLine
from tests.tui.driver import running, settle


def light(color: str) -> float:
    """Relative luminance (WCAG 2.2) of ``#rrggbb``."""
    rgb = Color.parse(color).get_truecolor()
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
async def test_the_places_one_is_not_in_can_be_read(theme: object) -> None:
    """Every name of the first line has a contrast of 4.5 to 1 at least, the present place as well as the others."""
    async with running(size=(120, 40)) as (app, pilot):
        app.theme = theme.name  # type: ignore[attr-defined]
        await settle(pilot)
        line = app.screen.query_one(TopLine).render()
        inks = {line.plain[span.start : span.end]: span.style.color.name for span in line.spans}  # type: ignore[union-attr]
        assert set(PLACES) <= set(inks)
        for name in PLACES:
            assert contrast(inks[name], theme.background) >= 4.5, name  # type: ignore[attr-defined]
