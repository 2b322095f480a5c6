"""The writer: merging, membership, order and counts, whatever the order of imports."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from importers.contract import Cursor, Link, Part, Record, Session, Span, Turn, Usage
from tapedeck_tui.library import ids, parts, schema
from tapedeck_tui.library.browse import Browser
from tapedeck_tui.library.feed import Feed
from tapedeck_tui.library.write import Writer
from tapedeck_tui.model import BrowseFilter, TurnView


def text(words: str, line: int = 1) -> Part:
    return Part("text", words, span=Span(line, line * 100, 90))


def turn(
    key: str, words: str, author: str = "assistant", session: str = "one", at: float = 1000.0, line: int = 1
) -> Turn:
    return Turn(
        "claude-code:" + key, session, author, (text(words, line),), at, span=Span(line, line * 100, 90)
    )  # type: ignore[arg-type]


class Library:
    """A library in a folder, fed by hand."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "library.db"
        self.db = schema.connect(self.path, write=True)
        self.writer = Writer(self.db, lambda: 5000.0)
        self.browser = Browser(self.path)

    def take(self, path: str, records: list[Record], kept: int = 0) -> None:
        file = self.writer.file("claude-code", path)
        file.kept = kept or 1000 * len(records)
        for record in records:
            self.writer.add(file, record)
        self.writer.add(file, Cursor(file.kept, len(records)))
        self.writer.flush()

    def said(self, session: str) -> list[str]:
        return [t.text for t in self.browser.turns(session, 0, 100)]

    def everything(self) -> list[tuple[object, ...]]:
        out: list[tuple[object, ...]] = []
        for row in self.browser.session_rows(self.browser.order(BrowseFilter(children=True, headless=True))):
            turns: list[TurnView] = self.browser.turns(row.id, 0, 100)
            out.append((row.id, row.title, row.turns, row.typed, row.tools, row.failed, row.started_at, row.ended_at,
                        [(t.id, t.position, t.parts, t.digest, t.flags, t.path) for t in turns]))  # fmt: skip
        return sorted(out, key=str)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.db.close()


SESSION = Session(
    "one",
    "claude-code",
    title="first prompt",
    title_rank=10,
    project="/home/user/src/bluedoor",
    started_at=1000.0,
)


def test_a_turn_read_in_pieces_is_the_turn_read_at_once(tmp_path: Path) -> None:
    """A message whose blocks come one by one, in any number of flushes, has one row with all its parts."""
    blocks = [
        Part("thinking", "hm"),
        text("I will run it."),
        Part("tool_call", "pytest", "Bash", "c1"),
        Part("tool_call", "ls", "Bash", "c2"),
    ]
    once = Library(tmp_path)
    once.take("/a", [SESSION, Turn("claude-code:m", "one", "assistant", tuple(blocks), 1000.0)])
    (tmp_path / "p").mkdir()
    pieces = Library(tmp_path / "p")
    for block in blocks:
        pieces.take("/a", [SESSION, Turn("claude-code:m", "one", "assistant", (block,), 1000.0)])
        pieces.take("/a", [Turn("claude-code:m", "one", "assistant", (block,), 1000.0)])
    assert pieces.everything() == once.everything()
    assert pieces.browser.find_session("one").tools == 2


def test_growing_text_replaces_and_never_doubles(library: Library) -> None:
    for words in ("The", "The door", "The door opens", "The door"):
        library.take("/a", [SESSION, turn("m", words)])
    assert library.said("one") == ["The door opens"]


def test_a_fork_shares_turns_and_keeps_its_own_order(library: Library) -> None:
    """Two sessions with a common beginning: the common turns are stored once and stand in both."""
    common = [turn(str(i), f"turn {i}", at=1000.0 + i, line=i) for i in range(3)]
    library.take("/a", [SESSION, *common, turn("x", "only in one", at=1010.0, line=4)])
    fork = Session("two", "claude-code", started_at=1000.0)
    copies = [turn(str(i), f"turn {i}", session="two", at=1000.0 + i, line=i) for i in range(3)]
    library.take("/b", [fork, *copies, turn("y", "only in two", session="two", at=1020.0, line=4)])
    assert library.said("one") == ["turn 0", "turn 1", "turn 2", "only in one"]
    assert library.said("two") == ["turn 0", "turn 1", "turn 2", "only in two"]
    count = library.db.execute("SELECT count(*) FROM turns").fetchone()[0]
    assert count == 5
    assert library.browser.find_session("two").turns == 4


def test_a_fork_read_together_with_its_original_keeps_its_order(library: Library) -> None:
    """Both files in one flush: the fork shows the shared turns first, then its own."""
    original = library.writer.file("claude-code", "/a")
    copy = library.writer.file("claude-code", "/b")
    for record in [SESSION, *(turn(str(i), f"turn {i}", line=i) for i in range(3))]:
        library.writer.add(original, record)
    forked = [turn(str(i), f"turn {i}", session="two", line=i) for i in range(2)]
    for record in [Session("two", "claude-code"), *forked, turn("y", "only in two", session="two", line=3)]:
        library.writer.add(copy, record)
    assert library.writer.flush() == 4, "turns, counted once each"
    assert library.said("two") == ["turn 0", "turn 1", "only in two"]
    assert library.said("one") == ["turn 0", "turn 1", "turn 2"]


def test_the_order_of_imports_does_not_matter(tmp_path: Path) -> None:
    """A session in three files (two slices and a longer copy) and a fork: every order gives the same library."""
    files: dict[str, list[Record]] = {
        "/slice-1": [SESSION, turn("1", "a", "typed", at=1000, line=1), turn("2", "b", at=1001, line=2)],
        "/slice-2": [SESSION, turn("3", "c", at=2000, line=1), turn("4", "d", at=2001, line=2)],
        "/copy": [SESSION, *(turn(str(i), "abcde"[i - 1], "typed" if i == 1 else "assistant", at=999 + i + (998 if i > 2 else 0), line=i) for i in range(1, 5))],
        "/fork": [Session("two", "claude-code", started_at=1000.0), turn("1", "a", "typed", "two", 1000, 1), turn("9", "z", session="two", at=3000, line=2)],
    }  # fmt: skip
    results = []
    for number, order in enumerate(itertools.permutations(files)):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = Library(folder)
        for name in order:
            made.take(name, files[name], kept=1000 * len(files[name]))
        results.append(made.everything())
        made.db.close()
    for number, one in enumerate(results):
        assert one == results[0], number


def test_a_fork_in_one_file_of_many_sessions_has_no_prompt_of_another(library: Library) -> None:
    """The governing prompt of a turn is the last ask of the same session."""
    chat = Session("chat-2", "claude-code")
    library.take(
        "/export",
        [
            SESSION,
            turn("p", "why doors?", "typed"),
            turn("a", "because"),
            chat,
            turn("b", "hello", session="chat-2"),
        ],
    )
    docs = {d.text: d.prompt for d in Feed(library.db).docs([1, 2, 3])}
    assert docs == {"why doors?": "", "because": "why doors?", "hello": ""}


def test_the_prompt_is_known_after_an_append(tmp_path: Path) -> None:
    """A later process that reads only the appended answer still knows what was asked."""
    first = Library(tmp_path)
    first.take("/a", [SESSION, turn("p", "why doors?", "typed")])
    first.db.close()
    second = Library(tmp_path)
    second.take("/a", [turn("a", "because of the trigger")])
    assert Feed(second.db).docs([2])[0].prompt == "why doors?"
    assert second.said("one") == ["why doors?", "because of the trigger"]


def test_an_abandoned_turn_stays_so_when_it_is_seen_again(library: Library) -> None:
    library.take("/a", [SESSION, turn("m", "a way not taken")])
    library.take("/a", [Link("abandoned", "one", "claude-code:m")])
    assert "abandoned" in library.browser.turns("one")[0].flags
    library.take("/a", [turn("m", "a way not taken")])
    assert "abandoned" in library.browser.turns("one")[0].flags


def test_a_link_may_come_before_its_session(library: Library) -> None:
    """A sub-agent's file, read before its parent's, may say something of it; an empty note replaces none."""
    agent, url = Session("agent-1", "claude-code", parent="one"), "https://example.com/pull/7"
    link = Link("pull-request", "one", url, "bluedoor#7")
    library.take("/agent", [agent, turn("x", "found it", session="agent-1"), link])
    library.take("/a", [SESSION, turn("1", "go and look"), Link("pull-request", "one", url)])
    assert [(each.target, each.note) for each in library.browser.session("one").links] == [
        (url, "bluedoor#7")
    ]


def test_titles_better_ones_win_and_later_ones_of_equal_rank(library: Library) -> None:
    def titled(title: str, rank: int) -> Session:
        return Session("one", "claude-code", title=title, title_rank=rank)

    library.take("/a", [titled("prompt", 10), turn("m", "x")])
    library.take("/a", [titled("second prompt", 10)])
    assert library.browser.find_session("one").title == "prompt"
    library.take("/a", [titled("by a model", 40), titled("by a model, later", 40)])
    assert library.browser.find_session("one").title == "by a model, later"
    library.take("/a", [titled("my name", 50), titled("by a model, even later", 40)])
    assert library.browser.find_session("one").title == "my name"


def test_usage_takes_the_maximum_per_message(library: Library) -> None:
    """Repeated and growing usage of one API message counts once (GOTCHAS 3)."""
    library.take(
        "/a",
        [
            SESSION,
            turn("m", "x"),
            Usage("u", "one", input=10, output=3),
            Usage("u", "one", input=10, output=100),
        ],
    )
    library.take("/b", [Usage("u", "one", input=10, output=50)])
    view = library.browser.session("one")
    assert (view.tokens_in, view.tokens_out) == (10, 100)


def test_no_turn_no_session(library: Library) -> None:
    """A file with titles and summaries but no turn makes no session row; the file is remembered."""
    library.take("/a", [SESSION])
    assert list(library.browser.order(BrowseFilter())) == []
    assert library.db.execute("SELECT count(*) FROM files").fetchone()[0] == 1


def test_digests_do_not_depend_on_stages() -> None:
    a, b = parts.store(text("one")), parts.store(text("two"))
    assert a is not None
    assert b is not None
    assert parts.turn_digest([a]) == ids.digest("one")
    assert parts.turn_digest([a, b]) == ids.joint_digest([ids.digest("one"), ids.digest("two")])
    assert ids.digest("e\u0301") == ids.digest("\u00e9"), "NFC"


def test_hostile_text_is_clean_in_the_library(library: Library) -> None:
    """Escape sequences, NUL, bidi controls and lone surrogates never reach the database."""
    nasty = "\x1b]52;c;aGk=\x07 a\x00b \u202e \ud83d ok \x9b31m"
    library.take(
        "/a", [Session("one", "claude-code", title=nasty, title_rank=50, project=nasty), turn("m", nasty)]
    )
    shown = library.said("one")[0] + library.browser.find_session("one").title
    assert not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202e" or 0xD800 <= ord(c) < 0xE000 for c in shown
    )
    assert "ok" in shown


def test_a_copy_that_was_longer_for_a_while_does_not_change_the_order(library: Library) -> None:
    """A session is kept, a longer copy of its file is read from elsewhere, then the session goes on: its turns
    stand in the order they were said, whichever file holds which."""

    def first(count: int) -> list[Record]:
        return [SESSION, *(turn(str(i), f"turn {i}", line=i) for i in range(1, count + 1))]

    library.take("/a", first(2), kept=200)
    library.take("/z/copy-of-a", first(4), kept=400)
    library.take("/a", first(6)[3:], kept=600)
    assert library.said("one") == [f"turn {i}" for i in range(1, 7)]


@pytest.mark.parametrize("order", [("/a", "/b"), ("/b", "/a")])
def test_a_turn_of_two_files_read_together_is_at_home_where_its_session_began(
    library: Library, order: tuple[str, str]
) -> None:
    """A fork and its original in one flush, the fork first: the shared turn is at home in the original."""
    records: dict[str, list[Record]] = {
        "/a": [SESSION, turn("1", "shared", at=1000.0)],
        "/b": [
            Session("two", "claude-code", started_at=2000.0),
            turn("1", "shared", session="two", at=1000.0),
        ],
    }
    for path in order:
        file = library.writer.file("claude-code", path)
        for record in records[path]:
            library.writer.add(file, record)
    library.writer.flush()
    shared = library.browser.turn(ids.turn_id("claude-code:1"))
    assert (shared.session_id, shared.path) == (ids.session_id("claude-code", "one"), "/a")


def test_what_a_turn_says_of_itself_later_counts_in_the_same_flush_too(library: Library) -> None:
    """A result is yielded, then again with its failure, its time and its model: nothing of it is lost."""
    early = Turn("claude-code:m", "one", "tool", (Part("tool_result", "no such file", call_id="c"),))
    late = Turn("claude-code:m", "one", "tool", (), 1000.0, "a-model", flags=frozenset({"failed"}))
    library.take("/a", [SESSION, early, late])
    (found,) = library.browser.turns("one")
    assert (found.flags, found.at, found.model) == (frozenset({"failed"}), 1000.0, "a-model")
    assert library.browser.find_session("one").failed == 1


@pytest.mark.parametrize("kind", ["tool_result", "text"])
def test_a_secret_at_the_edge_of_what_is_kept_leaves_no_half(kind: str) -> None:
    """Long parts keep both ends: a token the cut would go through is hidden, not halved."""
    token, side = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS" * 2, parts.CLIP if kind == "tool_result" else parts.MAX_TEXT
    for before in range(side - 40, side, 9):
        stored = parts.store(Part(kind, "x " * (before // 2) + token + " y" * side * 2))  # type: ignore[arg-type]
        assert stored is not None
        assert "ghp_a" not in stored["t"]


def test_file_names_hold_no_secrets_either() -> None:
    stored = parts.store(
        Part("tool_call", "open", "Read", paths=("https://me:Zk3vQ9pLw2@host/a", "src/door.py"))
    )
    assert stored is not None
    assert "Zk3vQ9pLw2" not in str(stored)
    assert "src/door.py" in stored["p"]
