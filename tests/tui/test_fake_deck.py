"""The fake deck answers as the real one is asked: same methods, same arguments."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import tapedeck_tui
from tapedeck_tui.deck import Deck
from tests.tui.fake_deck import FakeDeck

TUI = Path(tapedeck_tui.__file__).parent / "tui"
METHODS = sorted(
    {
        name
        for path in TUI.rglob("*.py")
        for name in re.findall(r"\bdeck\.([a-z]\w*)\(", path.read_text("utf-8"))
    }
)
"""What the screens ask of the deck."""


@pytest.mark.parametrize("name", METHODS)
def test_every_method_takes_what_the_real_one_takes(name: str) -> None:
    """A front end that works on the fake works on the deck."""
    real = inspect.signature(getattr(Deck, name)).parameters
    fake = inspect.signature(getattr(FakeDeck, name)).parameters
    assert list(fake) == list(real)
    for key, parameter in real.items():
        assert (fake[key].default is inspect.Parameter.empty) == (
            parameter.default is inspect.Parameter.empty
        ), key
