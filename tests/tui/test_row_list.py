"""The list by the line: any length at once, exact cells, few reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from textual.app import App, ComposeResult

from tapedeck_tui.model import Hit, Place, SessionRow
from tapedeck_tui.tui.widgets.cells import fit
from tapedeck_tui.tui.widgets.inks import Inks
from tapedeck_tui.tui.widgets.row_list import PAGE, PAGES_KEPT, RowList, strip_of
from tapedeck_tui.tui.widgets.session_rows import draw_hit, draw_session, mark_snippet

NOW = 1_773_489_600.0


class ListApp(App[None]):
    """Ten lines around a list; pages are read at once and counted."""

    def __init__(self, count: int, answers: bool = True) -> None:
        super().__init__()
        self.count = count
        self.answers = answers
        self.reads: list[tuple[int, int]] = []
        self.opened: list[Any] = []

    def compose(self) -> ComposeResult:
        yield RowList(lambda item, width, inks: Text(f"row {item}"), id="rows")

    def on_mount(self) -> None:
        self.rows.set_count(self.count)
        self.rows.focus()

    @property
    def rows(self) -> RowList:
        return self.query_one(RowList)

    def on_row_list_page_wanted(self, message: RowList.PageWanted) -> None:
        self.reads.append((message.start, message.end))
        if self.answers:
            self.rows.put_page(message.generation, message.start, list(range(message.start, message.end)))

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self.opened.append(message.item)


async def test_two_hundred_thousand_rows_and_G_is_two_page_reads() -> None:
    """Opening reads the first page and the one ahead; ``G`` reads the last; nothing else is touched."""
    app = ListApp(200_000)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.reads == [(0, 100), (100, 200)]
        app.reads.clear()
        await pilot.press("G")
        await pilot.pause()
        assert app.rows.current == 199_999
        assert len(app.reads) <= 2
        assert app.reads[0] == (199_900, 200_000)


async def test_every_list_key_moves_as_its_table_says() -> None:
    app = ListApp(1000)
    async with app.run_test(size=(80, 25)) as pilot:
        await pilot.pause()
        for keys, at in (
            ("j j k", 1), ("down up", 1), ("ctrl+d", 13), ("ctrl+u", 1), ("space", 25), ("b", 1), ("pagedown", 25),
            ("pageup", 1), ("end", 999), ("home", 0), ("G", 999), ("g", 0), ("k", 0),
        ):  # fmt: skip
            for key in keys.split():
                await pilot.press(key)
            await pilot.pause()
            assert app.rows.cursor == at, keys
            top = app.rows.scroll_offset.y
            assert top <= app.rows.cursor < top + 25, keys
        await pilot.press("enter", "l", "right")
        await pilot.pause()
        assert app.opened == [0, 0, 0]


async def test_only_twenty_pages_are_kept() -> None:
    app = ListApp(10_000)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(10_000 // PAGE):
            app.rows.move(app.rows.cursor + PAGE)
            await pilot.pause()
        assert len(app.rows._pages) <= PAGES_KEPT
        assert app.rows.current == 9_999


async def test_a_page_is_asked_for_once_while_it_is_read() -> None:
    app = ListApp(500, answers=False)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(20):
            await pilot.press("j")
        assert app.reads == [(0, 100), (100, 200)]
        await pilot.press("enter")
        await pilot.pause()
        assert app.opened == []


async def test_old_pages_never_land_in_a_new_list() -> None:
    app = ListApp(500)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        old = app.rows._generation
        app.rows.set_items(["only"])
        app.rows.put_page(old, 0, ["wrong"] * 100)
        assert app.rows.current == "only"


async def test_click_moves_and_a_second_click_opens() -> None:
    app = ListApp(50)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(RowList, offset=(5, 7))
        assert app.rows.cursor == 7
        await pilot.click(RowList, offset=(5, 7))
        await pilot.pause()
        assert app.opened == [7]


async def test_the_wheel_takes_the_bar_along() -> None:
    """After scrolling with the mouse the bar is in view, so that keys act on what is seen."""
    app = ListApp(500)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.rows.scroll_to(y=200, animate=False)
        await pilot.pause()
        assert app.rows.cursor == 200
        app.rows.scroll_to(y=100, animate=False)
        await pilot.pause()
        assert app.rows.cursor == 123


async def test_an_empty_list_takes_every_key() -> None:
    app = ListApp(0)
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("j", "k", "g", "G", "space", "b", "enter", "ctrl+d", "ctrl+u"):
            await pilot.press(key)
        assert app.rows.cursor <= 0
        assert app.rows.current is None


async def test_shrinking_keeps_the_bar_in_the_list() -> None:
    app = ListApp(300)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G")
        app.rows.set_count(10)
        await pilot.pause()
        assert app.rows.cursor == 9
        assert app.rows.scroll_offset.y == 0


HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("漢字かなé👩‍👩‍👧🇩🇪✍️\u0301\u200d\ufe0f\x1b\x07\u202e\u0000\n\t[]/"),
    ),
    max_size=120,
)


@given(HOSTILE, st.integers(0, 60))
def test_fit_is_exactly_as_wide_as_asked(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, "right")) == width


INKS = Inks(*(["none"] * 12))  # type: ignore[arg-type]


@given(HOSTILE, HOSTILE, st.sets(HOSTILE, max_size=3), st.integers(40, 200))
def test_a_session_row_is_exactly_as_wide_as_its_list(
    title: str, project: str, labels: set[str], width: int
) -> None:
    from rich.console import Console

    row = SessionRow(
        1, "s_1", "claude-code", "agent", title, project, NOW, None, 42, 1, 1, 0, labels=tuple(labels)
    )
    text = draw_session(row, width, INKS, NOW)
    assert "\n" not in text.plain
    assert "\x1b" not in text.plain
    assert strip_of(text, width, Console()).cell_length == width


@given(HOSTILE, st.integers(0, 100), st.integers(0, 20), st.integers(40, 120))
def test_a_hit_row_is_exactly_as_wide_as_its_list(snippet: str, start: int, length: int, width: int) -> None:
    from rich.console import Console

    hit = Hit("t", "s", 0, "typed", NOW, 1.0, snippet, ((start, length),), Place("s", "t"))
    assert strip_of(draw_hit(hit, width, INKS, NOW), width, Console()).cell_length == width


@pytest.mark.parametrize(
    ("snippet", "marks", "shown"),
    [
        ("a retry b", ((2, 5),), "a «retry» b"),
        ("retry retry", ((0, 5), (6, 5)), "«retry» «retry»"),
        ("retry", ((0, 50),), "«retry»"),
        ("retry", ((9, 2),), "retry"),
        ("retry", ((0, 3), (1, 3)), "«ret»ry"),
    ],
)
def test_matches_are_marked_without_colour(
    snippet: str, marks: tuple[tuple[int, int], ...], shown: str
) -> None:
    assert mark_snippet(snippet, marks, INKS).plain == shown
