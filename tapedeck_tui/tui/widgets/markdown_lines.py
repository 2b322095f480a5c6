"""Markdown to lines of segments, in a thread: quiet, without boxes, and safe for hostile text.

HTML stays visible text, images become their words, links keep their address as text, and nothing in the
result can be clicked. What Markdown cannot take (too long, nested too deep) is wrapped as it is.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, ListItem, Markdown, MarkdownElement, TableElement
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from tapedeck_tui.text import clean
from tapedeck_tui.tui.widgets.cells import JOINERS

if TYPE_CHECKING:
    from tapedeck_tui.tui.widgets.inks import Inks

MOST_MARKDOWN = 20_000
"""Characters of one part that are rendered as Markdown; longer ones are wrapped plainly."""
MOST_TEXT = 200_000
"""Characters of one part that are looked at for drawing; the rest is counted."""
MOST_LINES = 2_000
"""Lines of one part that are drawn; the rest is counted."""
CODE_DARK = "one-dark"
CODE_LIGHT = "friendly"

Lines = list[list[Segment]]


class _Heading(Heading):
    """Bold, at the left."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = self.text.copy()
        text.justify = "left"
        yield text


class _Code(CodeBlock):
    """Code in its colours on the page's own background, indented by two."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Syntax(
            code,
            self.lexer_name,
            theme=self.theme,
            word_wrap=True,
            padding=(0, 2),
            background_color="default",
        )


class _Item(ListItem):
    """An item whose number has its dot, as it was written."""

    def render_number(
        self, console: Console, options: ConsoleOptions, number: int, last_number: int
    ) -> RenderResult:
        width = len(str(last_number)) + 3
        lines = console.render_lines(
            self.elements, options.update(width=options.max_width - width), style=self.style
        )
        style = console.get_style("markdown.item.number", default="none")
        for n, line in enumerate(lines):
            yield Segment(f"{number}. ".rjust(width) if not n else " " * width, style)
            yield from line
            yield Segment("\n")


class _Table(TableElement):
    """Columns with a line below their names, no frame."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                table.box, table.show_edge = box.SIMPLE_HEAD, False
            yield table


class _Prose(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "list_item_open": _Item,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
        "table_open": _Table,
    }

    def __init__(self, text: str, code_theme: str) -> None:
        super().__init__("", code_theme=code_theme, hyperlinks=False)
        self.markup = text
        self.parsed = _parser().parse(text)


@lru_cache(maxsize=1)
def _parser() -> Any:
    from markdown_it import MarkdownIt

    rules = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
    return rules.disable(["image", "html_block", "html_inline"])


def make_console(width: int, inks: Inks) -> Console:
    """A console that writes nowhere, for one thread."""
    code = inks.accent
    styles: dict[str, str | Style] = {
        "markdown.paragraph": Style(),
        "markdown.code": code,
        "markdown.code_block": Style(),
        "markdown.block_quote": inks.muted,
        "markdown.item.bullet": inks.muted,
        "markdown.item.number": inks.muted,
        "markdown.hr": inks.faint,
        "markdown.link": Style(),
        "markdown.link_url": inks.muted,
        "markdown.table.border": inks.faint,
        "markdown.table.header": inks.strong,
    }
    for level in range(1, 7):
        styles[f"markdown.h{level}"] = inks.strong
    return Console(
        file=io.StringIO(), width=max(1, width), force_terminal=True, color_system="truecolor", legacy_windows=False,
        markup=False, emoji=False, highlight=False, theme=Theme(styles), no_color=False, _environ={},
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _flat(style: Style) -> Style:
    """The style without background, link and meta: the page's own background shows, nothing is clickable."""
    return Style(
        color=None if style.color is None or style.color.is_default else style.color,
        bold=style.bold, dim=style.dim, italic=style.italic, underline=style.underline, strike=style.strike,
    )  # fmt: skip


def prose(text: str, width: int, console: Console, *, dark: bool) -> Lines:
    """Markdown text as lines of at most ``width`` cells."""
    if len(text) > MOST_MARKDOWN:
        return wrapped(text, width, console, Style())
    text = clean(text).translate(JOINERS)
    try:
        page = _Prose(text, CODE_DARK if dark else CODE_LIGHT)
        options = console.options.update(width=max(1, width), height=None)
        lines = console.render_lines(page, options, pad=False)
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError):
        return wrapped(text, width, console, Style())
    flat = [[Segment(s.text, _flat(s.style or Style())) for s in line if s.text] for line in lines]
    while flat and not "".join(s.text for s in flat[-1]).strip():
        flat.pop()
    while flat and not "".join(s.text for s in flat[0]).strip():
        flat.pop(0)
    return _bounded(flat, Style(dim=True))


def wrapped(text: str, width: int, console: Console, style: Style, *, most: int = MOST_LINES) -> Lines:
    """Text as it is, its lines folded at ``width`` cells."""
    more = len(text) - MOST_TEXT
    text = clean(text[:MOST_TEXT]).translate(JOINERS).rstrip("\n")
    out: Lines = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if len(out) >= most:
            out.append([Segment(f"… {len(lines) - number:,} lines more", Style(dim=True))])
            break
        if len(line) > most * width:
            line = line[: most * width] + "…"
        if len(line) <= width and line.isascii():
            out.append([Segment(line, style)])
        else:
            folded = Text(line, style, end="").wrap(console, max(1, width), overflow="fold", no_wrap=False)
            out.extend([Segment(part.plain.rstrip(), style)] for part in folded)
    if more > 0 and len(out) <= most:
        out.append([Segment(f"… {more:,} characters more", Style(dim=True))])
    return out[: most + 1]


def _bounded(lines: Lines, style: Style) -> Lines:
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[:MOST_LINES], [Segment(f"… {len(lines) - MOST_LINES:,} lines more", style)]]
