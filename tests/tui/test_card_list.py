"""Lists of cards: exact cells, the cursor, every list key, the mouse."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tapedeck_tui import model
from tapedeck_tui.tui.widgets.card_list import CardList, Line, fit, spread, wrap
from tapedeck_tui.tui.widgets.cards import dotted, evidence_lines, problem_lines, source_lines
from tests.tui.fake_deck import NOW, FakeDeck

WIDE = st.text(alphabet="ab 漢é👍\u0301-", max_size=80)


def draw(text: str, width: int) -> Sequence[Line]:
    return [((line, "text"),) for line in wrap(text, width)]


class Cards(App[None]):
    """Ten lines of application."""

    CSS = "CardList { height: 10; width: 30; }"

    def __init__(self, items: Sequence[str] = (), empty: str = "") -> None:
        super().__init__()
        self.items = items
        self.cards: CardList[str] = CardList(draw, empty=empty)
        self.chosen: list[int] = []
        self.moved: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.cards

    def on_mount(self) -> None:
        self.cards.show(self.items)
        self.cards.focus()

    def on_card_list_chosen(self, event: CardList.Chosen) -> None:
        self.chosen.append(event.index)

    def on_card_list_moved(self, event: CardList.Moved) -> None:
        self.moved.append(event.index)


@given(WIDE, st.integers(4, 60), st.integers(0, 4))
def test_wrapped_lines_fit(text: str, width: int, most: int) -> None:
    lines = wrap(text, width, most)
    assert all(cell_len(line) <= width for line in lines)
    assert not most or len(lines) <= most


@given(WIDE, st.integers(1, 60))
def test_a_cut_line_fits(text: str, width: int) -> None:
    assert sum(cell_len(piece) for piece, _ in fit(((text, "text"), (text, "muted")), width)) <= width


@given(WIDE, st.integers(12, 60))
def test_left_and_right_fill_the_line(text: str, width: int) -> None:
    line = spread(((text, "text"),), (("3d", "muted"),), width)
    assert sum(cell_len(piece) for piece, _ in line) == width
    assert line[-1] == ("3d", "muted")


def test_a_very_long_text_is_cut_with_dots() -> None:
    lines = wrap("word " * 100_000, 20, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")


@pytest.mark.parametrize(("keys", "index"), [
    ("j", 1), ("j j k", 1), ("down down", 2), ("G", 29), ("G g", 0), ("end home", 0), ("k", 0),
    ("space", 5), ("space b", 0), ("ctrl+d", 2), ("G ctrl+u", 26), ("G pageup", 24),
])  # fmt: skip
async def test_keys_of_every_list(keys: str, index: int) -> None:
    """A card is one line and a blank one: ten rows are five cards."""
    app = Cards([f"card {n}" for n in range(30)])
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press(*keys.split())
        assert app.cards.index == index
        top = app.cards.scroll_offset.y
        assert top <= index * 2 < top + 10, "the cursor is in view"


async def test_enter_chooses_and_the_mouse_goes_first_then_chooses() -> None:
    app = Cards(["one", "two", "three"])
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("j", "enter")
        assert app.chosen == [1]
        await pilot.click(CardList, offset=(5, 4))
        assert app.cards.index == 2
        assert app.chosen == [1]
        await pilot.click(CardList, offset=(5, 4))
        assert app.chosen == [1, 2]
        await pilot.click(CardList, offset=(5, 3))
        assert app.chosen == [1, 2], "the gap between cards is nothing"


async def test_an_empty_list_says_so_and_every_key_is_harmless() -> None:
    app = Cards([], "Nothing here.")
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("j", "k", "G", "g", "space", "b", "enter", "ctrl+d")
        assert app.chosen == []
        assert app.cards.current is None
        assert "Nothing here." in app.cards.render_line(0).text


async def test_shorter_lists_pull_the_cursor_in() -> None:
    app = Cards([f"card {n}" for n in range(30)])
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("G")
        app.cards.show(["a", "b"])
        await pilot.pause()
        assert app.cards.index == 1
        app.cards.show([])
        await pilot.pause()
        assert app.cards.current is None


async def test_the_cursor_is_seen_without_colour() -> None:
    """A bar stands before every line of the card, whether the list has the focus or not."""
    app = Cards(["one", "two"])
    async with app.run_test(size=(40, 12)) as pilot:
        assert app.cards.render_line(0).text.startswith("▌ one")
        assert app.cards.render_line(2).text.startswith("  two")
        app.set_focus(None)
        await pilot.pause()
        assert app.cards.render_line(0).text.startswith("▌ one")


async def test_it_is_drawn_anew_when_the_width_changes() -> None:
    app = Cards(["words that need two lines on thirty cells"])
    async with app.run_test(size=(40, 12)) as pilot:
        assert app.cards.virtual_size.height == 2
        app.cards.styles.width = 20
        await pilot.pause()
        assert app.cards.virtual_size.height == 3


def text_of(lines: Sequence[Line]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def test_a_source_card_says_each_thing_once() -> None:
    claude, codex, chatgpt = FakeDeck().sources()
    assert text_of(source_lines(claude, 60, NOW)).count("412 files") == 2, "kept, and lying in the folder"
    assert "2 files being written" in text_of(source_lines(codex, 60, NOW))
    assert "not read yet" in text_of(source_lines(chatgpt, 60, NOW))


def test_a_problem_without_a_line_or_a_hint() -> None:
    problem = model.ProblemRow("codex", "/x/y.jsonl", 0, 0, 0, "io", "It cannot be opened.", "")
    assert text_of(problem_lines(problem, 60)) == "It cannot be opened.\n/x/y.jsonl"


def test_evidence_without_author_or_time() -> None:
    lines = text_of(evidence_lines(model.Evidence("t", "s", "d", "", "", None), 40, NOW))
    assert lines.startswith("turn")


def test_dots_stand_between_words_only() -> None:
    assert dotted("a", "", "b") == "a · b"
    assert dotted("", "") == ""
