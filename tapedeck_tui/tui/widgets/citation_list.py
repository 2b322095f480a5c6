"""The numbered citations of an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tapedeck_tui.model import Citation
from tapedeck_tui.tui.widgets.card_list import CardList, Line
from tapedeck_tui.tui.widgets.cards import citation_lines


class CitationList(CardList[Citation]):
    """Citations in the order of their numbers.

    Args:
        now: seconds since 1970, read whenever the list is drawn.
    """

    def __init__(self, now: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(partial(_draw, now), click_opens=True, id=id)

    def find(self, n: int) -> Citation | None:
        """The citation with this number; the cursor goes there."""
        for index, citation in enumerate(self.items):
            if citation.n == n:
                self.move(index)
                return citation
        return None


def _draw(now: Callable[[], float], citation: Citation, width: int) -> list[Line]:
    return citation_lines(citation, width, now())
