"""The turns of a session: a bar that moves by lines, folds, marks, found words.

Pages of turns are asked for with ``TurnsWanted`` and handed over with ``put_turns``; only what is near the
screen is ever read or rendered, so a session of ten thousand turns opens at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from tapedeck_tui.model import TurnView
from tapedeck_tui.tui.widgets.markdown_lines import MOST_TEXT
from tapedeck_tui.tui.widgets.transcript_lines import TranscriptLines
from tapedeck_tui.tui.widgets.turn_table import PAGE, TurnTable
from tapedeck_tui.tui.widgets.word_marks import spans_of_quote, spans_of_words, words_of


class Transcript(TranscriptLines):
    """Turns with a bar that moves by lines; tool calls, thinking and machine turns fold."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pending: tuple[int, list[str], bool] | None = None
        self._shown = (-1, -1)
        self._follow = ""
        self._to_first_line = False

    def after_drawing(self) -> None:
        drawn = self._drawn.get(self._at[0])
        if self._to_first_line and drawn is not None:
            offset = self._bar_offset()
            self._at = (self._at[0], next((n for n, s in enumerate(drawn.strips) if s.text.strip()), 0))
            self._to_first_line = False
            self._settle(offset)
        if self._follow and drawn is not None:
            if self._follow in drawn.folds:
                offset = self._bar_offset()
                self._at = (self._at[0], drawn.folds.index(self._follow))
                self._settle(offset)
            self._follow = ""
        self._resolve()

    # what is shown

    def load(self, count: int, usual: str = "", base: str = "") -> None:
        """Show a session of this many turns, made with this model in this folder."""
        self.table = TurnTable(count, usual, base)
        self._drawn.clear()
        self._asked.clear()
        self._generation += 1
        self._at = (0, 0)
        self._settle(0)

    def grow(self, count: int) -> None:
        """The session was appended to: the bar stays."""
        if count > self.table.count:
            self._asked.discard((self.table.count - 1) // PAGE)
            offset = self._bar_offset()
            self.table.grow(count)
            self._settle(offset)

    def put_turns(self, start: int, turns: Sequence[TurnView]) -> None:
        offset = self._bar_offset()
        for position in self.table.put(start, turns, self._width, self.is_open):
            self._drawn.pop(position, None)
        self._asked.discard(start // PAGE)
        self._settle(offset)

    def put_whole(self, position: int, turn: TurnView) -> None:
        """A turn that was only known clipped, whole."""
        offset = self._bar_offset()
        self._forget_drawn(self.table.replace(position, turn))
        self._settle(offset)

    def show_turn(self, position: int, words: str = "", *, quote: bool = False) -> None:
        """Put the bar on a turn, on the line with the words where there are any.

        Args:
            words: what to look for in the turn's lines.
            quote: mark the words as one passage instead of each by itself.
        """
        if not self.table.count:
            return
        position = max(0, min(position, self.table.count - 1))
        self._pending = (position, words_of(words), quote)
        self._at = (position, 0)
        self._settle(max(1, self.size.height // 4))
        self._resolve()

    def find(self, words: str) -> None:
        """Mark these words wherever they are drawn; "" for none."""
        self._words = words_of(words)
        self.refresh()

    @property
    def position(self) -> int:
        """The turn the bar stands on."""
        return self._at[0]

    @property
    def seen_position(self) -> int:
        """The turn last shown with ``show_turn`` while the bar is still there, else the bar's."""
        home, position = self._shown
        return position if home == self._at[0] else self._at[0]

    @property
    def turn(self) -> TurnView | None:
        return self.table[self._at[0]]

    # folds

    def _follow_fold(self) -> None:
        """The fold the bar stands in changes its height: keep the bar on the fold's own line, or, in none, on
        the first line of its turn."""
        position, line = self._at
        drawn = self._drawn.get(position)
        if drawn is None or not drawn.folds:
            return
        at = drawn.fold_of(min(line, len(drawn.folds) - 1)) if line >= 0 else -1
        self._follow = drawn.folds[at] if at >= 0 else ""
        self._to_first_line = at < 0
        self._at = (position, max(0, at))

    def toggle_here(self, *, nearby: bool = False) -> bool:
        """Open or fold what the bar stands on, or in; ``nearby``: or the next one below in the same turn.

        Returns:
            False when there is nothing to fold.
        """
        position, line = self._at
        drawn = self._drawn.get(position)
        if drawn is None:
            return False
        if not drawn.folds:
            return False
        line = len(drawn.folds) - 1 if line < 0 else min(line, len(drawn.folds) - 1)
        at = drawn.fold_of(line)
        if at < 0 and nearby:
            at = next((n for n in range(line, len(drawn.folds)) if drawn.folds[n]), -1)
        if at < 0:
            return False
        self._open ^= {drawn.folds[at]}
        offset = self._bar_offset() - (line - at)
        self._at = (position, at)
        self._forget_drawn({position})
        self._settle(max(0, min(offset, self.size.height - 1)))
        if self.is_open(drawn.folds[at]):
            for clipped in self.table.clipped_in(position, drawn.folds[at]):
                self.post_message(self.WholeWanted(clipped).set_sender(self))
        return True

    def toggle_all(self) -> bool:
        """Open or fold all tool calls. Returns whether they are open now."""
        self._all_open = not self._all_open
        self._open = {key for key in self._open if key[:1] not in "cr"}
        offset = self._bar_offset()
        self._follow_fold()
        self._forget_drawn(set(self._drawn))
        self._settle(offset)
        return self._all_open

    def _resolve(self) -> None:
        """Finish ``show_turn`` once the turn and its neighbours are drawn."""
        if self._pending is None:
            return
        position, words, quote = self._pending
        home, fold = self.table.home_of(position)
        turn = self.table[position]
        if turn is None:
            return
        if fold and not self.is_open(fold):
            self._open ^= {fold}
            self._forget_drawn({home})
        self._at = (home, self._at[1] if self._at[0] == home else 0)
        if words and not fold:
            self._open_what_hides(turn, words)
        drawn = self._drawn.get(home)
        if drawn is None:
            self._settle(max(1, self.size.height // 4))
            return
        self._pending = None
        texts = [strip.text for strip in drawn.strips]
        if words and quote:
            spans = spans_of_quote(texts, words)
            self._quote = {home: spans}
            lines = sorted(spans)
        else:
            lines = [n for n, text in enumerate(texts) if words and spans_of_words(text, words)]
            if fold and not lines:
                lines = [n for n, key in enumerate(drawn.folds) if key == fold]
        first = lines[0] if lines else next((n for n, text in enumerate(texts) if text.strip()), 0)
        self._at = (home, first)
        self._shown = (home, position)
        self._settle(max(1, self.size.height // 4))

    def _open_what_hides(self, turn: TurnView, words: list[str]) -> None:
        for number, part in enumerate(turn.parts):
            key = {"thinking": f"k:{turn.id}:{number}", "text": f"m:{turn.id}"}.get(part.kind, "")
            said = part.text[:MOST_TEXT]
            if part.kind == "text" and turn.author != "machine":
                if spans_of_words(said, words):
                    return
                continue
            if key and not self.is_open(key) and spans_of_words(said, words):
                self._open.add(key)
                self._forget_drawn({turn.position})

    def _move_to(self, y: int) -> None:
        if not self.table.count:
            return
        self._pending = None
        self._at = self.table.locate(y)
        bar, height, top = self.bar_y, self.size.height, self.scroll_offset.y
        if bar < top:
            self._scroll_to_line(bar)
        elif bar >= top + height:
            self._scroll_to_line(bar - height + 1)
        self._after_move()

    def action_cursor_down(self) -> None:
        self._move_to(self.bar_y + 1)

    def action_cursor_up(self) -> None:
        self._move_to(self.bar_y - 1)

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        if self.table.count:
            self._at = (self.table.count - 1, -1)
            self._settle(self.size.height - 1)

    def _page_by(self, lines: int) -> None:
        """Move bar and page together, as a pager does."""
        offset = max(0, min(self._bar_offset(), self.size.height - 1))
        self._at = self.table.locate(self.bar_y + lines)
        self._pending = None
        self._settle(offset)

    def action_half_down(self) -> None:
        self._page_by(max(1, self.size.height // 2))

    def action_half_up(self) -> None:
        self._page_by(-max(1, self.size.height // 2))

    def action_page_down(self) -> None:
        self._page_by(max(1, self.size.height - 2))

    def action_page_up(self) -> None:
        self._page_by(-max(1, self.size.height - 2))

    def action_open(self) -> None:
        self.toggle_here()

    async def action_back_or_fold(self) -> None:
        position, line = self._at
        drawn = self._drawn.get(position)
        at = drawn.fold_of(line) if drawn is not None and 0 <= line < len(drawn.folds) else -1
        if drawn is None or at < 0 or not self.is_open(drawn.folds[at]) or not self.toggle_here():
            await self.app.run_action("app.step_back")

    def on_click(self, event: events.Click) -> None:
        y = self.scroll_offset.y + event.get_content_offset_capture(self).y
        if y < self.table.lines:
            again = y == self.bar_y
            self._move_to(y)
            if again or event.chain > 1:
                self.toggle_here()
