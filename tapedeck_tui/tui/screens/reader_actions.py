"""What the keys of the reader do to the turn under the bar and to the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tapedeck_tui.model import LinkView, SessionView, TurnView
from tapedeck_tui.text import one_line
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.cells import plain
from tapedeck_tui.tui.widgets.copying import turns_markdown
from tapedeck_tui.tui.widgets.prompt import LinePrompt
from tapedeck_tui.tui.widgets.session_header import SessionHeader, all_links
from tapedeck_tui.tui.widgets.transcript import Transcript

ASKS_READ = 200
"""Turns read at a time while looking for the next typed one."""


class ReaderActions(DeckScreen):
    """The part of the reader that acts."""

    view: SessionView | None = None

    def __init__(self) -> None:
        super().__init__()
        self._undo: list[tuple[str, Callable[[], None]]] = []

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def session_id(self) -> str:
        raise NotImplementedError

    # turns

    def action_fold_one(self) -> None:
        if not self.transcript.toggle_here(nearby=True):
            self.host.say("Nothing to unfold in this turn.")

    def action_fold_all(self) -> None:
        self.transcript.toggle_all()

    def action_mark(self) -> None:
        """Mark the turn, and go to the next one so that several are marked quickly."""
        turn = self.transcript.turn
        if turn is not None:
            self._toggle_mark(turn.position)
            self._undo.append(("the mark", partial(self._toggle_mark, turn.position)))

    def _toggle_mark(self, position: int) -> None:
        self.transcript.marked ^= {position}
        self.transcript.refresh()
        self.show_status()

    def action_next_typed(self) -> None:
        self.in_thread("typed", partial(self._typed_from, self.transcript.position, 1), self._to_typed)

    def action_previous_typed(self) -> None:
        self.in_thread("typed", partial(self._typed_from, self.transcript.position, -1), self._to_typed)

    def _typed_from(self, position: int, step: int) -> int | None:
        """The next turn typed by a person after (before) this one, None when there is none."""
        total = self.transcript.table.count
        at = position + step
        while 0 <= at < total:
            start = at if step > 0 else max(0, at - ASKS_READ + 1)
            turns = self.deck.turns(self.session_id, start, ASKS_READ if step > 0 else at - start + 1)
            for turn in turns[::step]:
                if turn.author in ("typed", "person"):
                    return turn.position
            if not turns:
                return None
            at = turns[-1].position + 1 if step > 0 else start - 1
        return None

    def _to_typed(self, position: int | None) -> None:
        if position is None:
            self.host.say("No more turns of yours in this direction.")
        else:
            self.transcript.show_turn(position)

    def _chosen(self) -> Callable[[], list[TurnView]] | None:
        """Reads the marked turns, or gives the one under the bar."""
        marked = sorted(self.transcript.marked)
        if not marked:
            turn = self.transcript.turn
            return (lambda: [turn]) if turn is not None else None

        def read() -> list[TurnView]:
            return [turn for position in marked for turn in self.deck.turns(self.session_id, position, 1)]

        return read

    def action_promote(self) -> None:
        if read := self._chosen():
            self.in_thread("chosen", read, lambda turns: self.host.open_promote(tuple(t.id for t in turns)))

    def action_copy(self) -> None:
        view, read = self.view, self._chosen()
        if view is None or read is None:
            return

        def copy(turns: list[TurnView]) -> None:
            what = "the turn" if len(turns) == 1 else f"{len(turns)} turns"
            self.host.copy(turns_markdown(turns, view.row), f"{what} with the source")

        def read_whole() -> list[TurnView]:
            return [self.deck.whole(t.id) if any(p.clipped for p in t.parts) else t for t in read()]

        self.in_thread("chosen", read_whole, copy)

    def action_edit_source(self) -> None:
        turn = self.transcript.turn if self.transcript.table.count else None
        if turn is not None and turn.path:
            self.host.edit_file(turn.path, turn.line)
        elif self.view is not None:
            self.host.edit_file(self.view.path)

    # the session

    def action_ask_about(self) -> None:
        self.host.open_ask(self.session_id)

    def _change(self, new: SessionView, do: Callable[[], None], undo: Callable[[], None] | None) -> None:
        def done(_: None) -> None:
            if undo is not None:
                self._undo.append(("the change", undo))
            self.view = new
            self.query_one(SessionHeader).show(new)
            self.host.row_changed(new.row)

        self.in_thread("change", do, done)

    def action_star(self) -> None:
        if (view := self.view) is not None:
            on = not view.row.starred
            self._set_star(view, on)
            self._undo.append(("the star", lambda: self._set_star(self.view or view, not on)))

    def _set_star(self, view: SessionView, on: bool) -> None:
        new = replace(view, row=replace(view.row, starred=on))
        self._change(new, partial(self.deck.star, self.session_id, on), None)

    async def action_label(self) -> None:
        if self.view is not None:
            has = " ".join("#" + label for label in self.view.row.labels)
            await self.app.push_screen(
                LinePrompt(
                    "label", f"{f'has {has}; ' if has else ''}a word; the same word again takes it off"
                ),
                self._labelled,
            )

    def _labelled(self, answer: str | None) -> None:
        label = one_line((answer or "").lstrip("#"), 40)
        if label:
            self._toggle_label(label)
            self._undo.append((f"the label {label}", partial(self._toggle_label, label)))

    def _toggle_label(self, label: str) -> None:
        if (view := self.view) is None:
            return
        on = label not in view.row.labels
        labels = tuple(sorted({*view.row.labels, label} if on else {*view.row.labels} - {label}))
        new = replace(view, row=replace(view.row, labels=labels))
        self._change(new, partial(self.deck.label, self.session_id, label, on), None)

    def action_undo(self) -> None:
        if not self._undo:
            self.host.say("Nothing to undo.")
            return
        what, undo = self._undo.pop()
        undo()
        self.host.say(f"Undone: {what}.")

    def action_links(self) -> None:
        """Go to the only link, or choose one."""
        links = all_links(self.view) if self.view is not None else []
        if not links:
            self.host.say("This session is not linked to others.")
        elif len(links) == 1:
            self._follow(links[0])
        else:
            from tapedeck_tui.tui.screens.links import links_screen

            self.app.push_screen(links_screen(links), self._follow)

    def _follow(self, link: LinkView | None) -> None:
        if link is None:
            return
        if link.session_id:
            self.host.open_reader(link.session_id)
        else:
            self.host.copy(link.target, f"the link: {plain(link.target, 60)}")
