"""Text in exact terminal cells. Lengths here are cells, never characters."""

from __future__ import annotations

from typing import Literal

from rich.cells import cell_len, set_cell_size

from tapedeck_tui.text import one_line

COLUMN = 100
"""Most cells of a line of text; the column is centred when there is more room."""
GUTTER = 2
"""Cells before every line of a list or a transcript: the bar or a mark, and a space."""
JOINERS = dict.fromkeys((0x200D, 0xFE0E, 0xFE0F))
"""Joiner and variation selectors: terminals disagree about the width of what they make."""


def plain(text: str, limit: int = 400) -> str:
    """One clean line whose width every terminal agrees on."""
    return one_line(text, limit).translate(JOINERS)


def fit(text: str, width: int, align: Literal["left", "right"] = "left") -> str:
    """The text in exactly ``width`` cells: cut with … or padded."""
    if width <= 0:
        return ""
    text = plain(text, max(width * 4, 16))
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return " " * (width - length) + text if align == "right" else text + " " * (width - length)


def column(width: int) -> tuple[int, int]:
    """Where the text column of a page this wide begins (after its gutter), and how wide it is."""
    text = max(10, min(COLUMN, width - GUTTER - 3))
    return max(0, (width - 1 - GUTTER - text) // 2) + GUTTER, text
