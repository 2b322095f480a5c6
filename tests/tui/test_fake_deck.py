"""The fake deck answers as the real one is asked: same methods, same arguments."""

from __future__ import annotations

import inspect

import pytest

from tapedeck_tui.deck import Deck
from tests.tui.fake_deck import FakeDeck

METHODS = [
    name for name, value in vars(Deck).items() if inspect.isfunction(value) and not name.startswith("_")
]


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
