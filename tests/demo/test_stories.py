"""The story files, and the source files that are written from them."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from importers import registry
from importers.contract import Cursor, FileSource, Problem, Record, Session, Turn
from tapedeck_tui.demo import ids, story
from tapedeck_tui.demo.patch import sides
from tapedeck_tui.demo.picture import png
from tapedeck_tui.demo.sources import FOLDERS, content_hash, write_sources
from tests.demo.conftest import NOW

HEADER = "=== one\nsource: claude-code\nat: -1d 10:00\ntitle: One\n\n"


def read(machine: Path, now: float = NOW) -> dict[Path, list[Record]]:
    """Everything the importers say about the demo's files."""
    found = {}
    for path in write_sources(machine, now):
        importer = registry.identify(path)
        assert importer is not None, path
        assert FOLDERS[importer.name] in str(path)
        found[path] = list(importer.read(FileSource(path)))
    return found


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, list[Record]]:
    return read(tmp_path_factory.mktemp("machine"))


def test_steps_marks_and_bodies() -> None:
    text = HEADER + "> a prompt\nmore of it\n^ here\n< an answer\n$!2 make\nno rule\n\n"
    (one,) = story.parse(text, "test")
    assert one.steps == (
        story.Step("typed", "a prompt", "more of it"),
        story.Step("assistant", "an answer", marks=("here",)),
        story.Step("shell", "make", "no rule", 2),
    )


def test_a_backslash_makes_a_sign_ordinary() -> None:
    (one,) = story.parse(
        HEADER + "< quoting:\n\\> a letter\n\\=== not a session\n>       pytest's arrow\n", "test"
    )
    assert one.steps[0].body == "> a letter\n=== not a session\n>       pytest's arrow"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "% dance\n", "unknown directive 'dance'"),
        (HEADER + "lost\n> a\n", "text before the first step: 'lost'"),
        ("=== one\nsource: codex\ntitle: One\n\n", "no 'at' in the header"),
        ("=== one\nsource: codex\nat: yesterday\ntitle: One\n\n", "'at' should look like"),
        ("=== one\nsource codex\n\n", "expected 'key: value'"),
    ],
)
def test_a_story_that_cannot_be_read_says_where(text: str, message: str) -> None:
    with pytest.raises(story.StoryError, match=r"test, line 1: one: .*") as caught:
        list(story.parse(text, "test"))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("make test\nok", "make test"),
        ("cat <<'END' > a\nmake\nEND\nok", "cat <<'END' > a\nmake\nEND"),
        ('python -c "\nprint(1)"\nok', 'python -c "\nprint(1)"'),
    ],
)
def test_a_command_may_have_several_lines(text: str, command: str) -> None:
    head, _, body = text.partition("\n")
    assert story.command_and_output(story.Step("shell", head, body)) == (command, "ok")


def test_times_count_from_midnight_or_from_now() -> None:
    (one,) = story.parse(HEADER, "test")
    assert one.start(NOW + 5000) == NOW - 86400 + 10 * 3600
    (two,) = story.parse(HEADER.replace("-1d 10:00", "-5h"), "test")
    assert two.start(NOW) == NOW - 5 * 3600


def test_an_edit_has_two_sides() -> None:
    assert sides(" a\n-b\n+c\n+d") == ("a\nb", "a\nc\nd")


def test_a_picture_is_a_png_and_the_same_each_time() -> None:
    assert png("one") == png("one") != png("two")
    assert png("one").startswith(b"\x89PNG\r\n\x1a\n")


def test_every_file_is_read_without_a_problem(records: dict[Path, list[Record]]) -> None:
    """Only one file ends in the middle of a record: the session that is still being written."""
    assert [r for found in records.values() for r in found if isinstance(r, Problem)] == []
    pending = [
        path for path, found in records.items() if any(isinstance(r, Cursor) and r.pending for r in found)
    ]
    torn = {one.name: one for one in story.load()}["hearth-blinds"]
    assert [path.stem for path in pending] == [ids.session_id(torn)]


def test_the_formats_rare_things_are_there(records: dict[Path, list[Record]]) -> None:
    """What makes real sessions hard: sub-agents, forks, summaries, commands, images, refusals, programs."""
    turns = [r for found in records.values() for r in found if isinstance(r, Turn)]
    flags = Counter(flag for turn in turns for flag in turn.flags)
    for flag in ("compaction", "headless", "sidechain", "failed", "queued", "command", "answer", "abandoned"):
        assert flags[flag], flag
    authors = {turn.author for turn in turns}
    assert authors == {"typed", "assistant", "tool", "machine", "program", "parent-model"}
    kinds = {part.kind for turn in turns for part in turn.parts}
    assert {"text", "thinking", "tool_call", "tool_result", "image"} <= kinds
    by_key: dict[str, set[str]] = {}
    for turn in turns:
        by_key.setdefault(turn.key, set()).add(turn.session)
    assert any(len(sessions) == 2 for sessions in by_key.values()), (
        "the fork shares its turns with the original"
    )


def test_ids_do_not_depend_on_the_time(records: dict[Path, list[Record]], tmp_path: Path) -> None:
    later = read(tmp_path, NOW + 40 * 86400 + 12345)

    def keys(found: dict[Path, list[Record]]) -> set[str]:
        every = [r for some in found.values() for r in some]
        return {r.key for r in every if isinstance(r, Turn)} | {r.id for r in every if isinstance(r, Session)}

    assert keys(later) == keys(records)


def test_times_do_and_never_lie_in_the_future(records: dict[Path, list[Record]]) -> None:
    times = [r.at for found in records.values() for r in found if isinstance(r, Turn) and r.at is not None]
    assert max(times) < NOW
    assert min(times) < NOW - 170 * 86400


def test_the_same_time_gives_the_same_bytes(records: dict[Path, list[Record]], tmp_path: Path) -> None:
    again = {path.name: path.read_bytes() for path in write_sources(tmp_path, NOW)}
    assert again == {path.name: path.read_bytes() for path in records}


def test_tool_calls_have_their_answers(records: dict[Path, list[Record]]) -> None:
    for path, found in records.items():
        parts = [part for r in found if isinstance(r, Turn) for part in r.parts if part.call_id]
        asked = {part.call_id for part in parts if part.kind == "tool_call"}
        answered = {part.call_id for part in parts if part.kind == "tool_result"}
        assert asked == answered, path


def test_every_mark_of_the_questions_stands_in_a_story() -> None:
    marks = Counter(mark for one in story.load() for step in one.steps for mark in step.marks)
    path = Path(story.__file__).with_name("questions.json")
    asked = {mark for question in json.loads(path.read_text("utf-8")) for mark in question["answers"]}
    assert asked <= set(marks)
    assert max(marks.values()) == 1


def test_the_stories_tell_no_secrets_and_do_not_praise_us() -> None:
    for one in story.load():
        text = "\n".join(step.text for step in one.steps)
        assert "tapedeck" not in text.lower(), one.name
        assert not re.search(
            r"\b(sk-|ghp_|xox|AKIA|eyJ)\w{8,}|BEGIN [A-Z ]*PRIVATE KEY|password\s*[=:]", text
        ), one.name


def test_the_content_hash_is_stable() -> None:
    assert content_hash() == content_hash()
    assert re.fullmatch(r"[0-9a-f]{12}", content_hash())
