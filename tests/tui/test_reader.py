"""Reader: one session by the line, with every key, folds, find and ten thousand turns."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tapedeck_tui.model import PartView, TurnView
from tapedeck_tui.tui import editor
from tapedeck_tui.tui.app import TapedeckApp
from tapedeck_tui.tui.screens.reader import ReaderScreen
from tapedeck_tui.tui.widgets.empty_state import EmptyState
from tapedeck_tui.tui.widgets.status_line import StatusLine
from tapedeck_tui.tui.widgets.transcript import Transcript
from tests.tui.driver import press, running, settle
from tests.tui.fake_deck import FakeDeck, sid, tid


async def open_first(app: TapedeckApp, pilot: Pilot[Any], **where: Any) -> Transcript:
    app.open_reader(sid(1), **where)
    await settle(pilot)
    assert isinstance(app.screen, ReaderScreen)
    return app.screen.transcript


def line_at_bar(transcript: Transcript) -> str:
    return transcript._body(transcript.bar_y)[2].text.strip()


def all_lines(transcript: Transcript) -> list[str]:
    return [transcript._body(y)[2].text.rstrip() for y in range(transcript.table.lines)]


def turn(position: int, *parts: PartView, author: Any = "assistant", flags: tuple[str, ...] = ()) -> TurnView:
    return TurnView(
        tid(1, position), sid(1), position, author, 1_773_489_600.0, "", "", parts, frozenset(flags), "d"
    )


def with_turns(*turns: TurnView) -> FakeDeck:
    deck = FakeDeck()
    deck.extra_turns[sid(1)] = list(turns)
    return deck


async def test_a_tool_call_is_one_line_with_its_result_folded_into_it() -> None:
    """Name, arguments, failed or ok, size; the result's own turn takes no line."""
    async with running(size=(100, 40)) as (app, pilot):
        transcript = await open_first(app, pilot)
        lines = all_lines(transcript)
        call = next(line for line in lines if "Bash" in line)
        assert call.startswith("▸ Bash  pytest tests/api -x -q")
        assert call.endswith("failed   2.3 KB")
        assert not any("AssertionError" in line for line in lines)
        assert transcript.table.height(2) == 0


async def test_x_opens_and_folds_one_call_and_capital_x_all() -> None:
    async with running(size=(100, 40)) as (app, pilot):
        transcript = await open_first(app, pilot)
        while "Bash" not in line_at_bar(transcript):
            await press(pilot, "j")
        await press(pilot, "x")
        assert line_at_bar(transcript).startswith("▾ Bash")
        assert any("AssertionError: 31 > 30" in line for line in all_lines(transcript))
        await press(pilot, "enter")
        assert line_at_bar(transcript).startswith("▸ Bash")
        await press(pilot, "X")
        assert sum("AssertionError" in line for line in all_lines(transcript)) == 2
        await press(pilot, "X")
        assert not any("AssertionError" in line for line in all_lines(transcript))


async def test_x_reaches_the_next_call_of_the_turn_and_capital_x_stays_on_it() -> None:
    """From the prose above it x opens the turn's call; with X the bar stays on the call it stood in."""
    async with running(size=(100, 24)) as (app, pilot):
        transcript = await open_first(app, pilot, turn_id=tid(1, 1))
        await press(pilot, "j", "j", "j", "j", "x")
        assert line_at_bar(transcript).startswith("▾ Bash")
        await press(pilot, "j", "j", "X")
        assert "Bash" in line_at_bar(transcript)
        await press(pilot, "X")
        assert "Bash" in line_at_bar(transcript)
        await press(pilot, "G", "x")
        assert isinstance(app.screen, ReaderScreen)


async def test_h_folds_what_is_open_then_goes_back() -> None:
    async with running(size=(100, 40)) as (app, pilot):
        transcript = await open_first(app, pilot)
        while "Bash" not in line_at_bar(transcript):
            await press(pilot, "j")
        await press(pilot, "l", "j", "h")
        assert line_at_bar(transcript).startswith("▸ Bash")
        await press(pilot, "h")
        assert not isinstance(app.screen, ReaderScreen)


async def test_opening_a_clipped_result_reads_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library keeps the ends of a long result; opening it, or copying it, reads the rest from the tape."""
    ends = PartView(
        "tool_result", "first [… 900 characters more on the tape …] last", "Bash", "c", size=950, clipped=True
    )
    deck = with_turns(turn(0, PartView("tool_call", "cat log", "Bash", "c")), turn(1, ends, author="tool"))
    deck.wholes[tid(1, 1)] = turn(
        1, PartView("tool_result", "first middle last", "Bash", "c", size=950), author="tool"
    )
    async with running(deck) as (app, pilot):
        transcript = await open_first(app, pilot)
        assert not [read for read in deck.reads if read[0] == "whole"]
        await press(pilot, "x")
        assert any("first middle last" in line for line in all_lines(transcript))
        assert [read for read in deck.reads if read[0] == "whole"] == [("whole", tid(1, 1))]
        await press(pilot, "x", "x")
        assert len([read for read in deck.reads if read[0] == "whole"]) == 1


async def test_thinking_and_machine_turns_are_one_line() -> None:
    async with running(size=(100, 60)) as (app, pilot):
        transcript = await open_first(app, pilot)
        lines = all_lines(transcript)
        assert any(line.startswith("▸ thinking") for line in lines)
        assert any(line.startswith("▸ machine  <system-reminder>") for line in lines)


async def test_abandoned_turns_say_so() -> None:
    deck = with_turns(turn(0, PartView("text", "Wrong way."), author="typed", flags=("abandoned",)))
    async with running(deck) as (app, pilot):
        transcript = await open_first(app, pilot)
        assert "abandoned" in all_lines(transcript)[0]


async def test_a_result_without_its_call_and_a_repeated_call_id_are_drawn() -> None:
    """Nothing is hidden: a result whose call is not there has its own line, equal ids pair with the call before."""
    deck = with_turns(
        turn(0, PartView("tool_result", "lost", "Read", "zz"), author="tool"),
        turn(1, PartView("tool_call", "first", "Bash", "c")),
        turn(2, PartView("tool_result", "one", "Bash", "c", size=3), author="tool"),
        turn(3, PartView("tool_call", "second", "Bash", "c")),
        turn(4, PartView("tool_result", "two!", "Bash", "c", error=True, size=4), author="tool"),
    )
    async with running(deck, size=(100, 40)) as (app, pilot):
        lines = all_lines(await open_first(app, pilot))
        assert any("Read result" in line and "lost" in line for line in lines)
        assert any("first" in line and "ok" in line and "3 B" in line for line in lines)
        assert any("second" in line and "failed" in line and "4 B" in line for line in lines)


async def test_ten_thousand_turns_open_at_once() -> None:
    """Two pages are read to open, one or two for ``G``, and the last line is under the bar."""
    deck = FakeDeck(turns=10_000)
    async with running(deck) as (app, pilot):
        deck.reads.clear()
        transcript = await open_first(app, pilot)
        assert len([r for r in deck.reads if r[0] == "turns"]) <= 2
        deck.reads.clear()
        await press(pilot, "G")
        assert transcript.position == 9_999
        assert len([r for r in deck.reads if r[0] == "turns"]) <= 2
        assert transcript.bar_y == transcript.table.lines - 1
        await press(pilot, "g")
        assert transcript.bar_y == 0


async def test_what_is_read_stays_where_it_is_while_heights_change() -> None:
    """Jump into the middle of a session nobody has measured: the line under the bar keeps its row."""
    deck = FakeDeck(turns=3_000)
    async with running(deck) as (app, pilot):
        transcript = await open_first(app, pilot, position=1_501)
        row = transcript.bar_y - transcript.scroll_offset.y
        words = line_at_bar(transcript)
        for _ in range(5):
            await press(pilot, "ctrl+u")
        for _ in range(5):
            await press(pilot, "ctrl+d")
        assert line_at_bar(transcript) == words
        assert transcript.bar_y - transcript.scroll_offset.y == row


async def test_opens_at_the_very_words_of_a_citation() -> None:
    """The bar is on the line with the words, the words are marked, and escape goes back."""
    deck = FakeDeck()
    text = deck.turn(tid(1, 1)).text
    start = text.index("jitter is computed")
    async with running(deck) as (app, pilot):
        transcript = await open_first(
            app, pilot, turn_id=tid(1, 1), start=start, length=len("jitter is computed per attempt")
        )
        assert transcript.position == 1
        assert "jitter is computed" in " ".join(all_lines(transcript)[transcript.bar_y :][:2]).replace(
            "  ", " "
        )
        assert transcript._quote[1]
        await press(pilot, "escape")
        assert not isinstance(app.screen, ReaderScreen)


async def test_a_citation_in_a_tool_result_opens_its_call() -> None:
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        transcript = await open_first(app, pilot, turn_id=tid(1, 2))
        assert transcript.position == 1
        assert line_at_bar(transcript).startswith("▾ Bash")


async def test_find_marks_words_and_n_goes_round() -> None:
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        transcript = await open_first(app, pilot)
        await pilot.press("slash", *"clamp", "enter")
        await settle(pilot)
        assert transcript.position == 3
        assert "clamp" in line_at_bar(transcript)
        await press(pilot, "n")
        assert transcript.position == 9
        await press(pilot, "n")
        assert transcript.position == 3
        await press(pilot, "N")
        assert transcript.position == 9
        assert "“clamp” 2 of 2 matches" in app.screen.query_one(StatusLine).right
        await press(pilot, "escape")
        assert isinstance(app.screen, ReaderScreen)
        assert "matches" not in app.screen.query_one(StatusLine).right


async def test_find_opens_the_call_that_hides_the_words() -> None:
    async with running() as (app, pilot):
        transcript = await open_first(app, pilot)
        await pilot.press("slash", *"AssertionError", "enter")
        await settle(pilot)
        assert "AssertionError" in line_at_bar(transcript)


async def test_find_says_when_there_is_nothing() -> None:
    async with running() as (app, pilot):
        await open_first(app, pilot)
        await pilot.press("slash", *"zebra", "enter")
        await settle(pilot)
        assert any("zebra" in n.message for n in app._notifications)


async def test_brackets_go_from_ask_to_ask() -> None:
    async with running() as (app, pilot):
        transcript = await open_first(app, pilot)
        await press(pilot, "right_square_bracket")
        assert transcript.position == 5
        await press(pilot, "right_square_bracket")
        assert transcript.position == 11
        await press(pilot, "left_square_bracket")
        assert transcript.position == 5


async def test_marked_turns_are_promoted_and_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (app, pilot):
        promoted: list[tuple[str, ...]] = []
        copied: list[str] = []
        monkeypatch.setattr(app, "open_promote", lambda ids, answer_id="": promoted.append(tuple(ids)))
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
        await open_first(app, pilot)
        await press(pilot, "p", "v", "right_square_bracket", "v", "p", "y")
        assert "turns with the source" in "".join(n.message for n in app._notifications)
        await press(pilot, "u", "p")
        assert promoted == [(tid(1, 0),), (tid(1, 0), tid(1, 5)), (tid(1, 0),)]
        assert "**You**" in copied[0]
        assert tid(1, 5) in copied[0]


async def test_star_and_label_show_in_the_list_behind() -> None:
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        await press(pilot, "j", "enter", "asterisk")
        assert sid(2) in deck.stars
        await press(pilot, "t")
        await pilot.press(*"urgent", "enter")
        await settle(pilot)
        await press(pilot, "q")
        row = app.screen.query_one("#rows").current  # type: ignore[attr-defined]
        assert row.starred
        assert "urgent" in row.labels


async def test_ask_and_source_file(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (app, pilot):
        asked: list[str] = []
        opened: list[tuple[str, int]] = []
        monkeypatch.setattr(app, "open_ask", lambda session_id="", question="": asked.append(session_id))
        monkeypatch.setattr(editor, "edit", lambda app, path, line=0: opened.append((path, line)) or "")
        await open_first(app, pilot)
        await press(pilot, "a", "right_square_bracket", "o")
        assert asked == [sid(1)]
        assert opened == [("/home/dev/.claude/projects/1.jsonl", 16)]


async def test_linked_sessions_are_a_key_away() -> None:
    """Two links: a choice; one link: straight there; escape returns."""
    async with running() as (app, pilot):
        await open_first(app, pilot)
        await press(pilot, "L", "enter")
        assert app.screen.session_id == sid(5)  # type: ignore[attr-defined]
        await press(pilot, "L")
        assert app.screen.session_id == sid(1)  # type: ignore[attr-defined]
        await press(pilot, "escape")
        assert app.screen.session_id == sid(5)  # type: ignore[attr-defined]


async def test_a_session_that_is_not_there_says_so() -> None:
    async with running() as (app, pilot):
        app.open_reader("s_nowhere")
        await settle(pilot)
        assert "There is no session" in app.screen.query_one(EmptyState).render().plain
        await press(pilot, "escape")
        assert not isinstance(app.screen, ReaderScreen)


async def test_a_session_without_turns_takes_every_key() -> None:
    deck = with_turns()
    deck.first_turns = 0
    async with running(deck) as (app, pilot):
        app.open_reader(sid(1))
        await settle(pilot)
        await press(pilot, "j", "G", "x", "X", "v", "n", "right_square_bracket", "space", "p", "y")
        assert isinstance(app.screen, ReaderScreen)


async def test_the_wheel_takes_the_bar_along() -> None:
    async with running() as (app, pilot):
        transcript = await open_first(app, pilot)
        transcript.scroll_to(y=10, animate=False)
        await settle(pilot)
        assert transcript.bar_y == 10


async def test_a_page_with_fewer_turns_than_promised_is_read_once() -> None:
    """A count that is too high must not make the app ask for ever."""

    class Short(FakeDeck):
        def turn_count(self, session_id: str) -> int:
            return super().turn_count(session_id) + 3

    deck = Short()
    async with running(deck) as (app, pilot):
        deck.reads.clear()
        await open_first(app, pilot)
        await press(pilot, "G", "g")
        assert len([read for read in deck.reads if read[0] == "turns"]) == 1


async def test_a_growing_session_shows_its_new_turns_and_the_bar_stays() -> None:
    from tapedeck_tui.events import Changed

    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        transcript = await open_first(app, pilot, position=5)
        row, words = transcript.bar_y - transcript.scroll_offset.y, line_at_bar(transcript)
        deck.first_turns = 20
        app.library_signal.publish(Changed(60, 700))
        await settle(pilot)
        assert transcript.table.count == 20
        assert (transcript.bar_y - transcript.scroll_offset.y, line_at_bar(transcript)) == (row, words)
        await press(pilot, "G")
        assert transcript.turn is not None
        assert transcript.turn.position == 19


async def test_resizing_keeps_the_bar_on_its_turn() -> None:
    async with running(size=(120, 40)) as (app, pilot):
        transcript = await open_first(app, pilot, position=9)
        await pilot.resize_terminal(70, 20)
        await settle(pilot)
        assert transcript.position == 9
        top = transcript.scroll_offset.y
        assert top <= transcript.bar_y < top + transcript.size.height


async def test_selected_text_is_the_words_without_gutter() -> None:
    from textual.geometry import Offset
    from textual.selection import Selection

    async with running() as (app, pilot):
        transcript = await open_first(app, pilot)
        edge = transcript._left + 2
        picked = transcript.get_selection(Selection(Offset(edge, 1), Offset(edge + 9, 1)))
        assert picked is not None
        assert picked[0] == "Fix flaky"


async def test_after_capital_x_the_bar_stands_on_the_first_line_of_its_turn() -> None:
    """Folding and unfolding everything never leaves the bar on a blank line."""
    async with running(size=(100, 24)) as (app, pilot):
        transcript = await open_first(app, pilot, turn_id=tid(1, 5))
        first = line_at_bar(transcript)
        assert first
        for _ in range(3):
            await press(pilot, "X")
            assert transcript.position == 5
            assert line_at_bar(transcript) == first
        await press(pilot, "k", "X")
        assert line_at_bar(transcript)


async def test_what_says_nothing_is_not_drawn() -> None:
    """Turns and parts without a word take no line: no header, no ``no text 0 B``."""
    deck = with_turns(
        turn(0, PartView("text", "Hello."), author="typed"),
        turn(1, PartView("text", ""), author="machine"),
        turn(2, author="machine"),
        turn(3, PartView("thinking", ""), PartView("text", " "), author="assistant"),
        turn(4, PartView("thinking", ""), PartView("text", "Hi."), author="assistant"),
        turn(5, PartView("image", "", "shot.png", size=2048), author="machine"),
    )
    async with running(deck) as (app, pilot):
        transcript = await open_first(app, pilot)
        lines = all_lines(transcript)
        assert not any("no text" in line or "0 B" in line or "thinking" in line for line in lines)
        assert [transcript.table.height(n) for n in (1, 2, 3)] == [0, 0, 0]
        assert sum(line.startswith("agent") for line in lines) == 1
        assert any("shot.png" in line for line in lines)
        await press(pilot, "G")
        assert transcript.position == 5
