"""Reader: one session, turn by turn, with find, folds and marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from tapedeck_tui.errors import NotFound, TapedeckError
from tapedeck_tui.events import Changed
from tapedeck_tui.model import SessionView
from tapedeck_tui.text import count, one_line
from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.screens.reader_actions import ReaderActions
from tapedeck_tui.tui.widgets.empty_state import EmptyState
from tapedeck_tui.tui.widgets.session_header import SessionHeader
from tapedeck_tui.tui.widgets.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Opened:
    """What is read before anything is drawn: the session, how many turns, where to begin, and where the words
    that were searched for stand."""

    view: SessionView
    count: int
    position: int
    words: str
    found: Sequence[int] = ()


class ReaderScreen(ReaderActions):
    """Opens at a turn, with the words of a citation marked; escape goes back to where it was opened from.

    Args:
        session_id: which session.
        turn_id: the turn to begin at, "" for ``position``.
        start, length: the words in that turn's text.
        position: number of the turn to begin at where no turn is named; -1 for the beginning.
        words: what was searched for; ``n`` goes on to the next of them.
    """

    CSS_PATH = "reader.tcss"
    HELP = "reader"
    AUTO_FOCUS = "#transcript"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("reader")

    def __init__(
        self,
        session_id: str,
        turn_id: str = "",
        start: int = 0,
        length: int = 0,
        position: int = -1,
        words: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._session_id = session_id
        self._turn_id = turn_id
        self._words_at = (start, length)
        self._position = position
        self._searched = tuple(words)
        self._found: list[int] = []
        self._sought = ""

    def body(self) -> Iterable[Widget]:
        yield SessionHeader()
        yield Transcript(id="transcript")
        yield EmptyState()
        with Horizontal(id="find-line"):
            yield Static("/", id="find-mark", markup=False)
            yield Input(placeholder="find in this session", compact=True, id="find")

    def on_mount(self) -> None:
        self.in_thread("open", self._open, self._opened, self._not_opened)

    def _open(self) -> Opened:
        deck = self.deck
        view = deck.session(self._session_id)
        position, words = self._position, ""
        if self._turn_id:
            turn = deck.turn(self._turn_id)
            position = turn.position if turn.session_id == view.row.id else self._position_of(view)
            start, length = self._words_at
            words = turn.text[start : start + length]
        found = self._positions_of(view.row.id, self._searched) if self._searched else ()
        return Opened(view, deck.turn_count(view.row.id), position, words, found)

    def _positions_of(self, session_id: str, words: Sequence[str]) -> list[int]:
        """Turns with all the words, or, where there are none, with any of them."""
        find = self.deck.find_in_session
        return find(session_id, " ".join(words)) or sorted(
            {p for word in words for p in find(session_id, word)}
        )

    def _position_of(self, view: SessionView) -> int:
        """Where a turn shared by several sessions stands in this one."""
        start = 0
        while turns := self.deck.turns(view.row.id, start, 500):
            for turn in turns:
                if turn.id == self._turn_id:
                    return turn.position
            start += len(turns)
        return 0

    def _opened(self, opened: Opened) -> None:
        self.view = opened.view
        self.query_one(SessionHeader).show(opened.view)
        self.host.set_title(opened.view.row.title)
        if not opened.count:
            self.add_class("-empty")
            self.query_one(EmptyState).show(
                "This session has no turns.", (("esc", "back"), ("o", "source file"))
            )
            self.host.type_ahead.release()
            return
        self.transcript.load(opened.count, opened.view.model, opened.view.row.project)
        if opened.found:
            self._found, self._sought = list(opened.found), " ".join(self._searched)
            self.query_one("#find", Input).value = self._sought
            self.transcript.find(self._sought)
        if opened.position in self._found:
            self._show_match(opened.position)
        elif opened.position >= 0:
            self.transcript.show_turn(opened.position, opened.words, quote=True)
        self.show_status()
        self.host.type_ahead.release()

    def _not_opened(self, error: TapedeckError) -> None:
        self.add_class("-empty")
        self.query_one(EmptyState).show(str(error), (("esc", "back"),))
        if not isinstance(error, NotFound):
            self.host.say_error(error)
        self.host.type_ahead.release()

    @on(Transcript.TurnsWanted)
    def _turns_wanted(self, message: Transcript.TurnsWanted) -> None:
        read = partial(self.deck.turns, self.session_id, message.start, message.limit)
        self.in_thread(f"turns-{message.start}", read, partial(self.transcript.put_turns, message.start))

    @on(Transcript.WholeWanted)
    def _whole_wanted(self, message: Transcript.WholeWanted) -> None:
        turn = self.transcript.table[message.position]
        if turn is not None:
            read = partial(self.deck.whole, turn.id)
            self.in_thread(f"whole-{turn.id}", read, partial(self.transcript.put_whole, message.position))

    @on(Transcript.Moved)
    def _moved(self) -> None:
        self.show_status()

    def library_changed(self, change: Changed) -> None:
        """The session may have grown while it is read."""
        if self.view is not None:
            self.in_thread("grow", partial(self.deck.turn_count, self.session_id), self.transcript.grow)

    @property
    def session_id(self) -> str:
        return self.view.row.id if self.view is not None else self._session_id

    def reading(self) -> tuple[str, int]:
        """What is needed to open here again."""
        return self.session_id, self.transcript.position

    def status_words(self) -> str:
        if self.view is None or not self.transcript.table.count:
            return ""
        words = []
        if self._sought:
            at = sum(1 for position in self._found if position <= self.transcript.position)
            matches = f"{at} of {count(len(self._found), 'match', 'matches')}"
            words.append(f"“{one_line(self._sought, 24)}” {matches}")
        if self.transcript.marked:
            words.append(f"{len(self.transcript.marked)} marked")
        words.append(f"turn {self.transcript.position + 1:,} of {self.transcript.table.count:,}")
        return " · ".join(words)

    # find

    def action_find(self) -> None:
        self.query_one("#find-line").add_class("-shown")
        self.set_focus(self.query_one("#find", Input))

    @on(Input.Submitted, "#find")
    def _find(self, message: Input.Submitted) -> None:
        message.stop()
        words = message.value.strip()
        self.query_one("#find-line").remove_class("-shown")
        self.set_focus(self.transcript)
        if not words:
            self._end_find()
            return
        self._sought = words
        self.in_thread("find", partial(self.deck.find_in_session, self.session_id, words), self._find_done)

    def _find_done(self, positions: list[int]) -> None:
        self._found = positions
        self.transcript.find(self._sought)
        if not positions:
            self.host.say(f"No turn of this session has “{self._sought}”.")
        else:
            here = self.transcript.position
            self._show_match(next((p for p in positions if p >= here), positions[0]))
        self.show_status()

    def _end_find(self) -> None:
        self._found, self._sought = [], ""
        self.transcript.find("")
        self.show_status()

    def _show_match(self, position: int) -> None:
        self.transcript.show_turn(position, self._sought)

    def action_next_match(self) -> None:
        self._to_match(1)

    def action_previous_match(self) -> None:
        self._to_match(-1)

    def _to_match(self, step: int) -> None:
        if not self._found:
            self.host.say("Nothing is being looked for; / finds words.")
            return
        here = self.transcript.seen_position
        if step > 0:
            wanted = next((p for p in self._found if p > here), self._found[0])
        else:
            wanted = next((p for p in reversed(self._found) if p < here), self._found[-1])
        self._show_match(wanted)

    # closing

    def close(self) -> bool:
        line = self.query_one("#find-line")
        if line.has_class("-shown"):
            line.remove_class("-shown")
            self.set_focus(self.transcript)
            return True
        if self._sought:
            self.query_one("#find", Input).value = ""
            self._end_find()
            return True
        return self.go_back()

    def go_back(self) -> bool:
        self.host.set_title()
        return super().go_back()


def reader_screen(
    session_id: str,
    turn_id: str = "",
    start: int = 0,
    length: int = 0,
    position: int = -1,
    words: Sequence[str] = (),
) -> ReaderScreen:
    """The reader, for ``TapedeckApp.open_reader``."""
    return ReaderScreen(session_id, turn_id, start, length, position, words)
