"""Pictures of the screens are made and compared with one Python and one Textual only."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest

MADE_WITH = ((3, 11), "8.2.8")
"""Python and Textual of the stored pictures; others draw a little differently."""


@pytest.fixture(autouse=True)
def _one_version(request: pytest.FixtureRequest) -> None:
    """Elsewhere the comparison is skipped, and writing new pictures is refused."""
    if (sys.version_info[:2], version("textual")) == MADE_WITH:
        return
    wanted = f"Python {MADE_WITH[0][0]}.{MADE_WITH[0][1]} and Textual {MADE_WITH[1]}"
    if request.config.getoption("--snapshot-update"):
        pytest.fail(f"the pictures are made with {wanted} only")
    pytest.skip(f"the pictures were made with {wanted}")


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing blinks, colours are those of a truecolor terminal."""
    from textual.widgets import Input

    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr(Input.cursor_blink, "_default", False)
    monkeypatch.setenv("COLORTERM", "truecolor")
