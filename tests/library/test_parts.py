"""How more of a turn is merged into what is known of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.contract import Part
from tapedeck_tui.library import parts
from tapedeck_tui.library.parts import Stored


def stored(*made: Part) -> list[Stored]:
    return [p for p in map(parts.store, made) if p is not None]


def texts(*said: str) -> list[Stored]:
    return stored(*(Part("text", text) for text in said))


def words(known: list[Stored]) -> list[str]:
    return [p.get("t", "") for p in known]


@given(st.lists(st.sampled_from(["a", "ab", "abc", "b", "Done.", "Done. Now the next."]), unique=True))
def test_parts_that_come_again_change_nothing(said: list[str]) -> None:
    """A part that begins like another is not that other grown: a turn that is read again, from a copy or a
    rewritten file, stays what it was."""
    known = texts(*said)
    assert not parts.merge(known, texts(*said))
    assert words(known) == said


@pytest.mark.parametrize(
    ("known", "more", "wanted"),
    [
        (["Look"], ["Looking at it"], ["Looking at it"]),
        (["Looking at it"], ["Look"], ["Looking at it"]),
        (["a", "ab"], ["abc"], ["a", "abc"]),
        (["a"], ["b"], ["a", "b"]),
        ([], ["a", "a"], ["a"]),
    ],
)
def test_a_text_that_grows_replaces_its_beginning(
    known: list[str], more: list[str], wanted: list[str]
) -> None:
    made = texts(*known)
    parts.merge(made, texts(*more))
    assert words(made) == wanted


def test_a_call_is_known_by_its_id() -> None:
    """The longer arguments win, a failure is never taken back, other calls stay beside it."""
    known = stored(Part("tool_call", "ls", "Bash", "1"), Part("tool_result", "gone", "Bash", "1", error=True))
    again = stored(Part("tool_call", "ls -la", "Bash", "1"), Part("tool_result", "go", "Bash", "1"))
    assert parts.merge(known, [*again, *stored(Part("tool_call", "ls", "Bash", "2"))])
    assert words(known) == ["ls -la", "gone", "ls"]
    assert [bool(p.get("e")) for p in known] == [False, True, False]


def test_a_turn_of_very_many_parts_is_merged_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """20,000 parts that come twice are looked up, not compared with each other."""
    looks = 0
    real = parts._grown

    def counted(old: list[Stored], part: Stored) -> int | None:
        nonlocal looks
        looks += 1
        return real(old, part)

    monkeypatch.setattr(parts, "_grown", counted)
    said = [f"part {i} ." for i in range(20_000)]
    known = texts(*said)
    assert not parts.merge(known, texts(*said))
    assert looks == 0
