"""The app itself: modes, back and quit, toasts, crash, sizes, themes, first paint."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual import events
from textual.screen import Screen

from tapedeck_tui.errors import StorageError
from tapedeck_tui.tui.app import TapedeckApp
from tapedeck_tui.tui.crash import Crash
from tapedeck_tui.tui.screens.browse import BrowseScreen
from tapedeck_tui.tui.state import Left
from tests.tui.driver import make_app, press, running, settle, until
from tests.tui.fake_deck import FakeDeck, sid

HEAVY = ("chromadb", "llama_index", "ollama", "numpy", "tantivy", "tokenizers", "watchdog")

FIRST_PAINT = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.tui.driver import make_app

async def main():
    async with make_app().run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        rows = pilot.app.screen.query_one("#rows")
        print("\\n".join(sorted(name.split(".")[0] for name in sys.modules)))

asyncio.run(main())
"""


def test_first_paint_imports_nothing_heavy() -> None:
    """In a fresh interpreter, after the first rows are drawn: no vector store, no model client, no numpy."""
    env = dict(os.environ)
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT], capture_output=True, text=True, env=env, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    assert "textual" in loaded
    assert not loaded & set(HEAVY)


async def test_the_words_are_opened_after_the_first_paint_the_vectors_when_a_line_gets_the_focus() -> None:
    """Who only reads never pays for the vectors; who goes to the search line has them when the words are typed."""
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        await until(pilot, lambda: ("warm", False) in deck.reads)
        kinds = [kind for kind, _ in deck.reads]
        assert kinds.index("order") < kinds.index("warm")
        await press(pilot, "j", "enter", "q", "3", "4", "1")
        assert ("warm", True) not in deck.reads
        await press(pilot, "slash")
        await until(pilot, lambda: ("warm", True) in deck.reads)
        await press(pilot, "escape", "2", "escape", "1", "slash")
        assert deck.reads.count(("warm", True)) == 1


async def test_the_line_of_ask_opens_the_vectors() -> None:
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        await press(pilot, "2")
        await until(pilot, lambda: ("warm", True) in deck.reads)


@pytest.mark.parametrize("key", ["h", "left"])
async def test_back_to_the_left_never_quits(key: str) -> None:
    """At home h and left do nothing; from everywhere else they go back."""
    async with running() as (app, pilot):
        await press(pilot, key, key, "j", key)
        assert app.is_running
        assert not app._exit
        await press(pilot, "4", key)
        assert isinstance(app.screen, BrowseScreen)
        await press(pilot, key)
        assert not app._exit


async def test_1_goes_to_browse_from_wherever_one_is() -> None:
    """From the reader, from a page opened in another place, and with a reader left open behind."""
    async with running() as (app, pilot):
        await press(pilot, "j", "enter", "1")
        assert isinstance(app.screen, BrowseScreen)
        assert app.screen.rows.cursor == 1
        await press(pilot, "enter", "4", "P", "1")
        assert isinstance(app.screen, BrowseScreen)
        await press(pilot, "question_mark", "1")
        assert isinstance(app.screen, BrowseScreen)


async def test_keys_typed_right_behind_enter_are_meant_for_what_opens() -> None:
    """enter and G in one burst: the session that was opened shows its end, the list has not moved."""
    async with running() as (app, pilot):
        driver = app._driver
        assert driver is not None
        for key in ("j", "enter", "G"):
            event = events.Key(key, key if len(key) == 1 else None)
            event.set_sender(app)
            driver.send_message(event)
        await until(pilot, lambda: getattr(app.screen, "view", None) is not None)
        await settle(pilot)
        transcript = app.screen.transcript  # type: ignore[attr-defined]
        assert app.screen.session_id == sid(2)  # type: ignore[attr-defined]
        assert transcript.position == transcript.table.count - 1
        await press(pilot, "q")
        assert app.screen.rows.cursor == 1  # type: ignore[attr-defined]


async def test_keys_are_never_held_for_long() -> None:
    """Where nothing opens after all, the keys that waited act."""
    async with running() as (app, pilot):
        app.type_ahead.hold()
        await pilot.press("j", "j")
        app.type_ahead.release()
        await settle(pilot)
        assert app.screen.rows.cursor == 2  # type: ignore[attr-defined]


async def test_q_on_the_first_screen_quits_and_escape_never_does() -> None:
    async with running() as (app, pilot):
        await press(pilot, "escape", "escape", "escape")
        assert app.is_running
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
        assert app.return_code == 0


async def test_q_elsewhere_goes_back() -> None:
    async with running() as (app, pilot):
        await press(pilot, "enter", "q")
        assert isinstance(app.screen, BrowseScreen)
        app.switch_mode("browse")
        assert app.is_running


async def test_ctrl_c_says_so_and_the_second_quits() -> None:
    async with running() as (app, pilot):
        await press(pilot, "ctrl+c")
        assert [n.message for n in app._notifications] == ["Press ctrl+c again to quit."]
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not app.is_running)


async def test_ctrl_c_copies_a_selection_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (app, pilot):
        copied: list[str] = []
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        monkeypatch.setattr(Screen, "get_selected_text", lambda self: "picked")
        await press(pilot, "ctrl+c", "ctrl+c")
        assert copied == ["picked", "picked"]
        assert app.is_running


async def test_quitting_remembers_the_place() -> None:
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        await press(pilot, "j", "j", "enter", "G")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    left = Left.load(deck.memory["app-place"])
    assert left.mode == "browse"
    assert left.reading.endswith("3")
    assert left.position > 0


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"mode": "elsewhere", "position": -4, "query": 9}'])
def test_a_damaged_place_is_the_start(text: str) -> None:
    assert Left.load(text) == Left()


def test_a_place_survives_being_written() -> None:
    left = Left("ask", "retry „x“", "s_1", "s_2", 7)
    assert Left.load(left.dump()) == left


async def test_toasts_and_titles_are_never_markup() -> None:
    """``[/foo]`` in a message would end the app; ESC in a title would write to the terminal."""
    async with running() as (app, pilot):
        app.say("[/foo] [@click=app.quit]x[/] \x1b]52;c;AAAA\x07", "error")
        app.set_title("a [/b] \x1b[2J \u202e")
        await settle(pilot)
        assert "\x1b" not in next(iter(app._notifications)).message
        assert "\x1b" not in app.title


async def test_errors_of_the_deck_are_toasts_with_what_to_do() -> None:
    class Broken(FakeDeck):
        def star(self, session_id: str, on: bool) -> None:
            raise StorageError("keep.db cannot be written: disk full.", "Make room and press * again.")

    async with running(Broken()) as (app, pilot):
        await press(pilot, "asterisk")
        said = next(iter(app._notifications))
        assert said.severity == "error"
        assert "disk full" in said.message
        assert "Make room" in said.message


async def test_a_crash_is_one_sentence_and_a_log(tmp_path: Path) -> None:
    """The traceback goes to the log; the terminal gets one sentence that says where it is."""
    deck = FakeDeck(tmp_path)
    app = make_app(deck)
    with pytest.raises(Crash) as caught:  # noqa: PT012
        async with app.run_test() as pilot:
            await settle(pilot)

            def explode() -> None:
                raise RuntimeError("boom [/x]")

            app.call_next(explode)
            await pilot.pause()
            await pilot.pause()
    sentence = caught.value.__rich__().plain
    assert "boom" in sentence
    assert str(tmp_path / "tapedeck.log") in sentence
    assert "\n" not in sentence
    assert "Traceback" in (tmp_path / "tapedeck.log").read_text("utf-8")
    assert app.return_code == 1


@pytest.mark.parametrize(
    ("size", "shown"), [((59, 24), True), ((80, 14), True), ((60, 15), False), ((80, 24), False)]
)
async def test_a_tiny_terminal_gets_one_sentence(size: tuple[int, int], shown: bool) -> None:
    async with running(size=size) as (app, pilot):
        note = app.screen.query_one("#too-small")
        assert bool(note.display) is shown
        await press(pilot, "j")
        assert app.screen.query_one("#rows").cursor == 1  # type: ignore[attr-defined]


async def test_the_first_line_is_for_terminals_with_room() -> None:
    async with running(size=(80, 24)) as (app, _):
        assert not app.screen.query_one("TopLine").display
    async with running(size=(120, 40)) as (app, _):
        assert app.screen.query_one("TopLine").display


async def test_the_theme_is_remembered() -> None:
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        assert app.theme == "tapedeck-dark"
        app.theme = "tapedeck-light"
        await until(pilot, lambda: deck.memory.get("app-theme") == "tapedeck-light")
    async with running(deck) as (app, pilot):
        await until(pilot, lambda: app.theme == "tapedeck-light")


async def test_every_theme_draws() -> None:
    """All of Textual's themes and ours, the ones in the terminal's own colours as well."""
    async with running() as (app, pilot):
        for name in app.available_themes:
            app.theme = name
            await pilot.pause()
        await press(pilot, "enter")
        for name in ("ansi-dark", "ansi-light", "tapedeck-light", "nord"):
            if name in app.available_themes:
                app.theme = name
                await settle(pilot)


def test_the_app_is_typed_by_its_contract() -> None:
    for name in ("open_reader", "open_ask", "open_promote", "say", "now", "deck", "edit_file", "copy"):
        assert hasattr(TapedeckApp, name) or name == "deck"
