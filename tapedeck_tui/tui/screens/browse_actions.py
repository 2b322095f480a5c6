"""What the keys of browse do to the session or the hit under the bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import on

from tapedeck_tui.model import Hit, SessionRow, TurnView
from tapedeck_tui.text import one_line
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.copying import hit_markdown, session_markdown
from tapedeck_tui.tui.widgets.prompt import LinePrompt
from tapedeck_tui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from tapedeck_tui.tui.widgets.search_box import SearchBox

ANSWER_TURNS = 60
"""Turns at the end of a session in which its last answer is looked for."""


class BrowseActions(DeckScreen):
    """The part of the browse screen that acts; ``BrowseScreen`` says what is current."""

    if TYPE_CHECKING:

        @property
        def rows(self) -> RowList: ...
        @property
        def box(self) -> SearchBox: ...
        def current_hit(self) -> Hit | None: ...
        def current_session(self) -> SessionRow | None: ...
        def put_session(self, row: SessionRow) -> None: ...
        def is_searching(self) -> bool: ...
        def words_sought(self) -> tuple[str, ...]: ...

    def __init__(self) -> None:
        super().__init__()
        self._undo: list[tuple[str, Callable[[], None], SessionRow]] = []
        self.open_when_found = False

    @on(RowList.Opened, "#rows")
    def _opened(self, message: RowList.Opened) -> None:
        if self.is_searching():
            self.open_when_found = True  # what stands here answers older words
            return
        below = self.rows.item(message.index + 1)
        if isinstance(message.item, Hit):
            self._open_hit(message.item)
        elif isinstance(below, Hit):
            self._open_hit(below)
        elif isinstance(message.item, SessionRow):
            self.host.open_reader(message.item.id)

    def _open_hit(self, hit: Hit) -> None:
        """Open where it stands; ``n`` goes on from there."""
        self.host.open_reader(
            hit.session_id, hit.turn_id, hit.place.start, hit.place.length, words=self.words_sought()
        )

    def open_best(self) -> None:
        """Open the best hit there is; typed ahead while the words were still being looked for."""
        best = next(
            (item for n in range(self.rows.count) if isinstance(item := self.rows.item(n), Hit)), None
        )
        self.open_when_found = False
        if best is not None:
            self.rows.move(1)
            self._open_hit(best)
        else:
            self.host.type_ahead.release()

    def action_search(self) -> None:
        self.set_focus(self.box.input)  # at once: the next key is already text

    def action_ask_about(self) -> None:
        if session := self.current_session():
            self.host.open_ask(session.id)

    def action_promote(self) -> None:
        """Promote the turn found, or the session's last answer."""
        hit, session = self.current_hit(), self.current_session()
        if hit is not None:
            self.host.open_promote((hit.turn_id,))
        elif session is not None:
            self.in_thread("promote", partial(self._last_answer, session), self._promote_turn)

    def _last_answer(self, session: SessionRow) -> TurnView | None:
        turns = self.deck.turns(session.id, max(0, session.turns - ANSWER_TURNS), ANSWER_TURNS)
        return next((turn for turn in reversed(turns) if turn.author == "assistant" and turn.text), None)

    def _promote_turn(self, turn: TurnView | None) -> None:
        if turn is None:
            self.host.say("This session has no answer to promote. Open it and mark turns with v.", "warning")
        else:
            self.host.open_promote((turn.id,))

    def action_star(self) -> None:
        if session := self.current_session():
            on = not session.starred
            self._change(
                session, replace(session, starred=on), partial(self.deck.star, session.id, on),
                partial(self.deck.star, session.id, not on), "the star",
            )  # fmt: skip

    async def action_label(self) -> None:
        session = self.current_session()
        if session is None:
            return
        has = f"has {' '.join('#' + label for label in session.labels)}; " if session.labels else ""
        await self.app.push_screen(
            LinePrompt("label", f"{has}a word; the same word again takes it off"),
            partial(self._labelled, session),
        )

    def _labelled(self, session: SessionRow, answer: str | None) -> None:
        label = one_line((answer or "").lstrip("#"), 40)
        if not label:
            return
        on = label not in session.labels
        labels = tuple(sorted({*session.labels, label} if on else {*session.labels} - {label}))
        self._change(
            session, replace(session, labels=labels), partial(self.deck.label, session.id, label, on),
            partial(self.deck.label, session.id, label, not on), f"the label {label}",
        )  # fmt: skip

    def _change(
        self, old: SessionRow, new: SessionRow, do: Callable[[], None], undo: Callable[[], None], what: str
    ) -> None:
        def done(_: None) -> None:
            self._undo.append((what, undo, old))
            self.put_session(new)

        self.in_thread("change", do, done)

    def action_undo(self) -> None:
        if not self._undo:
            self.host.say("Nothing to undo.")
            return
        what, undo, old = self._undo.pop()

        def done(_: None) -> None:
            self.put_session(old)
            self.host.say(f"Undone: {what} of “{one_line(old.title, 40)}”.")

        self.in_thread("change", undo, done)

    def action_copy(self) -> None:
        hit, session = self.current_hit(), self.current_session()
        if session is None:
            return
        if hit is not None:
            self.host.copy(hit_markdown(hit, session), "the passage with its source")
        else:
            self.host.copy(session_markdown(session), "the session's title and id")

    def action_edit_source(self) -> None:
        """Open the file: of a hit at its line."""
        hit, session = self.current_hit(), self.current_session()
        if session is None:
            return

        def read() -> tuple[str, int]:
            if hit is not None:
                turn = self.deck.turn(hit.turn_id)
                return turn.path, turn.line
            return self.deck.session(session.id).path, 0

        self.in_thread("source", read, lambda where: self.host.edit_file(*where))

    def action_next_match(self) -> None:
        self._to_match(1)

    def action_previous_match(self) -> None:
        self._to_match(-1)

    def _to_match(self, step: int) -> None:
        at = self.rows.cursor + step
        while 0 <= at < self.rows.count:
            if isinstance(self.rows.item(at), Hit):
                self.rows.move(at)
                return
            if self.rows.item(at) is None:
                return
            at += step
