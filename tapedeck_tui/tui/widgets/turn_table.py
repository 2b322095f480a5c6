"""Which turns of a session are known, how tall each is, and how they belong together.

Heights of turns not read yet are guessed and of turns not drawn yet estimated, so a session of ten
thousand turns opens at once; ``starts`` says at which line each turn begins.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate

from tapedeck_tui.model import PartView, TurnView
from tapedeck_tui.tui.widgets.turn_lines import Frame, IsOpen, call_key, estimate, says_nothing

PAGE = 100
"""Turns in a page."""
PAGES_KEPT = 20
"""Pages in memory."""
GUESS = 4
"""Lines of a turn that has not been read."""


class TurnTable:
    """Turns by position.

    Args:
        count: how many the session has.
        usual: the session's model.
        base: the session's folder.
    """

    def __init__(self, count: int = 0, usual: str = "", base: str = "") -> None:
        self.count = count
        self._base = base
        self._usual = usual
        self._pages: OrderedDict[int, Sequence[TurnView]] = OrderedDict()
        self._read_at: dict[int, int] = {}
        self._heights = [GUESS] * count
        self._starts: list[int] | None = None
        self._results: dict[tuple[int, str], PartView] = {}
        self._calls: dict[str, list[int]] = {}
        self._attached: dict[int, tuple[int, str]] = {}
        self._result_at: dict[tuple[int, str], int] = {}

    def grow(self, count: int) -> None:
        """The session has this many turns now."""
        if count > self.count:
            self._heights += [GUESS] * (count - self.count)
            self.count = count
            self._starts = None

    # turns

    def __getitem__(self, position: int) -> TurnView | None:
        page = self._pages.get(position // PAGE)
        offset = position % PAGE
        return page[offset] if page is not None and offset < len(page) else None

    def has_page(self, page: int) -> bool:
        """Whether the page has been read since the session last grew into it."""
        if page not in self._pages:
            return False
        self._pages.move_to_end(page)
        return (
            len(self._pages[page]) >= min(PAGE, self.count - page * PAGE) or self._read_at[page] == self.count
        )

    def put(self, start: int, turns: Sequence[TurnView], width: int, is_open: IsOpen) -> set[int]:
        """Take a page of turns. Returns the positions, of this page or another, that must be drawn anew."""
        page = start // PAGE
        self._pages[page] = turns
        self._read_at[page] = self.count
        self._pages.move_to_end(page)
        touched = set(range(start, start + len(turns)))
        for position, turn in enumerate(turns, start):
            for part in turn.parts:
                if part.kind == "tool_call" and part.call_id:
                    known = self._calls.setdefault(part.call_id, [])
                    if position not in known:
                        insort(known, position)
            if (
                turn.parts
                and all(part.kind == "tool_result" for part in turn.parts)
                and "answer" not in turn.flags
            ):
                touched |= self._attach(position, turn)
        for after in range(start + len(turns), min(start + len(turns) + 3, self.count)):
            if self[after] is not None:
                touched.add(after)
        for position in touched:
            here = self[position]
            if here is not None:
                self._heights[position] = estimate(here, self.frame(position), width, is_open)
        self._starts = None
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        return touched

    def _attach(self, position: int, turn: TurnView) -> set[int]:
        """Draw the results in a tool turn with their calls. Returns the positions of the calls."""
        homes: dict[int, str] = {}
        for part in turn.parts:
            earlier = (
                [at for at in self._calls.get(part.call_id, ()) if at < position] if part.call_id else []
            )
            if not earlier:
                return set()
            homes[earlier[-1]] = part.call_id
            self._results[earlier[-1], part.call_id] = part
            self._result_at[earlier[-1], part.call_id] = position
        self._attached[position] = next(iter(homes.items()))
        return set(homes)

    def clipped_in(self, position: int, fold: str) -> list[int]:
        """Positions of the turns behind an open fold that are only known clipped."""
        turn = self[position]
        if turn is None:
            return []
        behind = {position} | {
            self._result_at[position, part.call_id]
            for part in turn.parts
            if (position, part.call_id) in self._result_at and fold == call_key(turn, part.call_id)
        }
        known = ((at, self[at]) for at in sorted(behind))
        return [at for at, found in known if found is not None and any(part.clipped for part in found.parts)]

    def replace(self, position: int, turn: TurnView) -> set[int]:
        """Put the whole turn in the place of the clipped one. Returns the positions to draw anew."""
        page, offset = self._pages.get(position // PAGE), position % PAGE
        if page is None or offset >= len(page):
            return set()
        self._pages[position // PAGE] = [*page[:offset], turn, *page[offset + 1 :]]
        return {position} | (self._attach(position, turn) if position in self._attached else set())

    def frame(self, position: int) -> Frame:
        """What surrounds the turn, as far as it is known."""
        turn = self[position]
        if turn is None:
            return Frame({})
        found = {part.call_id: self._results[position, part.call_id] for part in turn.parts
                 if part.kind == "tool_call" and (position, part.call_id) in self._results}  # fmt: skip
        before = position - 1
        while before in self._attached or ((turn_before := self[before]) and says_nothing(turn_before)):
            before -= 1
        previous = self[before] if before >= 0 else None
        follows = (
            previous is not None
            and previous.author == turn.author == "assistant"
            and previous.speaker == turn.speaker
            and previous.model == turn.model
            and ("abandoned" in previous.flags) == ("abandoned" in turn.flags)
        )
        return Frame(found, position in self._attached, follows, self._usual, before < 0, self._base)

    def home_of(self, position: int) -> tuple[int, str]:
        """Where a turn is drawn: itself, or the turn with its call and the fold to open there."""
        home = self._attached.get(position)
        turn = self[home[0]] if home is not None else None
        if home is None or turn is None:
            return position, ""
        return home[0], call_key(turn, home[1])

    # lines

    @property
    def starts(self) -> list[int]:
        """First line of each turn, and the number of lines at the end (length ``count`` + 1)."""
        if self._starts is None:
            self._starts = [0, *accumulate(self._heights)]
        return self._starts

    @property
    def lines(self) -> int:
        return self.starts[-1]

    def height(self, position: int) -> int:
        return self._heights[position]

    def set_height(self, position: int, lines: int) -> None:
        if self._heights[position] != lines:
            self._heights[position] = lines
            self._starts = None

    def locate(self, y: int) -> tuple[int, int]:
        """Turn and line in it at an absolute line; the nearest where there is none."""
        if not self.count:
            return 0, 0
        y = max(0, min(y, self.lines - 1))
        position = max(0, min(bisect_right(self.starts, y) - 1, self.count - 1))
        return position, y - self.starts[position]

    def y_of(self, position: int, line: int = 0) -> int:
        """Absolute line of a line in a turn; the turn's last for a negative one."""
        height = self._heights[position] if self.count else 0
        within = height - 1 if line < 0 else min(line, height - 1)
        return self.starts[position] + max(0, within)
