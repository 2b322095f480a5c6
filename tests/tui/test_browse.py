"""Browse: the list, live search, the preview, and every key."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from tapedeck_tui.events import Changed
from tapedeck_tui.model import Hit, SearchResult, SessionRow
from tapedeck_tui.tui import editor
from tapedeck_tui.tui.screens.browse import BrowseScreen
from tapedeck_tui.tui.widgets.empty_state import EmptyState
from tapedeck_tui.tui.widgets.preview import Preview
from tapedeck_tui.tui.widgets.status_line import StatusLine
from tests.tui.driver import press, running, settle, until
from tests.tui.fake_deck import FakeDeck, sid, tid
from tests.tui.pictures import drawn


def browse(pilot: Pilot[Any]) -> BrowseScreen:
    screen = pilot.app.screen
    assert isinstance(screen, BrowseScreen)
    return screen


def counts(screen: BrowseScreen) -> str:
    return str(screen.query_one("#search-counts", Static).content)


def preview_text(screen: BrowseScreen) -> str:
    return str(screen.query_one(Preview).query_one(Static).content)


async def type_words(pilot: Pilot[Any], words: str) -> None:
    await pilot.press("slash", *[{" ": "space", ":": "colon"}.get(c, c) for c in words])
    await settle(pilot)


async def test_opens_with_the_newest_session_under_the_bar() -> None:
    async with running() as (_, pilot):
        screen = browse(pilot)
        assert screen.rows.count == 60
        assert screen.rows.has_focus
        assert screen.current_session() is not None
        assert screen.rows.current.id == sid(1)
        assert counts(screen) == "60"


async def test_two_hundred_thousand_sessions_open_at_once() -> None:
    """Opening and ``G`` read the order once and a handful of pages."""
    deck = FakeDeck(sessions=200_000)
    async with running(deck) as (_, pilot):
        screen = browse(pilot)
        deck.reads.clear()
        await press(pilot, "G")
        assert screen.rows.current.row == 200_000
        assert len([read for read in deck.reads if read[0] == "rows"]) <= 2
        assert not [read for read in deck.reads if read[0] == "order"]


async def test_results_appear_while_typing() -> None:
    """No enter is needed; sessions carry their best snippets below them, and the count says how many."""
    async with running() as (_, pilot):
        screen = browse(pilot)
        await type_words(pilot, "jitter")
        assert isinstance(screen.rows.item(0), SessionRow)
        assert isinstance(screen.rows.item(1), Hit)
        assert "hits in 50 sessions" in counts(screen)
        assert screen.box.input.has_focus


async def test_words_first_then_meaning() -> None:
    """The first answer never waits for the vectors; the second has them."""
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        await type_words(pilot, "jitter")
        asked = [value for kind, value in deck.reads if kind == "search" and value[0] == "jitter"]
        assert asked == [("jitter", False), ("jitter", True)]


async def test_a_newer_keystroke_wins() -> None:
    """An answer to older words is never drawn over newer ones."""
    async with running() as (_, pilot):
        screen = browse(pilot)
        await type_words(pilot, "retry")
        screen._found("ret", SearchResult("ret", (), 0))
        assert screen.rows.count > 0


async def test_old_results_stay_until_the_new_are_there() -> None:
    gate = threading.Event()

    class Slow(FakeDeck):
        def search(
            self, query: str, limit: int = 50, semantic: bool = True, per_session: int = 3
        ) -> SearchResult:
            found = super().search(query, limit, semantic, per_session)
            assert query != "jitterx" or gate.wait(20)
            return found

    deck = Slow()
    async with running(deck) as (_, pilot):
        screen = browse(pilot)
        await type_words(pilot, "jitter")
        before = screen.rows.count
        await pilot.press("x")
        await until(pilot, lambda: ("search", ("jitterx", False)) in deck.reads)
        assert screen.rows.count == before
        gate.set()
        await settle(pilot)
        assert screen.rows.count == 0


async def test_nothing_found_says_what_to_do_and_escape_clears() -> None:
    async with running() as (_, pilot):
        screen = browse(pilot)
        await type_words(pilot, "zzz")
        empty = screen.query_one(EmptyState)
        assert empty.display
        assert "zzz" in empty.render().plain
        assert "esc" in empty.render().plain
        await press(pilot, "escape")
        assert not empty.display
        assert screen.rows.count == 60


async def test_a_query_error_is_said_at_its_column_and_the_list_stays() -> None:
    async with running() as (_, pilot):
        screen = browse(pilot)
        await type_words(pilot, "retry")
        before = screen.rows.count
        screen.box.input.value = "retry after:"
        await settle(pilot)
        line = screen.query_one("#query-error", Static)
        assert line.has_class("-shown")
        assert "after: needs a date" in str(line.content)
        assert str(line.content).index("▲") == len("retry ")
        assert screen.rows.count == before
        await press(pilot, "end", "2", "w")
        assert not line.has_class("-shown")


async def test_escape_closes_step_by_step_and_never_quits() -> None:
    async with running() as (app, pilot):
        screen = browse(pilot)
        await type_words(pilot, "jitter")
        await press(pilot, "escape")
        assert screen.box.value == ""
        await press(pilot, "escape")
        assert screen.rows.has_focus
        await press(pilot, "escape", "escape")
        assert app.is_running


async def test_leaving_results_keeps_the_session_under_the_bar() -> None:
    async with running() as (_, pilot):
        screen = browse(pilot)
        await type_words(pilot, "jitter")
        await press(pilot, "enter", "j", "j", "j", "j", "j", "j", "j", "j")
        session = screen.current_session()
        assert session is not None
        assert session.id != sid(1)
        await press(pilot, "escape")
        assert screen.rows.current.id == session.id


async def test_enter_opens_the_reader_and_escape_comes_back_to_the_row() -> None:
    async with running() as (app, pilot):
        await press(pilot, "j", "j", "enter")
        assert app.screen.session_id == sid(3)  # type: ignore[attr-defined]
        await press(pilot, "escape")
        assert browse(pilot).rows.cursor == 2


async def test_enter_on_a_snippet_opens_the_reader_at_that_turn() -> None:
    async with running() as (app, pilot):
        screen = browse(pilot)
        await type_words(pilot, "collide")
        await press(pilot, "enter", "j")
        hit = screen.current_hit()
        assert hit is not None
        await press(pilot, "enter")
        assert app.screen.transcript.position == hit.position  # type: ignore[attr-defined]


async def test_n_goes_from_snippet_to_snippet() -> None:
    async with running() as (_, pilot):
        screen = browse(pilot)
        await type_words(pilot, "collide")
        await press(pilot, "enter", "n")
        first = screen.rows.cursor
        assert isinstance(screen.rows.current, Hit)
        await press(pilot, "n", "N")
        assert screen.rows.cursor == first


async def test_star_label_and_undo() -> None:
    """A star and a label are drawn at once, kept by the deck, and ``u`` takes them back."""
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        screen = browse(pilot)
        await press(pilot, "j", "asterisk")
        assert sid(2) in deck.stars
        assert screen.rows.current.starred
        await press(pilot, "t")
        await pilot.press(*"urgent", "enter")
        await settle(pilot)
        assert deck.labels[sid(2)] == {"later", "urgent"}
        assert screen.rows.current.labels == ("later", "urgent")
        await press(pilot, "u")
        assert deck.labels[sid(2)] == {"later"}
        await press(pilot, "u")
        assert sid(2) not in deck.stars
        assert not screen.rows.current.starred
        await press(pilot, "u")
        assert "Nothing to undo." in [n.message for n in app._notifications]


async def test_the_same_label_again_takes_it_off() -> None:
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        await press(pilot, "j", "t")
        await pilot.press(*"later", "enter")
        await settle(pilot)
        assert deck.labels[sid(2)] == set()


async def test_copy_says_what_it_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (app, pilot):
        copied: list[str] = []
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await press(pilot, "y")
        assert "Fix flaky upload retries" in copied[0]
        assert sid(1) in copied[0]
        await type_words(pilot, "collide")
        await press(pilot, "enter", "j", "y")
        assert copied[1].startswith("> ")
        assert tid(1, 1) in copied[1]
        assert len(app._notifications) == 1


async def test_ask_and_promote_hand_on_what_is_under_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        asked: list[str] = []
        promoted: list[tuple[str, ...]] = []
        monkeypatch.setattr(app, "open_ask", lambda session_id="", question="": asked.append(session_id))
        monkeypatch.setattr(app, "open_promote", lambda ids, answer_id="": promoted.append(tuple(ids)))
        await press(pilot, "a", "p")
        assert asked == [sid(1)]
        assert promoted == [(tid(1, 9),)]


async def test_the_source_opens_in_the_editor_at_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (_, pilot):
        opened: list[tuple[str, int]] = []
        monkeypatch.setattr(editor, "edit", lambda app, path, line=0: opened.append((path, line)) or "")
        await press(pilot, "o")
        await type_words(pilot, "collide")
        await press(pilot, "enter", "j", "o")
        assert opened == [
            ("/home/dev/.claude/projects/-home-dev-1.jsonl", 0),
            ("/home/dev/.claude/projects/1.jsonl", 4),
        ]


async def test_a_missing_source_is_said() -> None:
    async with running() as (app, pilot):
        await press(pilot, "o")
        assert "gone" in next(iter(app._notifications)).message


async def test_preview_is_for_wide_terminals() -> None:
    async with running(size=(80, 24)) as (_, pilot):
        assert not browse(pilot).query_one(Preview).display
    async with running(size=(120, 40)) as (_, pilot):
        text = preview_text(browse(pilot))
        assert "Fix flaky upload retries" in text
        assert "starred" in text
        assert "Sat 14 Mar 2026" in text


async def test_the_preview_is_filled_when_the_terminal_grows() -> None:
    async with running(size=(80, 24)) as (_, pilot):
        await pilot.resize_terminal(130, 40)
        await until(pilot, lambda: "Fix flaky upload retries" in preview_text(browse(pilot)))


async def test_preview_shows_matches_in_words_and_follows_the_bar() -> None:
    async with running(size=(120, 40)) as (_, pilot):
        screen = browse(pilot)
        await press(pilot, "j")
        assert "Backoff for the sync worker" in preview_text(screen)
        await type_words(pilot, "jitter")
        assert "«jitter»" in preview_text(screen)


async def test_an_empty_library_says_what_to_do() -> None:
    async with running(FakeDeck(empty=True)) as (_, pilot):
        empty = browse(pilot).query_one(EmptyState)
        assert empty.display
        assert "No sessions yet." in empty.render().plain
        assert "sources" in empty.render().plain


async def test_new_sessions_leave_the_bar_on_its_session() -> None:
    """While sources are read the list grows above; the bar stays on the session it stood on."""
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        screen = browse(pilot)
        await press(pilot, "j", "j", "j")
        here = screen.rows.current.id

        deck.prepend(5)
        app.library_signal.publish(Changed(65, 800))
        await settle(pilot)
        assert screen.rows.current.id == here
        assert screen.rows.cursor == 8
        assert screen.rows.count == 65


async def test_it_opens_where_it_was_left() -> None:
    """The row, the search line and the session being read are there again."""
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        await press(pilot, "j", "j", "j", "j")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    async with running(deck) as (_, pilot):
        assert browse(pilot).rows.current.id == sid(5)
        await type_words(pilot, "jitter")
        await press(pilot, "enter", "enter")
        await pilot.press("ctrl+q")
    async with running(deck) as (app, pilot):
        assert app.screen.session_id == sid(1)  # type: ignore[attr-defined]
        await press(pilot, "q")
        assert browse(pilot).box.value == "jitter"


async def test_letters_are_only_letters_while_typing(tmp_path: Path) -> None:
    """In the search line q, p, 2 and * are text."""
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        await type_words(pilot, "qp2a")
        assert browse(pilot).box.value == "qp2a"
        assert app.is_running


class Meaning(FakeDeck):
    """One session holds the word; another is only near in meaning."""

    def search(
        self, query: str, limit: int = 50, semantic: bool = True, per_session: int = 3
    ) -> SearchResult:
        found = super().search("collide", limit, semantic, per_session)
        one, other = found.sessions[0], found.sessions[1]
        one = replace(one, hits=tuple(replace(h, why=(("words", 0.3), ("meaning", 0.2))) for h in one.hits))
        other = replace(
            other,
            hits=tuple(replace(h, marks=(), why=(("words", 0.0), ("meaning", 0.4))) for h in other.hits),
        )
        turns, similar = len(one.hits) + len(other.hits), len(other.hits)
        return replace(
            found, query=query, sessions=(one, other), turns=turns, similar=similar, words=("collide",)
        )


async def test_words_found_and_similar_meaning_are_told_apart() -> None:
    """A hit without a word of the query says so in a word, and the count says how many there are of each."""
    async with running(Meaning(), size=(120, 40)) as (_, pilot):
        screen = browse(pilot)
        await type_words(pilot, "collide")
        assert counts(screen) == "2 with the words, 6 similar in 2 sessions".replace(
            "6", str(screen._result.similar if screen._result else 0)
        )
        lines = drawn(pilot).splitlines()
        assert "similar:" not in next(line for line in lines if "«collide»" in line)
        assert any("similar:" in line for line in lines)


async def test_enter_on_a_title_opens_at_its_best_hit_and_n_goes_on() -> None:
    """The words are marked in the reader, its status line names them, n and N go from one to the next."""
    async with running(size=(100, 30)) as (app, pilot):
        screen = browse(pilot)
        await type_words(pilot, "collide")
        await press(pilot, "enter", "g")
        assert isinstance(screen.rows.current, SessionRow)
        best = screen.rows.item(1)
        await press(pilot, "enter")
        transcript = app.screen.transcript  # type: ignore[attr-defined]
        assert transcript.position == best.position
        assert "collide" in transcript._body(transcript.bar_y)[2].text
        assert "“collide” 1 of 2 matches" in app.screen.query_one(StatusLine).right
        await press(pilot, "n")
        assert transcript.position == 7
        await press(pilot, "N")
        assert transcript.position == 1


async def test_enter_behind_words_just_typed_opens_their_best_hit() -> None:
    """``/words`` enter enter in one burst: what opens answers the words, never the list that stood there before."""
    async with running(size=(100, 30)) as (app, pilot):
        driver = app._driver
        assert driver is not None
        for key in ("slash", *"locks", "enter", "enter"):
            event = events.Key(key, "/" if key == "slash" else key if len(key) == 1 else None)
            event.set_sender(app)
            driver.send_message(event)
        await until(pilot, lambda: getattr(app.screen, "view", None) is not None)
        await settle(pilot)
        assert app.screen.session_id == sid(5)  # type: ignore[attr-defined]
        assert "“locks”" in app.screen.query_one(StatusLine).right


async def test_the_preview_reads_forwards() -> None:
    """How the session began, how much lies between, how it ended; while searching, what was found in its order."""
    async with running(size=(120, 60)) as (_, pilot):
        screen = browse(pilot)
        await press(pilot, "j")
        await until(pilot, lambda: "between" in preview_text(screen))
        text = preview_text(screen)
        assert text.index("you  ") < text.index("turns between") < text.rindex("you  ")
        await type_words(pilot, "jitter")
        await until(pilot, lambda: "«jitter»" in preview_text(screen))
        numbers = [int(n) for n in re.findall(r"turn (\d+)", preview_text(screen))]
        assert numbers == sorted(numbers)


async def test_pasted_text_is_cleaned_in_the_search_line() -> None:
    """What is on the clipboard may come from an archive: no escape sequence gets into the line."""
    async with running() as (app, pilot):
        await press(pilot, "slash")
        app.screen.query_one("#query").post_message(events.Paste("retry\x1b[31m\nback\u202eoff\x07"))
        await settle(pilot)
        value = browse(pilot).box.value
        assert value.startswith("retry")
        assert "back" in value
        assert not any(c in value for c in "\x1b\u202e\x07\n")
