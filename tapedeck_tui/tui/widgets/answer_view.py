"""An answer: streamed Markdown with numbered marks that can be clicked, then what was searched."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Markdown, Static

from tapedeck_tui.text import clean
from tapedeck_tui.tui.widgets import answer_markdown
from tapedeck_tui.tui.widgets.scroll_page import ScrollPage

if TYPE_CHECKING:
    from textual.widgets.markdown import MarkdownStream

    from tapedeck_tui.model import Answer

GATHER = 0.05
"""Seconds that new text is gathered before it is drawn."""

REST_CHARS = 200_000
"""Characters of a very long answer that are drawn as plain lines; copying gives all of it."""

ABOUT = {
    "answer": "",
    "passages": "No chat model is running: these are the best passages, not an answer.",
    "nothing": "Not in your tapes.",
}
"""The sentence above an answer that says what kind it is."""


class AnswerView(ScrollPage):
    """Shows one answer while it is written and after.

    Text given to ``stream`` is the whole text so far: calls may be skipped without losing any of it.
    """

    DEFAULT_CSS = """
    AnswerView {
        & > Static { height: auto; padding: 0 2; }
        & > Markdown { padding: 0 2; background: transparent; max-width: 104; }
        & > .answer--about { color: $warning; margin-bottom: 1; }
        & > .answer--plan { color: $text-muted; margin-bottom: 1; }
        & > .answer--rest { color: $text; margin-bottom: 1; }
        & > .answer--state { color: $warning; margin-bottom: 1; }
        & > .answer--coverage { color: $text-muted; }
        & MarkdownBlock { link-style: none; link-color: $accent; link-background: transparent;
            link-style-hover: underline; link-color-hover: $accent; link-background-hover: transparent; }
        & Markdown MarkdownBlock > .s { color: $text-muted; text-style: italic; }
        & MarkdownH1, & MarkdownH2, & MarkdownH3 { content-align: left middle; background: transparent;
            color: $text; text-style: bold; margin: 1 0; }
    }
    """

    class CitationClicked(Message):
        """A mark ``[n]`` in the text was clicked."""

        def __init__(self, n: int) -> None:
            super().__init__()
            self.n = n

    class LinkShown(Message):
        """A link to somewhere else was clicked: nothing is opened, its address is handed on to be copied."""

        def __init__(self, address: str) -> None:
            super().__init__()
            self.address = address

    _PARTS: ClassVar[tuple[str, ...]] = ("about", "plan", "rest", "state", "coverage")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stream: MarkdownStream | None = None
        self._whole = ""
        self._written = 0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Static(classes="answer--about", markup=False)
        yield Static(classes="answer--plan", markup=False)
        yield Markdown(parser_factory=answer_markdown.parser, open_links=False)
        yield Static(classes="answer--rest", markup=False)
        yield Static(classes="answer--state", markup=False)
        yield Static(classes="answer--coverage", markup=False)

    def on_mount(self) -> None:
        for part in self._PARTS:
            self._say(part, "")

    def _say(self, part: str, text: str) -> None:
        line = self.query_one(f".answer--{part}", Static)
        line.update(Content(clean(text)))
        line.display = bool(text)

    def say_plan(self, text: str) -> None:
        """What is being looked for, in words; "" hides it."""
        self._say("plan", text)

    def say_state(self, text: str) -> None:
        """A sentence about the answer: it was stopped, or why there is none."""
        self._say("state", text)

    async def begin(self) -> None:
        """Empty the view; text may be streamed from now on."""
        await self._end_stream()
        for part in self._PARTS:
            self._say(part, "")
        markdown = self.query_one(Markdown)
        await markdown.update("")
        self._whole, self._written = "", 0
        self._stream = Markdown.get_stream(markdown)
        await asyncio.sleep(0)  # its task must have started: stopping one that has not cancels this task, too
        self._timer = self.set_interval(GATHER, self._flush)
        self.anchor(False)
        self.scroll_home(animate=False)

    def _follow(self) -> None:
        """Stay at the end of what is written as soon as it is longer than the page. What is shorter stands at
        the top: an anchor would push it down to the last line."""
        is_longer = self.max_scroll_y > 0
        if is_longer and not self.is_anchored and self._stream is not None:
            self.anchor()
        elif not is_longer and self.is_anchored:
            self.anchor(False)
            self.scroll_home(animate=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self._follow)

    def stream(self, whole: str) -> None:
        """The text of the answer so far."""
        self._whole = whole

    async def _flush(self) -> None:
        """Draw what has come since the last time; past the limit it waits for the end."""
        if self._stream is None:
            return
        self._follow()
        end = min(len(self._whole), answer_markdown.RICH_CHARS)
        if self._written < end:
            piece = clean(self._whole[self._written : end])
            self._written = end
            await self._stream.write(piece)

    async def _end_stream(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.stop()

    async def show(self, answer: Answer, hint: str = "", top: bool = False) -> None:
        """Show a finished answer, drawn once from its whole text.

        Args:
            answer: what to show.
            hint: what to do so that a model can answer, for kinds without one.
            top: start at its first line instead of staying where the reader is.
        """
        await self._end_stream()
        self.say_plan("")
        about = ABOUT[answer.kind]
        if answer.kind == "passages":
            about = "\n".join(line for line in (answer.note or about, hint) if line)
        self._say("about", about)
        marked = answer_markdown.mark(clean(answer.text), answer.unsupported, answer.astray)
        # ranges count in the text as given, so they are placed before it is cut
        rich, rest = answer_markdown.split(marked)
        await self.query_one(Markdown).update(rich)
        rest = answer_markdown.unmark(rest)
        if len(rest) > REST_CHARS:
            missing = len(rest) - REST_CHARS
            rest = f"{rest[:REST_CHARS]}\n[… {missing:,} characters more: copying gives the whole answer …]"
        self._say("rest", rest)
        self._say("state", self._state(answer))
        self._say("coverage", answer.coverage)
        self._whole, self._written = answer.text, len(answer.text)
        if top or answer.kind != "answer":
            self.anchor(False)
            self.scroll_home(animate=False)
        self.call_after_refresh(self._follow)

    @staticmethod
    def _state(answer: Answer) -> str:
        lines = []
        if answer.stopped:
            lines.append("Stopped before it was complete.")
        astray = len(answer.astray)
        if count := len(answer.unsupported) - astray:
            what = "1 sentence has" if count == 1 else f"{count} sentences have"
            lines.append(f"{what} no source: check before you rely on it.")
        if astray:
            what = "1 sentence is" if astray == 1 else f"{astray} sentences are"
            lines.append(f"{what} not in what is cited: check before you rely on it.")
        if answer.note and answer.kind != "passages":
            lines.append(answer.note)
        return "\n".join(lines)

    @on(Markdown.LinkClicked)
    def _link(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        if event.href.startswith(answer_markdown.CITE):
            self.post_message(self.CitationClicked(int(event.href[len(answer_markdown.CITE) :])))
        else:
            self.post_message(self.LinkShown(clean(event.href)))
