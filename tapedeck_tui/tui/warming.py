"""Opens the indexes ahead of the first search, in threads: the words early, the vectors when they are needed."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from tapedeck_tui.errors import TapedeckError

if TYPE_CHECKING:
    from tapedeck_tui.deck import Deck

_LOG = logging.getLogger("tapedeck")


class Warmer:
    """Each of the two is opened once.

    Args:
        deck: whose indexes.
    """

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        self._begun: set[bool] = set()

    def words(self) -> None:
        """The first rows are drawn: open what is small."""
        self._begin(False)

    def vectors(self) -> None:
        """Somebody is about to search or ask: open the vectors while the words are being typed."""
        self._begin(True)

    def _begin(self, semantic: bool) -> None:
        if semantic not in self._begun:
            self._begun.add(semantic)
            threading.Thread(target=self._open, args=(semantic,), name="warm", daemon=True).start()

    def _open(self, semantic: bool) -> None:
        try:
            self._deck.warm(semantic)
        except (TapedeckError, OSError):
            _LOG.exception("The indexes could not be opened ahead of the first search.")
