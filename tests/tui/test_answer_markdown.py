"""How the Markdown of an answer is read, without a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui.tui.widgets.answer_markdown import (
    CLOSE,
    NO_SOURCE,
    OPEN,
    PAUSE,
    RICH_CHARS,
    RICH_LINES,
    mark,
    parser,
    split,
    unmark,
)


def inline(text: str) -> list[tuple[str, str, str]]:
    """(type, content, address) of everything inside the blocks."""
    return [
        (child.type, child.content, str(child.attrs.get("href", "")))
        for token in parser().parse(text)
        for child in token.children or ()
    ]


def links(text: str) -> list[str]:
    return [address for kind, _, address in inline(text) if kind == "link_open"]


def quiet(text: str, start: int, length: int) -> str:
    """The words that would be drawn muted."""
    out, inside = [], False
    for kind, content, _ in inline(mark(text, [(start, length)])):
        inside = kind == "s_open" or (inside and kind != "s_close")
        if inside:
            out.append(content)
    return "".join(out)


def test_numbers_in_brackets_become_citations() -> None:
    assert links("One [1]. Two [2, 13]. Three [004].") == ["cite:1", "cite:2", "cite:13", "cite:4"]


@pytest.mark.parametrize("text", ["`[1]`", "```\n[1]\n```", "    [1]", "[a]", "[]", "[12345]", "[ ]"])
def test_what_is_no_citation(text: str) -> None:
    assert links(text) == []


def test_a_definition_cannot_turn_a_citation_into_a_link_to_anywhere() -> None:
    assert links("See [1].\n\n[1]: https://example.invalid\n") == ["cite:1", "cite:1"]


def test_html_and_images_are_text() -> None:
    kinds = {kind for kind, _, _ in inline("<b>x</b> <script>y</script> ![a](file:///etc/passwd)")}
    assert not kinds & {"html_inline", "image"}


def test_addresses_are_not_made_into_links() -> None:
    assert links("https://example.invalid and <https://example.invalid>") == []


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("A b c. D e f.", "D e f.", f"D e f. {NO_SOURCE}"),
        ("- one\n- two `code` more\n", "- two `code` more", f"two  more {NO_SOURCE}"),
        ("1. first\n2. second", "2. second", f"second {NO_SOURCE}"),
        ("> quoted words", "> quoted words", f"quoted words {NO_SOURCE}"),
        ("# Title", "# Title", f"Title {NO_SOURCE}"),
        ("Two\nlines here.", "Two\nlines here.", f"Twolines here. {NO_SOURCE}"),
        ("**All bold.**", "All bold.", f"All bold. {NO_SOURCE}"),
    ],
)
def test_an_unsupported_sentence_is_quiet_and_says_so(text: str, words: str, shown: str) -> None:
    """Once, at its end, whatever block it stands in."""
    assert quiet(text, text.index(words), len(words)) == shown


def test_marks_of_the_text_itself_do_not_count() -> None:
    assert quiet(f"{OPEN}not ours{CLOSE} x", 0, 0) == ""


@given(st.text(max_size=300), st.lists(st.tuples(st.integers(-5, 320), st.integers(-5, 320)), max_size=4))
def test_marking_never_loses_a_character(text: str, ranges: list[tuple[int, int]]) -> None:
    """Whatever ranges come, only our marks are added, and every one that opens is closed."""
    marked = mark(text, ranges)
    plain = "".join(" " if c in (OPEN, PAUSE, CLOSE) else c for c in text)
    assert "".join(c for c in marked if c not in (OPEN, PAUSE, CLOSE)) == plain
    assert marked.count(OPEN) == marked.count(PAUSE) + marked.count(CLOSE)
    assert not {OPEN, PAUSE, CLOSE} & set(unmark(marked))


@given(st.text(alphabet="ab[]1,*`_~>#-| \n()!<\ue000\ue001\ue002", max_size=120))
def test_reading_never_fails_and_spans_are_closed(text: str) -> None:
    """Textual pops a style for every closing token: one too many would end the app."""
    for token in parser().parse(text):
        depth = 0
        for child in token.children or ():
            depth += child.nesting
            assert depth >= 0
        assert depth == 0


@given(st.lists(st.text(alphabet="ab `\n", max_size=60), max_size=40))
def test_the_two_parts_are_the_whole(pieces: list[str]) -> None:
    text = "\n".join(pieces) * 40
    head, rest = split(text)
    assert len(head) <= RICH_CHARS + 4
    assert head.count("\n") <= RICH_LINES + 1
    joined = head.removesuffix("\n```") + rest if rest else head
    assert joined.replace("\n", "") == text.replace("\n", "")


def test_a_short_answer_is_one_part() -> None:
    assert split("Short [1].") == ("Short [1].", "")


def test_a_fence_that_is_cut_is_closed() -> None:
    head, rest = split("```\n" + "line of code\n" * 4000 + "```\n")
    assert head.endswith("\n```")
    assert "line of code" in rest
