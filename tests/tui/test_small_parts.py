"""Times, sizes, the editor's command, what is copied, what a header says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tapedeck_tui.model import LinkView
from tapedeck_tui.text import count
from tapedeck_tui.tui.editor import edit, editor_command
from tapedeck_tui.tui.widgets.copying import hit_markdown, session_markdown, turns_markdown
from tapedeck_tui.tui.widgets.preview import ends_of
from tapedeck_tui.tui.widgets.session_header import all_links, facts, link_words, thousands
from tapedeck_tui.tui.widgets.turn_lines import call_words
from tapedeck_tui.tui.widgets.when import DAY, HOUR, ago, exact, size
from tests.tui.driver import running
from tests.tui.fake_deck import NOW, FakeDeck, sid


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (0, "now"), (-50, "now"), (59, "now"), (60, "1m"), (HOUR - 1, "59m"), (HOUR, "1h"), (DAY, "1d"),
        (13.9 * DAY, "13d"), (14 * DAY, "2w"), (62 * DAY, "8w"), (63 * DAY, "2mo"), (364 * DAY, "11mo"),
        (366 * DAY, "1y"), (4000 * DAY, "10y"),
    ],
)  # fmt: skip
def test_how_long_ago_in_four_cells(gone: float, words: str) -> None:
    assert ago(NOW - gone, NOW) == words
    assert len(words) <= 4


def test_unknown_times_are_said_or_left_out() -> None:
    assert ago(None, NOW) == ""
    assert exact(None) == "time unknown"
    assert exact(NOW) == "Sat 14 Mar 2026 12:00"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 KB"),
        (123_456, "123 KB"),
        (5_000_000, "5.0 MB"),
        (7 * 10**12, "7000 GB"),
    ],
)
def test_sizes(number: int, words: str) -> None:
    assert size(number) == words


def test_counts_and_thousands() -> None:
    assert count(1, "turn") == "1 turn"
    assert count(1204, "match", "matches") == "1,204 matches"
    assert [thousands(n) for n in (8_210, 128_400, 1_240_000)] == ["8,210", "128k", "1.2M"]


@pytest.mark.parametrize(
    ("environ", "line", "command"),
    [
        ({}, 7, ["vi", "+7", "a b.jsonl"]),
        ({"EDITOR": "nano"}, 0, ["nano", "a b.jsonl"]),
        ({"EDITOR": "nano", "VISUAL": "code --wait"}, 7, ["code", "--wait", "--goto", "a b.jsonl:7"]),
        ({"EDITOR": "/usr/bin/hx"}, 7, ["/usr/bin/hx", "a b.jsonl:7"]),
        ({"EDITOR": "something-else"}, 7, ["something-else", "a b.jsonl"]),
        ({"EDITOR": "  "}, 7, ["vi", "+7", "a b.jsonl"]),
    ],
)
def test_the_editor_is_asked_for_the_line_in_its_own_way(
    environ: dict[str, str], line: int, command: list[str]
) -> None:
    assert editor_command("a b.jsonl", line, environ) == command


async def test_an_editor_that_cannot_run_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{}", "utf-8")
    async with running() as (app, _):
        assert "gone" in edit(app, str(tmp_path / "nowhere.jsonl"))
        assert "cannot be opened" in edit(app, str(path))


def test_copies_say_where_they_are_from() -> None:
    deck = FakeDeck()
    row, turns = deck.row(1), deck.turns(sid(1), 0, 2)
    assert session_markdown(row) == (
        f"**Fix flaky upload retries**\n— Fix flaky upload retries (claude, api, Sat 14 Mar 2026 10:39) {sid(1)}\n"
    )
    copied = turns_markdown(turns, row)
    assert copied.startswith("**You**\n\n> Fix flaky upload retries.")
    assert "> ```python" in copied
    assert copied.count("—") == 1
    assert turns[1].id in copied
    hit = deck.search("jitter").sessions[0].hits[0]
    assert hit_markdown(hit, row).startswith("> ")


def test_a_header_leaves_out_what_does_not_fit() -> None:
    view = FakeDeck().session(sid(1))
    for width in (40, 60, 77, 120):
        words = facts(view, width)
        assert words[0] == "claude"
        assert "Sat 14 Mar 2026 10:39" in words
        assert sum(cell_len(word) + 2 for word in words) - 2 <= max(width, 42)


def test_links_in_words_and_in_order() -> None:
    view: Any = FakeDeck().session(sid(1))
    files = tuple(LinkView("file", f"/a/{n}.py") for n in range(3))
    view = replace(view, parent=LinkView("spawned", "x", sid(2), "The plan"), links=(*view.links, *files))
    words = link_words(view)
    assert words[0] == "part of “The plan”"
    assert "1 sub-agent" in words
    assert "3 files changed" in words
    assert words[-1] == "L goes there"
    assert [link.target for link in all_links(view)][:2] == ["x", "agent-7d"]


def test_a_session_is_known_by_its_beginning_and_its_end() -> None:
    """The first prompt, the last one and the last answer to it, in the order they were said."""
    turns = FakeDeck().turns(sid(1), 0, 12)
    assert [turn.position for turn in ends_of(turns)] == [0, 11]
    assert [turn.position for turn in ends_of(turns[:11])] == [0, 5, 9]
    assert [turn.position for turn in ends_of(turns[:2])] == [0, 1]
    assert ends_of([]) == []


def test_an_edit_is_named_by_its_files() -> None:
    from tapedeck_tui.model import PartView

    part = PartView(
        "tool_call",
        "*** Begin Patch\n@@\n-a\n+b",
        "apply_patch",
        paths=("/home/dev/api/src/retry.py", "/etc/x"),
    )
    assert call_words(part, "/home/dev/api") == "src/retry.py, /etc/x"
    assert call_words(PartView("tool_call", "pytest -q", "Bash"), "/home/dev/api") == "pytest -q"
