"""The styles line-drawing widgets write with, resolved from the theme through component classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style

if TYPE_CHECKING:
    from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Inks:
    """Foreground styles by meaning; only ``cursor`` and ``cursor_blurred`` have a background of their own.

    ``strong`` is bold text; ``match`` marks found words (bold as well as coloured); ``key`` a key's name.
    """

    text: Style
    strong: Style
    muted: Style
    faint: Style
    accent: Style
    match: Style
    key: Style
    good: Style
    warn: Style
    bad: Style
    cursor: Style
    cursor_blurred: Style

    @classmethod
    def of(cls, widget: Widget) -> Inks:
        """The inks on this widget's own background."""

        def ink(name: str) -> Style:
            full = widget.get_component_rich_style(f"ink--{name}", partial=True)
            return Style(color=full.color, bold=full.bold, dim=full.dim, italic=full.italic,
                         underline=full.underline)  # fmt: skip

        return cls(
            text=ink("text"), strong=ink("strong"), muted=ink("muted"), faint=ink("faint"),
            accent=ink("accent"), match=ink("match"), key=ink("key"), good=ink("good"), warn=ink("warn"),
            bad=ink("bad"),
            cursor=widget.get_component_rich_style("ink--cursor"),
            cursor_blurred=widget.get_component_rich_style("ink--cursor-blurred"),
        )  # fmt: skip


class Inked:
    """Mix in before Widget to have the component classes ``Inks`` needs.

    The colours are in ``ink_css(...)``; a widget adds it to its ``DEFAULT_CSS``.
    """

    INK_CLASSES: ClassVar[set[str]] = {
        f"ink--{name}"
        for name in (
            "text",
            "strong",
            "muted",
            "faint",
            "accent",
            "match",
            "key",
            "good",
            "warn",
            "bad",
            "cursor",
            "cursor-blurred",
        )
    }


def ink_css(widget: str) -> str:
    """The default colours of a widget class that draws with inks."""
    return f"""
    {widget} > .ink--text {{ color: $text; }}
    {widget} > .ink--strong {{ color: $text; text-style: bold; }}
    {widget} > .ink--muted {{ color: $text-muted; }}
    {widget} > .ink--faint {{ color: $text-disabled; }}
    {widget} > .ink--accent {{ color: $accent; }}
    {widget} > .ink--match {{ color: $accent; text-style: bold; }}
    {widget} > .ink--key {{ color: $text; text-style: bold; }}
    {widget} > .ink--good {{ color: $success; }}
    {widget} > .ink--warn {{ color: $warning; }}
    {widget} > .ink--bad {{ color: $error; }}
    {widget} > .ink--cursor {{ background: $block-cursor-background; }}
    {widget} > .ink--cursor-blurred {{ background: $surface; }}
    """
