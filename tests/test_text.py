"""Cleaning: nothing hostile is left, nothing useful is lost."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui import text

ANY = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=300)


@given(ANY)
def test_clean_is_idempotent_and_leaves_no_control(raw: str) -> None:
    done = text.clean(raw)
    assert text.clean(done) == done
    for char in done:
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"), repr(char)
        assert char not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff"
    done.encode("utf-8")


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=200))
def test_plain_text_is_left_alone(raw: str) -> None:
    assert text.clean(raw) == raw


def test_escape_sequences_go_with_what_they_carry() -> None:
    """An OSC 52 clipboard write, colours and cursor moves vanish; the words around them stay."""
    assert text.clean("a\x1b]52;c;aGVsbG8=\x07b\x1b[31mred\x1b[0m\x1b[2Jc") == "abredc"
    assert text.clean("title\x1b]0;x\x1b\\end") == "titleend"
    assert text.clean("one\x1b]8;;http://x\nnext") == "one\nnext"


def test_useful_characters_stay() -> None:
    """Emoji sequences (with joiners), CJK, accents, box drawing and private symbols are not touched."""
    for good in ("👩‍👩‍👧 日本語 é ñ ─│ ★ ▌ “q” – …", "नमस्ते", "e\u0301"):
        assert text.clean(good) == good
    assert text.clean("a\tb\r\nc\rd\u2028e") == "a    b\nc\nd\ne"


def test_stacked_marks_are_cut() -> None:
    assert len(text.clean("z" + "\u0301" * 500)) == 1 + text.MAX_MARKS


@given(ANY, st.integers(10, 80))
def test_one_line_is_one_bounded_line(raw: str, limit: int) -> None:
    line = text.one_line(raw, limit)
    assert len(line) <= limit
    assert "\n" not in line


def test_identifiers_are_split_into_their_words() -> None:
    assert text.split_word("getHTTPAgent_v2") == ("get", "HTTP", "Agent", "v", "2")
    words = text.split_identifiers("call door_cooldown in src/world/doors.py now").split()
    assert {"door", "cooldown", "src", "world", "doors", "py"} == set(words)


def test_middle_clip_says_what_is_missing() -> None:
    clipped = text.middle_clip("a" * 5000 + "b" * 5000, 100, 100)
    assert clipped.startswith("a" * 100)
    assert clipped.endswith("b" * 100)
    assert "9,800 characters more" in clipped
    assert text.middle_clip("short", 100, 100) == "short"
