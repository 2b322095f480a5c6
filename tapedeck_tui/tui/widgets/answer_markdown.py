"""How the Markdown of an answer is read: ``[n]`` becomes a link to its citation, unsupported sentences are marked.

The text of an answer is written by a model from an archive, so it is read defensively: no HTML, no images,
no reference definitions (they could turn ``[1]`` into a link to anywhere), no automatic links.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

CITE = "cite:"
"""Scheme of the link a citation mark becomes; its number follows."""

OPEN, PAUSE, CLOSE, ASTRAY = "\ue000", "\ue001", "\ue002", "\ue003"
"""Private-use marks in the source handed to the parser: an unsupported sentence begins, its line ends, it ends (the
last: although it cites something)."""

NO_SOURCE, NOT_IN_SOURCE = "(no source)", "(not in its source)"
"""What an unsupported sentence ends with: it cites nothing; what it cites does not say so."""

RICH_CHARS = 20_000
"""Characters of an answer drawn as Markdown; the rest is drawn as plain lines (500 blocks take half a minute)."""
RICH_LINES = 200
"""Lines of an answer drawn as Markdown: ten thousand one-word bullets are short, too."""

_MARK = re.compile(rf"\[(\d{{1,3}}(?:\s*,\s*\d{{1,3}})*)\]|[{OPEN}{PAUSE}{CLOSE}{ASTRAY}]")
_OURS = re.compile(f"[{OPEN}{PAUSE}{CLOSE}{ASTRAY}]")
_NUMBER = re.compile(r"\d+")
_LEAD = re.compile(r"\s*(?:(?:[-*+]|\d+[.)]|#{1,6}|>)\s+)*")


def split(text: str) -> tuple[str, str]:
    """The part of an answer that is drawn as Markdown, and the rest, cut at a line break outside a code fence."""
    cut = min(len(text), RICH_CHARS)
    newlines = [m.start() for m in re.finditer("\n", text[:cut])]
    if len(newlines) > RICH_LINES:
        cut = newlines[RICH_LINES - 1]
    if cut >= len(text):
        return text, ""
    at = text.rfind("\n\n", cut // 2, cut)
    if at < 0:
        at = text.rfind("\n", cut // 2, cut)
    at = cut if at < 0 else at
    head = text[:at]
    if len(re.findall(r"(?m)^\s*(?:```|~~~)", head)) % 2:
        head += "\n```"
    return head, text[at:].lstrip("\n")


def mark(text: str, unsupported: Sequence[tuple[int, int]], astray: Collection[tuple[int, int]] = ()) -> str:
    """The text with private-use marks around these (start, length) ranges, line by line, after list markers.

    Args:
        astray: those of the ranges that cite something which does not say so.
    """
    text = _OURS.sub(" ", text)
    out: list[str] = []
    done = 0
    for start, length in sorted(unsupported):
        close = ASTRAY if (start, length) in astray else CLOSE
        end = min(start + length, len(text))
        end = start + len(text[start:end].rstrip())
        start = max(start, done)
        if start >= end:
            continue
        out.append(text[done:start])
        lines = text[start:end].split("\n")
        fresh = start == 0 or text[start - 1] == "\n"
        marked: list[str] = []
        for number, line in enumerate(lines):
            lead = _LEAD.match(line).group() if fresh or number else ""  # type: ignore[union-attr]
            body = line[len(lead) :]
            stripped = body.rstrip()
            end_mark = close if number == len(lines) - 1 else PAUSE
            marked.append(f"{lead}{OPEN}{stripped}{end_mark}{body[len(stripped) :]}" if stripped else line)
        out.append("\n".join(marked))
        done = end
    out.append(text[done:])
    return "".join(out)


def unmark(text: str) -> str:
    """The text without our marks, unsupported sentences still ending in their word: for plain drawing."""
    return _OURS.sub("", text.replace(CLOSE, f" {NO_SOURCE}").replace(ASTRAY, f" {NOT_IN_SOURCE}"))


def parser() -> MarkdownIt:
    """A Markdown reader for answers."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("gfm-like", {"html": False, "linkify": False})
    reader.disable(["reference", "image", "autolink", "strikethrough", "linkify"])
    reader.core.ruler.push("tapedeck_marks", _marks)
    return reader


def _marks(state: StateCore) -> None:
    """Split the text of every block at our marks: citations become links, unsupported words struck spans
    (which the answer's style sheet draws muted)."""
    inside = False
    for block in state.tokens:
        if block.type in ("fence", "code_block"):
            block.content = _OURS.sub("", block.content)
        if block.type != "inline" or block.children is None:
            continue
        children: list[Token] = []
        for child in block.children:
            if child.type == "text":
                inside = _split_text(child, children, inside)
                continue
            if child.type == "code_inline":
                marks = _OURS.findall(child.content)
                inside = marks[-1] == OPEN if marks else inside
                child.content = _OURS.sub("", child.content)
            children.append(child)
        block.children = children
        inside = False


def _split_text(token: Token, out: list[Token], inside: bool) -> bool:
    """Append the pieces of one text token; returns whether its end is inside an unsupported sentence."""
    from markdown_it.token import Token

    def say(text: str, quiet: bool) -> None:
        if not text:
            return
        if quiet:
            out.append(Token("s_open", "s", 1))
        out.append(Token("text", "", 0, content=text))
        if quiet:
            out.append(Token("s_close", "s", -1))

    text, done = token.content, 0
    for found in _MARK.finditer(text):
        say(text[done : found.start()], inside)
        done = found.end()
        if found.group() == OPEN:
            inside = True
        elif found.group() == PAUSE:
            inside = False
        elif found.group() in (CLOSE, ASTRAY):
            say(f" {NO_SOURCE if found.group() == CLOSE else NOT_IN_SOURCE}", True)
            inside = False
        else:
            for number in _NUMBER.findall(found.group(1)):
                out.append(Token("link_open", "a", 1, attrs={"href": f"{CITE}{int(number)}"}))
                out.append(Token("text", "", 0, content=f"[{int(number)}]"))
                out.append(Token("link_close", "a", -1))
    say(text[done:], inside)
    return inside
