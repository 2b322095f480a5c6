"""From sources to search, with real files in a home of the test's own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from importers import registry
from tapedeck_tui.capture import run
from tapedeck_tui.deck import Deck
from tapedeck_tui.errors import Busy
from tapedeck_tui.events import Changed, Event, Finished, Problem, Progress
from tapedeck_tui.paths import Home
from tests.sources import ClaudeFile, door_session, elevator_session


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    return tmp_path / "claude" / "projects" / "-home-user-src-bluedoor"


@pytest.fixture
def deck(tmp_path: Path) -> Iterator[Deck]:
    with Deck(Home(tmp_path / "home")) as made:
        yield made


def everything(deck: Deck) -> list[tuple[object, ...]]:
    """All turns of all sessions as the reader shows them."""
    rows = deck.session_rows(deck.session_order())
    return [(r.id, r.title, r.turns, r.typed, r.tools, r.failed, *deck.turns(r.id, 0, 1000)) for r in rows]


def found(deck: Deck, query: str) -> set[tuple[str, str]]:
    """The turns of a result and their snippets. Scores may differ a little: BM25 counts replaced documents
    until segments are merged."""
    return {(h.turn_id, h.snippet) for s in deck.search(query, per_session=20).sessions for h in s.hits}


def finished(events: list[Event]) -> dict[str, int]:
    last = events[-1]
    assert isinstance(last, Finished)
    return dict(last.counts)


def test_a_first_run_keeps_indexes_and_finds(deck: Deck, projects: Path) -> None:
    """Two session files are kept; a plain question finds the turn that holds the answer, first."""
    door_session(projects).write()
    elevator_session(projects).write()
    events = list(deck.sync([projects]))
    assert finished(events)["files"] == 2
    assert any(isinstance(e, Changed) and e.sessions == 2 for e in events)
    assert any(isinstance(e, Progress) and e.stage == "vectors" for e in events)
    result = deck.search("how did we fix the door cooldown?")
    best = result.sessions[0]
    assert result.semantic
    assert best.session.title.startswith("the door throws me back")
    assert "45 ticks on arrival" in best.hits[0].snippet
    assert deck.turn(best.hits[0].turn_id).author == "assistant"


def test_running_it_twice_changes_nothing(deck: Deck, projects: Path) -> None:
    door_session(projects).write()
    list(deck.sync([projects]))
    before, status = everything(deck), deck.status()
    events = list(deck.sync([projects]))
    assert finished(events) == {"files": 0, "bytes": 0, "turns": 0, "problems": 0}
    assert everything(deck) == before
    assert deck.status() == status


def test_a_growing_file_costs_its_new_bytes_and_ends_like_one_read(tmp_path: Path, projects: Path) -> None:
    """Importing after every line, with the next line half written, gives what one import of all gives."""
    file = door_session(projects)
    with Deck(Home(tmp_path / "stages")) as stages:
        for count in range(1, len(file.lines) + 1):
            torn = file.lines[count][:50] if count < len(file.lines) else ""
            path = file.write(count, torn)
            counts = finished(list(stages.sync([projects])))
            assert counts["problems"] == 0
            grown = path.stat().st_size
            assert stages.status().source_bytes == grown
        with Deck(Home(tmp_path / "once")) as once:
            list(once.sync([projects]))
            assert everything(stages) == everything(once)
            assert found(stages, "door cooldown") == found(once, "door cooldown")


def test_a_torn_last_line_is_pending_and_no_problem(deck: Deck, projects: Path) -> None:
    file = door_session(projects)
    file.write(3, file.lines[3][:40])
    assert finished(list(deck.sync([projects])))["problems"] == 0
    assert deck.status().pending == 1
    file.write()
    list(deck.sync([projects]))
    assert deck.status().pending == 0
    assert deck.session(deck.session_rows(deck.session_order())[0].id).row.turns == 6


def test_closing_the_generator_anywhere_then_running_again_is_one_full_run(
    tmp_path: Path, projects: Path
) -> None:
    """A stopped run is a valid, smaller run: whatever event it stopped after, the next run completes it."""
    door_session(projects).write()
    elevator_session(projects).write()
    with Deck(Home(tmp_path / "whole")) as whole:
        count = len(list(whole.sync([projects])))
        wanted = everything(whole)
    for stop in range(count):
        with Deck(Home(tmp_path / f"stopped-{stop}")) as stopped:
            events = stopped.sync([projects])
            for _ in range(stop):
                next(events)
            events.close()
            list(stopped.sync([projects]))
            assert everything(stopped) == wanted
            status = stopped.status()
            assert (status.lexical_behind, status.vectors_behind) == (0, 0)


def test_only_one_process_ingests(deck: Deck, projects: Path) -> None:
    door_session(projects).write()
    with FileLock(deck.home.make().ingest_lock), pytest.raises(Busy, match="Another tapedeck"):
        list(deck.sync([projects]))


def test_an_importer_that_fails_loses_no_other_file(
    deck: Deck, projects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash inside an importer is one problem that names the file; its bytes and all other files are kept."""
    broken = door_session(projects).write()
    elevator_session(projects).write()
    claude = registry.by_name("claude-code")
    assert claude is not None
    real = type(claude).read

    def read(self: object, source: object, cursor: object = None) -> Iterator[object]:
        if source.path == broken:  # type: ignore[attr-defined]
            raise ZeroDivisionError("made to fail")
        yield from real(self, source, cursor)  # type: ignore[arg-type]

    monkeypatch.setattr(type(claude), "read", read)
    problems = [e for e in deck.sync([projects]) if isinstance(e, Problem)]
    assert [p.kind for p in problems] == ["importer"]
    assert "made to fail" in problems[0].what
    assert deck.status().sessions == 1
    assert deck.status().files == 2
    assert deck.problems()[0].path == str(broken)


def test_a_file_nobody_knows_is_said_when_it_was_named(deck: Deck, tmp_path: Path) -> None:
    stranger = tmp_path / "notes.bin"
    stranger.write_bytes(b"\x00\x01 nothing")
    problems = [e for e in deck.sync([stranger]) if isinstance(e, Problem)]
    assert problems[0].kind == "unknown"
    missing = [e for e in deck.sync([tmp_path / "nowhere"]) if isinstance(e, Problem)]
    assert "no such file" in missing[0].what


def test_the_last_look_counts_not_the_last_change(tmp_path: Path) -> None:
    """A run that finds nothing new still says when the sources were looked at; one over named files does not."""
    home = next(i for i in registry.importers() if i.name == "claude-code").homes()[0]
    door_session(home / "-home-user-src-bluedoor").write()
    now = [1_000.0]
    with Deck(Home(tmp_path / "home"), clock=lambda: now[0]) as deck:
        list(deck.sync())
        assert deck.status().last_sync == 1_000.0
        now[0] = 2_000.0
        list(deck.sync())
        assert deck.status().last_sync == 2_000.0
        assert {row.last_read for row in deck.sources() if row.sessions} == {2_000.0}
        now[0] = 3_000.0
        list(deck.sync([tmp_path]))
        assert deck.status().last_sync == 2_000.0


def test_sessions_of_a_vanished_file_stay_searchable_and_are_marked_gone(
    deck: Deck, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(config))
    path = door_session(config / "projects" / "-p").write()
    list(deck.sync())
    path.unlink()
    list(deck.sync())
    row = deck.session_rows(deck.session_order())[0]
    assert row.gone
    assert deck.search("door cooldown").sessions[0].session.id == row.id
    assert deck.search("is:gone").sessions[0].session.id == row.id
    door_session(config / "projects" / "-p").write()
    list(deck.sync())
    assert not deck.session_rows(deck.session_order())[0].gone


def test_a_rewritten_file_keeps_the_old_turns_as_superseded(deck: Deck, projects: Path) -> None:
    """A shorter, different file is a new take: what only the old one had stays readable, marked."""
    door_session(projects).write()
    list(deck.sync([projects]))
    name = "11111111-aaaa-4bbb-8ccc-000000000001"
    other = ClaudeFile(projects, name)
    other.lines = door_session(projects).lines[:1]
    other.write()
    list(deck.sync([projects]))
    turns = deck.turns(name, 0, 100)
    assert [("superseded" in t.flags) for t in turns] == [False, True, True, True, True, True]


def test_superseded_turns_stay_findable(deck: Deck, projects: Path) -> None:
    """Nothing is lost: what only an older take has is found as before, also by an index made anew, and
    ``is:superseded`` tells it from the rest."""
    name = "11111111-aaaa-4bbb-8ccc-000000000001"
    door_session(projects).write()
    list(deck.sync([projects]))
    wanted = found(deck, "door cooldown")
    only_old = {t.id for t in deck.turns(name)[1:]}
    other = ClaudeFile(projects, name)
    other.lines = door_session(projects).lines[:1]
    other.write()
    list(deck.sync([projects]))
    assert found(deck, "door cooldown") == wanted
    assert only_old >= {turn for turn, _ in found(deck, "door cooldown is:superseded")} != set()
    deck.close()
    for index in ("lexical", "vectors"):
        shutil.rmtree(deck.home.root / index)
    with Deck(deck.home) as again:
        list(again.sync([projects]))
        assert found(again, "door cooldown") == wanted


def test_a_turn_that_moved_in_a_new_take_is_where_it_stands_now(deck: Deck, projects: Path) -> None:
    """The file was rewritten with a line in front: a long result is read whole from its new place."""
    file = ClaudeFile(projects, "33333333-aaaa-4bbb-8ccc-000000000003")
    text = "\n".join(f"step {i}" for i in range(5000))
    file.user("run everything")
    file.call("Bash", {"command": "make"}, "call_9", "msg_z")
    file.result("call_9", text)
    file.write()
    list(deck.sync([projects]))
    file.user("a word before")
    file.lines.insert(0, file.lines.pop())
    file.write()
    list(deck.sync([projects]))
    turn = next(t for t in deck.turns(file.session) if t.author == "tool")
    assert (turn.line, turn.flags) == (4, frozenset())
    assert deck.whole(turn.id).parts[0].text == text


@pytest.mark.parametrize("lost", ["lexical", "vectors"])
def test_a_lost_index_is_made_again_without_being_asked(deck: Deck, projects: Path, lost: str) -> None:
    door_session(projects).write()
    list(deck.sync([projects]))
    wanted = found(deck, "door cooldown")
    assert wanted
    deck.close()
    shutil.rmtree(deck.home.root / lost)
    with Deck(deck.home) as again:
        events = list(again.sync([projects]))
        assert any(isinstance(e, Problem) and e.kind == "index" for e in events)
        assert found(again, "door cooldown") == wanted
        assert all(c.state == "ok" for c in again.doctor() if c.name in ("lexical index", "vectors"))


def test_vectors_that_were_damaged_are_made_again(deck: Deck, projects: Path) -> None:
    """Search still works by words while Chroma's file is garbage; the next run with news makes it again."""
    door_session(projects).write()
    list(deck.sync([projects]))
    deck.close()
    (deck.home.vectors / "chroma.sqlite3").write_bytes(b"garbage" * 1000)
    elevator_session(projects).write()
    script = (
        "import sys; from pathlib import Path; from tapedeck_tui.deck import Deck; from tapedeck_tui.paths import Home;"
        "d = Deck(Home(Path(sys.argv[1]))); r = d.search('door cooldown'); assert r.sessions and not r.semantic, r;"
        "list(d.sync([Path(sys.argv[2])])); r = d.search('door cooldown'); assert r.semantic, r"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(deck.home.root), str(projects)], check=True, timeout=120
    )


def test_long_tool_results_keep_both_ends_and_can_be_read_whole(deck: Deck, projects: Path) -> None:
    file = ClaudeFile(projects, "33333333-aaaa-4bbb-8ccc-000000000003")
    file.user("run everything")
    file.call("Bash", {"command": "make"}, "call_9", "msg_z")
    text = "first line\n" + "\n".join(f"step {i} of the build" for i in range(5000)) + "\nlast line"
    file.result("call_9", text)
    file.write()
    list(deck.sync([projects]))
    turn = deck.turns(file.session, 0, 10)[-1]
    part = turn.parts[0]
    assert part.clipped
    assert part.text.startswith("first line")
    assert part.text.endswith("last line")
    assert "characters more on the tape" in part.text
    assert len(part.text) < 9000
    assert deck.whole(turn.id).parts[0].text == text


def test_secrets_are_masked_everywhere_but_on_the_tape(deck: Deck, projects: Path) -> None:
    key = "AKIA" + "Q3EGRV7XKP2MZT5W"
    file = ClaudeFile(projects, "44444444-aaaa-4bbb-8ccc-000000000004")
    file.user(f"why is {key} refused")
    path = file.write()
    list(deck.sync([projects]))
    shown = json.dumps([str(t) for t in deck.turns(file.session)])
    assert key not in shown
    assert key.encode() not in b"".join(p.read_bytes() for p in deck.home.root.glob("library.db*"))
    assert deck.search(key).sessions == () or key not in deck.search(key).sessions[0].hits[0].snippet
    assert key in path.read_text()


def test_groups_cover_all_files_in_order(monkeypatch: pytest.MonkeyPatch, deck: Deck, projects: Path) -> None:
    """Small groups (many commits) end like large ones."""
    monkeypatch.setattr(run, "GROUP_FILES", 1)
    monkeypatch.setattr(run, "FLUSH_BYTES", 1)
    door_session(projects).write()
    elevator_session(projects).write()
    assert finished(list(deck.sync([projects])))["files"] == 2
    assert deck.status().sessions == 2


@pytest.mark.skipif(os.name != "posix", reason="permission bits are a POSIX thing")
def test_nothing_in_the_home_can_be_read_by_others(deck: Deck, projects: Path) -> None:
    door_session(projects).write()
    list(deck.sync([projects]))
    deck.search("door")
    loose = [p for p in [deck.home.root, *deck.home.root.rglob("*")] if p.stat().st_mode & 0o077]
    assert loose == []


@pytest.mark.parametrize("before", [150, 170, 185, 195])
def test_a_secret_that_straddles_the_end_of_a_title_is_hidden(
    deck: Deck, projects: Path, before: int
) -> None:
    """Not even its first half is shown in lists."""
    key = "AKIA" + "Q3EGRV7XKP2MZT5W"
    file = ClaudeFile(projects, "66666666-aaaa-4bbb-8ccc-000000000006")
    file.user("word " * (before // 5) + key + " and more words")
    file.write()
    list(deck.sync([projects]))
    title = deck.session_rows(deck.session_order())[0].title
    assert "AKIA" not in title
    assert len(title) <= 200


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_a_file_that_cannot_be_read_is_listed_until_it_can(deck: Deck, projects: Path) -> None:
    """It is told, it is in the list of problems once, the summary says so, and it is gone when it was read."""
    path = door_session(projects).write()
    path.chmod(0)
    for _ in range(2):
        events = list(deck.sync([projects]))
        assert "1 problem" in str(events[-1])
        assert [p.path for p in deck.problems()] == [str(path)]
    path.chmod(0o600)
    list(deck.sync([projects]))
    assert deck.problems() == []


def test_a_missing_path_is_listed_once(deck: Deck, tmp_path: Path) -> None:
    for _ in range(2):
        events = list(deck.sync([tmp_path / "nowhere"]))
        assert str(events[-1]).count("nothing new, 1 problem") == 1
        assert [p.path for p in deck.problems()] == [str(tmp_path / "nowhere")]
