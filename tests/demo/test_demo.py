"""The demo as its user meets it: complete, recent, searchable, private, and the same every time."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from importlib.resources import files
from pathlib import Path

import pytest

from tapedeck_tui import demo as package
from tapedeck_tui.demo import ids, open_demo, story
from tapedeck_tui.demo.folder import Shelf
from tapedeck_tui.demo.sources import FOLDERS
from tapedeck_tui.errors import Busy, StorageError
from tapedeck_tui.events import Event, Finished, Problem, Progress
from tapedeck_tui.model import BrowseFilter, Hit, SessionRow
from tests.demo.conftest import NOW, Demo

QUESTIONS = json.loads((files("tapedeck_tui.demo") / "questions.json").read_text("utf-8"))
STORIES = {one.name: one for one in story.load()}
MARKS = {mark: (one, step) for one in STORIES.values() for step in one.steps for mark in step.marks}


def rows(demo: Demo) -> list[SessionRow]:
    everything = BrowseFilter(children=True, headless=True)
    return demo.deck.session_rows(demo.deck.session_order(everything))


def turn_of(demo: Demo, mark: str) -> str:
    """The id of the turn that a mark of the stories names."""
    told, step = MARKS[mark]
    session = demo.deck.session(ids.session_id(told)).row
    turns = demo.deck.turns(session.id, 0, session.turns)
    return next(turn.id for turn in turns if turn.text.strip() == step.text.strip())


def best_hits(demo: Demo, question: str, count: int) -> list[Hit]:
    hits = [hit for found in demo.deck.search(question).sessions for hit in found.hits]
    return sorted(hits, key=lambda hit: -hit.score)[:count]


def test_it_is_some_forty_sessions_in_five_projects_and_six_chats(demo: Demo) -> None:
    status = demo.deck.status()
    assert status.sessions == len(STORIES)
    assert 40 <= status.sessions <= 44
    assert 850 <= status.turns <= 1000
    assert {name for name, _ in demo.deck.projects() if name} == {
        "bluedoor",
        "ebb",
        "hearth",
        "larder",
        "lindenchor",
    }
    by_source = {name: sum(row.harness == name for row in rows(demo)) for name in FOLDERS}
    assert by_source == {"claude-code": 24, "codex": 13, "chatgpt": 6}


def test_everything_is_read_but_the_line_that_is_still_being_written(demo: Demo) -> None:
    status = demo.deck.status()
    assert (status.problems, status.pending) == (0, 1)
    assert not [event for event in demo.events if isinstance(event, Problem)]


def test_the_work_is_reported(demo: Demo) -> None:
    """First the files that are written, then what the library says, and at the end that it is finished."""
    assert demo.events[0] == Progress("writing", 1, note=demo.events[0].note)  # type: ignore[union-attr]
    assert isinstance(demo.events[-1], Finished)


def test_it_looks_recent(demo: Demo) -> None:
    """The first session is about six months old, the last one of today, none in the future."""
    status = demo.deck.status()
    assert status.first_at is not None
    assert status.last_at is not None
    assert 170 * 86400 < NOW - status.first_at < 190 * 86400
    assert 0 < NOW - status.last_at < 12 * 3600


def test_every_session_has_a_title_of_its_own(demo: Demo) -> None:
    titles = [row.title for row in rows(demo)]
    assert all(titles)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: str(asked["question"]))
def test_a_question_finds_a_turn_that_answers_it(demo: Demo, asked: dict[str, object]) -> None:
    """One of the turns that answer it stands among the best three."""
    gold = {turn_of(demo, mark) for mark in asked["answers"]}  # type: ignore[attr-defined]
    assert gold & {hit.turn_id for hit in best_hits(demo, str(asked["question"]), 3)}


def test_the_door_question_finds_the_fix_and_how_it_works_now(demo: Demo) -> None:
    """Both of them come before the elevator's wait, the dash and every other cooldown."""
    best = {hit.turn_id for hit in best_hits(demo, "how did we fix the door cooldown?", 2)}
    assert best == {turn_of(demo, "door-fix"), turn_of(demo, "door-now")}


@pytest.mark.parametrize("name", sorted(STORIES))
def test_turns_stand_in_the_order_they_were_told(demo: Demo, name: str) -> None:
    """Also those of the fork and of its original, which share their first turns."""
    told = [step.text.strip() for step in STORIES[name].steps if step.kind == "assistant"]
    session = demo.deck.session(ids.session_id(STORIES[name])).row
    turns = [turn for turn in demo.deck.turns(session.id, 0, session.turns) if "abandoned" not in turn.flags]
    read = [turn.text.strip() for turn in turns if turn.author == "assistant" and turn.text.strip()]
    assert [text for text in read if text in told] == [text for text in told if text in read]
    assert len([text for text in told if text not in read]) <= 1


def test_reading_the_sources_again_changes_nothing(demo: Demo) -> None:
    before = demo.deck.status()
    machine = demo.home.root.parent / "machine"
    events = list(demo.deck.sync([machine / name for name in FOLDERS.values()]))
    after = demo.deck.status()
    assert (after.sessions, after.turns, after.tape_bytes) == (
        before.sessions,
        before.turns,
        before.tape_bytes,
    )
    assert isinstance(events[-1], Finished)


def test_opening_it_again_builds_nothing(demo: Demo) -> None:
    events: list[Event] = []
    assert open_demo(events.append, now=NOW, parent=demo.parent) == demo.home
    assert events == []


def test_only_its_owner_can_look_inside(demo: Demo) -> None:
    folder = demo.home.root.parent.parent
    assert folder.parent == demo.parent
    for path in (folder, demo.home.root.parent, demo.home.root):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_nothing_of_the_users_is_read_or_written(demo: Demo) -> None:
    """The folders that the user's settings point to hold what they held, and their session is not in the demo."""
    left = sorted(str(path.relative_to(demo.users)) for path in demo.users.rglob("*") if path.is_file())
    assert left == ["claude/projects/-home-user-secret/0c2c7c52-54b0-4a2a-9d0f-2b1c1f3a4d5e.jsonl"]
    assert [entry.name for entry in demo.parent.iterdir()] == [demo.home.root.parent.parent.name]


def test_two_that_open_at_once_build_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first and opens what it has built."""
    built: list[Path] = []
    both = threading.Barrier(2)

    def build(shelf: Shelf, progress: object) -> None:
        built.append(shelf.root)
        shelf.home.mkdir()

    monkeypatch.setattr(package, "_build", build)
    homes: list[Path] = []

    def run() -> None:
        both.wait()
        homes.append(open_demo(now=NOW, parent=tmp_path).root)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert homes[0] == homes[1]


def test_one_that_waits_too_long_says_what_it_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process hangs while it builds: an error to act on, no endless wait."""
    monkeypatch.setattr(package, "PATIENCE", 0.0)

    def build(shelf: Shelf, progress: object) -> None:
        with pytest.raises(Busy, match="Another process has been building the demo"):
            open_demo(now=NOW, parent=tmp_path)

    monkeypatch.setattr(package, "_build", build)
    open_demo(now=NOW, parent=tmp_path)


def test_a_full_disk_is_an_error_to_act_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(shelf: Shelf, progress: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(package, "_build", build)
    with pytest.raises(StorageError, match=r"Cannot write the demo .*No space left.*TMPDIR"):
        open_demo(now=NOW, parent=tmp_path)


def test_the_library_was_last_read_at_its_own_time(demo: Demo) -> None:
    """Nothing in it depends on the real clock, so a picture of it is the same every day."""
    assert demo.deck.status().last_sync == NOW


def test_a_build_that_was_stopped_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the stopped one has left is gone when the next begins."""

    def stop(shelf: Shelf, progress: object) -> None:
        (shelf.machine / "half").write_text("a file")
        raise KeyboardInterrupt

    found: list[list[str]] = []

    def build(shelf: Shelf, progress: object) -> None:
        found.append([path.name for path in shelf.machine.iterdir()])

    monkeypatch.setattr(package, "_build", stop)
    with pytest.raises(KeyboardInterrupt):
        open_demo(now=NOW, parent=tmp_path)
    monkeypatch.setattr(package, "_build", build)
    open_demo(now=NOW, parent=tmp_path)
    assert found == [[]]
