from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui.promote.skillfile import lines, problems, render, slug, split

GOOD: dict[str, Any] = {"name": "fix-doors", "description": "Fixes doors. Use when doors bounce."}


@pytest.mark.parametrize("name", ["a", "a1", "pdf-processing", "a-b-c", "x" * 64, "1-2"])
def test_good_names(name: str) -> None:
    assert problems({**GOOD, "name": name}, "x") == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "A",
        "PDF-Processing",
        "-a",
        "a-",
        "a--b",
        "a_b",
        "a b",
        "x" * 65,
        "tür",
        "a/b",
        "..",
        "a\n",
        7,
        None,
        True,
    ],
)
def test_bad_names(name: object) -> None:
    assert len(problems({**GOOD, "name": name}, "x")) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"version": "1"}, "'version'"),
        ({"disable-model-invocation": True}, "may not hold"),
        ({"description": ""}, "needs a description"),
        ({"description": "   "}, "needs a description"),
        ({"description": None}, "needs a description"),
        ({"description": "x" * 1025}, "1,025 characters; 1,024"),
        ({"description": "use <this>"}, "< or >"),
        ({"compatibility": "x" * 501}, "compatibility"),
        ({"compatibility": ""}, "compatibility"),
        ({"license": 3}, "license must be text"),
        ({"allowed-tools": ["Bash"]}, "allowed-tools must be text"),
        ({"metadata": {"version": 1.0}}, "text values"),
        ({"metadata": "x"}, "text keys"),
    ],
)
def test_problems_are_said(more: dict[str, Any], said: str) -> None:
    found = problems({**GOOD, **more}, "x")
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    "more",
    [
        {"description": "x" * 1024},
        {"compatibility": "x" * 500},
        {"license": "MIT", "allowed-tools": "Bash(git:*) Read", "metadata": {"a": "b"}},
    ],
)
def test_edges_are_fine(more: dict[str, Any]) -> None:
    assert problems({**GOOD, **more}, "x") == []


@pytest.mark.parametrize(
    "body", ["## Procedure\n\n1.\n", "## Procedure\n\n1. \n\n## Gotchas\n- x", "## Procedure\n"]
)
def test_an_empty_procedure(body: str) -> None:
    assert problems(GOOD, body) == ["The procedure is empty: write at least one step."]


def test_a_body_is_needed() -> None:
    assert len(problems(GOOD, " \n")) == 1
    assert problems(GOOD, "## Procedure\n\n1. Do it\n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# no front", "two lines of three dashes"),
        ("---\nname: a\n# never closed", "two lines of three dashes"),
        ("---\nname: a: b\n---\nx", "not valid YAML (line 2)"),
        ("---\n- a\n---\nx", "list of keys and values"),
        ("---\n{\n---\nx", "not valid YAML"),
    ],
)
def test_unreadable_frontmatter(text: str, said: str) -> None:
    assert said in split(text)[2]


def test_windows_line_ends_and_a_mark_at_the_start() -> None:
    front, body, problem = split("\ufeff---\r\nname: a-b\r\ndescription: c\r\n---\r\n# T\r\n")
    assert (front, problem) == ({"name": "a-b", "description": "c"}, "")
    assert body == "# T\r\n"


_VALUE = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=200)


@given(_VALUE, _VALUE)
def test_any_text_survives_the_frontmatter(description: str, note: str) -> None:
    """What is written is read back the same, and the text after it stays the body."""
    front = {"name": "a", "description": description, "metadata": {"note": note}}
    read, body, problem = split(render(front, "# Title\n\nwords"))
    assert problem == ""
    assert read == front
    assert body == "# Title\n\nwords\n"


@given(st.text(max_size=300))
def test_any_words_give_a_valid_name(words: str) -> None:
    assert problems({**GOOD, "name": slug(words)}, "x") == []


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Fix door cooldown desync", "fix-door-cooldown-desync"),
        ("Let's add the Claude parser", "add-parser"),
        ("Größe der Türen", "grosse-der-turen"),
        ("不要", "from-my-sessions"),
        ("a" * 100, "a" * 64),
        ("what is it", "from-my-sessions"),
    ],
)
def test_names_from_words(words: str, name: str) -> None:
    assert slug(words) == name


def test_lines_have_anchors() -> None:
    body = "# T\n\n## Check first\n\n1. One\n2. Two\n\n```\n- not this\n```\n\n## Done when\n\n- [ ] `x` passes\n"
    assert lines(body) == [
        ("check-first[0]", "One"),
        ("check-first[1]", "Two"),
        ("done-when[0]", "`x` passes"),
    ]
