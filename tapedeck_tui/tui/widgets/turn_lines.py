"""A turn as lines: a header, prose, and one line for each tool call until it is opened.

Pure functions for a worker thread; the result is cached by turn, width, theme and what is open in it.
A tool result is drawn with its call, so the turn that holds it has no lines of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tapedeck_tui.model import PartView, TurnView
from tapedeck_tui.text import one_line
from tapedeck_tui.tui.widgets.cells import fit, plain
from tapedeck_tui.tui.widgets.markdown_lines import Lines, make_console, prose, wrapped
from tapedeck_tui.tui.widgets.when import size

if TYPE_CHECKING:
    from rich.console import Console

    from tapedeck_tui.tui.widgets.inks import Inks

AUTHORS = {
    "typed": "you", "assistant": "agent", "tool": "tool", "program": "program", "parent-model": "parent agent",
    "machine": "machine", "person": "person",
}  # fmt: skip
FLAGS = {
    "abandoned": "abandoned, you went back before this", "compaction": "summary made when the context ran out",
    "synthetic": "written by the harness", "queued": "typed while the agent worked",
    "low-confidence": "from a trace, not from the message", "superseded": "only in an older copy of the file",
    "command": "command",
}  # fmt: skip
FOLDED = ("tool_call", "thinking", "tool_result")
RESULT_LINES = 400
"""Lines of an opened tool result; the rest stays on the tape."""
CLOSED, OPEN = "▸", "▾"


class IsOpen(Protocol):
    """Whether a fold is open; ``key`` as in ``TurnLines.folds``."""

    def __call__(self, key: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a turn.

    results   the results of its tool calls that are known, by call id
    attached  a tool turn whose results are all drawn with their calls
    follows   the turn before is by the same author: no header again
    usual     the model of the session, not worth repeating
    first     nothing stands above it
    base      the session's folder, left out of paths
    """

    results: Mapping[str, PartView]
    attached: bool = False
    follows: bool = False
    usual: str = ""
    first: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True)
class TurnLines:
    """A drawn turn.

    strips  the lines, without gutter
    folds   for each line the key of what enter opens or closes there, or ""
    bodies  for each line the key of the open fold it is the content of, or ""
    """

    strips: tuple[Strip, ...]
    folds: tuple[str, ...]
    bodies: tuple[str, ...]

    def fold_of(self, line: int) -> int:
        """The line of the fold this line is the head or the content of, -1 for none."""
        if self.folds[line]:
            return line
        return self.folds.index(self.bodies[line]) if self.bodies[line] else -1


def draw_turn(
    turn: TurnView, frame: Frame, width: int, inks: Inks, is_open: IsOpen, *, dark: bool
) -> TurnLines:
    """The lines of a turn, each of exactly ``width`` cells."""
    if frame.attached or says_nothing(turn):
        return TurnLines((), (), ())
    page = _Page(width, inks, make_console(width, inks), dark)
    if not frame.first and not (frame.follows and turn.parts and turn.parts[0].kind in FOLDED):
        page.blank()
    if not frame.follows and not _is_one_line(turn):
        page.header(turn, frame)
    if turn.author == "machine" and _is_one_line(turn):
        _machine(page, turn, is_open)
    else:
        _parts(page, turn, frame, is_open)
    if "abandoned" in turn.flags:
        page.dim()
    return page.done()


def says_nothing(turn: TurnView) -> bool:
    """Whether there is nothing to draw: no part, or only empty ones."""
    return not any(_says_something(part) for part in turn.parts)


def _says_something(part: PartView) -> bool:
    return part.kind not in ("text", "thinking") or bool(part.text.strip()) or part.size > 0


def _is_one_line(turn: TurnView) -> bool:
    """Machine turns and results without their call: the fold says whose they are, no header does."""
    if turn.author == "machine":
        return "compaction" not in turn.flags and bool(turn.text.strip())
    return turn.author == "tool" and bool(turn.parts) and all(p.kind == "tool_result" for p in turn.parts)


def _machine(page: _Page, turn: TurnView, is_open: IsOpen) -> None:
    key = f"m:{turn.id}"
    page.fold(key, is_open(key), one_line(turn.text, 400), size(len(turn.text)), name="machine")
    if is_open(key):
        page.plain(turn.text, page.inks.muted, indent=2)


def _parts(page: _Page, turn: TurnView, frame: Frame, is_open: IsOpen) -> None:
    style = page.inks.text if turn.author in ("typed", "assistant", "person") else page.inks.muted
    before = ""
    for number, part in enumerate(turn.parts):
        if not _says_something(part):
            continue
        if part.kind == "text":
            if before and part.text:
                page.blank()
            page.prose(part.text, style)
        elif part.kind == "thinking":
            key = f"k:{turn.id}:{number}"
            page.fold(key, is_open(key), "thinking", size(part.size or len(part.text)))
            if is_open(key):
                page.plain(part.text, page.inks.muted, indent=2)
        elif part.kind == "tool_call":
            if before == "text":
                page.blank()
            _call(page, turn, number, part, frame, is_open)
        elif part.kind == "tool_result":
            key = f"r:{turn.id}:{number}"
            state = "failed" if part.error else "ok"
            words = one_line(part.text, 400)
            page.fold(key, is_open(key), words, size(part.size or len(part.text)), state,
                      name=f"{part.name or 'tool'} result")  # fmt: skip
            if is_open(key):
                page.result(part)
        else:
            words = f"[{part.kind} {part.name} {size(part.size) if part.size else ''}]".replace("  ", " ")
            page.plain(plain(f"{words.replace(' ]', ']')} {part.text}"), page.inks.muted)
        before = part.kind


def _call(page: _Page, turn: TurnView, number: int, part: PartView, frame: Frame, is_open: IsOpen) -> None:
    key = call_key(turn, part.call_id or str(number))
    result = frame.results.get(part.call_id)
    state = "" if result is None else "failed" if result.error else "ok"
    amount = "" if result is None else size(result.size or len(result.text))
    opened = is_open(key)
    page.fold(key, opened, call_words(part, frame.base), amount, state, name=part.name)
    if opened:
        if "\n" in part.text or len(part.text) > page.width // 2:
            page.arguments(part.text)
        if result is not None:
            page.result(result)


def call_words(part: PartView, base: str) -> str:
    """What a call does, in a line: the files of an edit, else its arguments."""
    if part.paths and "\n" in part.text:
        return ", ".join(
            one_line(path.removeprefix(base.rstrip("/") + "/") if base else path) for path in part.paths
        )
    return one_line(part.text or " ".join(part.paths), 400)


def call_key(turn: TurnView, call_id: str) -> str:
    """The fold of a tool call in the turn that makes it."""
    return f"c:{turn.id}:{call_id}"


def estimate(turn: TurnView, frame: Frame, width: int, is_open: IsOpen) -> int:
    """About how many lines ``draw_turn`` will make, without rendering."""
    if frame.attached or says_nothing(turn):
        return 0
    lines = int(not frame.first) + (not frame.follows and not _is_one_line(turn))
    if turn.author == "machine" and _is_one_line(turn):
        return lines + 1
    for part in turn.parts:
        if part.kind == "text":
            lines += 1 + sum(1 + len(line) // max(1, width) for line in part.text[:40_000].split("\n"))
        else:
            lines += 1
    return lines


class _Page:
    """Lines being collected."""

    def __init__(self, width: int, inks: Inks, console: Console, dark: bool) -> None:
        self.width = width
        self.inks = inks
        self._console = console
        self._dark = dark
        self._lines: Lines = []
        self._folds: list[str] = []
        self._bodies: list[str] = []
        self._inside = ""

    def _add(self, line: list[Segment], fold: str = "") -> None:
        self._lines.append(line)
        self._folds.append(fold)
        self._bodies.append("" if fold else self._inside)

    def blank(self) -> None:
        self._inside = ""
        self._add([])

    def header(self, turn: TurnView, frame: Frame) -> None:
        inks = self.inks
        who = plain(turn.speaker, 40) or AUTHORS.get(turn.author, turn.author)
        style = inks.accent + Style(bold=True) if turn.author in ("typed", "person") else inks.strong
        if turn.author not in ("typed", "person", "assistant"):
            style = inks.muted
        facts = [_time(turn.at)]
        if turn.model and turn.model != frame.usual:
            facts.append(plain(turn.model, 40))
        facts += [words for flag, words in FLAGS.items() if flag in turn.flags]
        line = [Segment(who, style), Segment("  " + "  ".join(f for f in facts if f), inks.faint)]
        self._add(line)

    def fold(
        self, key: str, opened: bool, words: str, amount: str = "", state: str = "", *, name: str = ""
    ) -> None:
        """``▸ Bash  pytest -x       failed  2.3 KB``"""
        inks = self.inks
        label = plain(name, 24)
        room = self.width - 2 - (cell_len(label) + 2 if label else 0) - 2 - 6 - 2 - 7
        line = [Segment(f"{OPEN if opened else CLOSED} ", inks.faint)]
        if label:
            line.append(Segment(f"{label}  ", inks.text))
        line.append(Segment(fit(words, room), inks.muted))
        line.append(Segment("  " + fit(state, 6, "right"), inks.bad if state == "failed" else inks.faint))
        line.append(Segment("  " + fit(amount, 7, "right"), inks.faint))
        self._add(line, key)
        self._inside = key if opened else ""

    def prose(self, text: str, style: Style) -> None:
        self._inside = ""
        for line in prose(text, self.width, self._console, dark=self._dark):
            self._add([Segment(s.text, style + (s.style or Style())) for s in line])

    def plain(self, text: str, style: Style, indent: int = 0) -> None:
        pad = [Segment(" " * indent)] if indent else []
        for line in wrapped(text, self.width - indent, self._console, style, most=RESULT_LINES):
            self._add(pad + line)

    def arguments(self, text: str) -> None:
        """The arguments of a call as they are; the lines of a change in their colours, with their + and -."""
        is_change = "\n@@" in text or text.startswith("***")
        pad = [Segment("    ")]
        for line in wrapped(text, self.width - 4, self._console, self.inks.text, most=RESULT_LINES):
            words = "".join(segment.text for segment in line)
            if is_change and words[:1] in ("+", "-"):
                line = [Segment(words, self.inks.good if words[0] == "+" else self.inks.bad)]
            self._add(pad + line)

    def result(self, part: PartView) -> None:
        pad = [Segment("  │ ", self.inks.bad if part.error else self.inks.faint)]
        text = part.text or "(nothing)"
        for line in wrapped(text, self.width - 4, self._console, self.inks.muted, most=RESULT_LINES):
            self._add(pad + line)

    def dim(self) -> None:
        self._lines = [
            [Segment(s.text, self.inks.faint) for s in line] if line else line for line in self._lines
        ]

    def done(self) -> TurnLines:
        strips = tuple(Strip(line).adjust_cell_length(self.width) for line in self._lines)
        return TurnLines(strips, tuple(self._folds), tuple(self._bodies))


def _time(at: float | None) -> str:
    return datetime.fromtimestamp(at).strftime("%-d %b %H:%M") if at is not None else ""
