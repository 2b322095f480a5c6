from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from tapedeck_tui.errors import NotFound, StorageError, UsageError
from tapedeck_tui.library.keep import Keep
from tapedeck_tui.library.keep_schema import MIGRATIONS
from tapedeck_tui.model import Answer, Citation, Evidence, Place, Promoted


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "keep.db"


def answer(number: int, at: float = 1.0, stopped: bool = False) -> Answer:
    citation = Citation(
        n=1, turn_id="t_1", session_id="s_1", position=3, session_title="Türen 🚪", project="/p", harness="codex",
        author="assistant", at=None, quote="q", digest="d", text="the q", place=Place("s_1", "t_1", 4, 1),
    )  # fmt: skip
    return Answer(
        id=f"a_{number}", question="why?", kind="answer", text="Because [1].", citations=(citation,),
        unsupported=((0, 3), (5, 2)), coverage="searched", model="m", at=at, note="n", stopped=stopped,
    )  # fmt: skip


def test_the_machine_has_one_id(path: Path) -> None:
    first = Keep(path).machine_id()
    assert first.startswith("m_")
    assert Keep(path).machine_id() == first
    assert first.isascii()
    assert first == first.lower()


def test_private(path: Path) -> None:
    """The file and its companions are readable by their owner only."""
    keep = Keep(path)
    keep.star("s_1", True)
    for file in path.parent.glob("keep.db*"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_stars_newest_first(path: Path) -> None:
    ticks = iter(range(100))
    keep = Keep(path, clock=lambda: float(next(ticks)))
    for name in ("s_1", "s_2", "s_1"):
        keep.star(name, True)
    assert keep.starred() == ["s_2", "s_1"]
    keep.star("s_2", False)
    keep.star("s_9", False)
    assert Keep(path).starred() == ["s_1"]


def test_labels(path: Path) -> None:
    keep = Keep(path)
    keep.label("s_1", "  to  read ", True)
    keep.label("s_1", "bugs", True)
    keep.label("s_2", "bugs", True)
    keep.label("s_1", "bugs", True)
    assert keep.labels() == {"s_1": ("bugs", "to read"), "s_2": ("bugs",)}
    keep.label("s_1", "to read", False)
    assert keep.labels("s_1") == {"s_1": ("bugs",)}
    for bad in ("", "  ", "x" * 65, "\x1b[0m"):
        with pytest.raises(UsageError):
            keep.label("s_1", bad, True)


def test_titles_notes_and_verdicts(path: Path) -> None:
    keep = Keep(path)
    keep.set_title("s_1", "My\ntitle")
    keep.set_note("t_1", "first\n\nsecond")
    keep.save_verdict("ob_1", "human_edited")
    keep.save_verdict("ob_1", "human_rejected", "wrong")
    assert keep.titles() == {"s_1": "My title"}
    assert keep.note("t_1") == "first\n\nsecond"
    assert keep.verdict("ob_1") == "human_rejected"
    keep.set_title("s_1", "")
    keep.set_note("t_1", "")
    assert (keep.titles(), keep.note("t_1"), keep.verdict("ob_2")) == ({}, "", "")


def test_small_memory(path: Path) -> None:
    keep = Keep(path)
    assert keep.recall("model", "none") == "none"
    keep.remember("model", "qwen3:8b")
    assert Keep(path).recall("model") == "qwen3:8b"
    keep.remember("model", "")
    assert keep.recall("model", "none") == "none"


def test_answers_come_back_as_they_were(path: Path) -> None:
    keep = Keep(path)
    keep.save_answer(answer(1, at=1.0))
    keep.save_answer(answer(2, at=2.0, stopped=True))
    keep.save_answer(answer(1, at=3.0))
    assert keep.answers() == [answer(1, at=3.0), answer(2, at=2.0, stopped=True)]
    assert keep.answers(limit=1) == [answer(1, at=3.0)]
    assert keep.answer("a_2").stopped
    with pytest.raises(NotFound):
        keep.answer("a_3")


def test_promoted_comes_back_as_it_was(path: Path) -> None:
    keep = Keep(path)
    thing = Promoted(
        "sk_1",
        "skill",
        "name",
        "text",
        "/x/SKILL.md",
        5.0,
        (Evidence("t_1", "s_1", "d", "q", "typed", 1.0),),
        "/p",
    )
    keep.save_promoted(thing, "sha256:0")
    assert keep.promoted() == [thing]
    assert keep.promoted_one("sk_1") == thing
    assert keep.promoted_one("sk_2") is None


def test_fields_of_a_newer_version_are_passed_over(path: Path) -> None:
    """An answer written by a later release, with a field we do not know, can still be read."""
    keep = Keep(path)
    keep.save_answer(answer(1))
    with sqlite3.connect(path) as db:
        db.execute("UPDATE answers SET body = json_set(body, '$.mood', 'good', '$.citations[0].tint', 3)")
    assert keep.answers() == [answer(1)]


def test_from_many_threads(path: Path) -> None:
    """Each thread has its own connection; nothing is lost when they write at once."""
    keep = Keep(path)
    failures: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for i in range(20):
                keep.remember(f"k{n}-{i}", "v")
                keep.recall("k0-0")
        except BaseException as exc:  # noqa: BLE001 - collected for the assertion below
            failures.append(exc)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(keep.recall(f"k{n}-{i}") == "v" for n in range(6) for i in range(20))
    keep.close()


def test_two_at_once_migrate_once(path: Path) -> None:
    """Two processes that open a new home together both find a finished database."""
    barrier = threading.Barrier(4)
    ids: list[str] = []

    def open_it() -> None:
        barrier.wait()
        ids.append(Keep(path).machine_id())

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1


def test_a_newer_database_is_left_alone(path: Path) -> None:
    Keep(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="newer tapedeck"):
        Keep(path)
    assert path.read_bytes() == before


def test_damage_is_said(path: Path) -> None:
    """A file that is no database is named and not touched."""
    path.write_bytes(b"this is not a database, not at all" * 50)
    with pytest.raises(StorageError, match=r"keep\.db"):
        Keep(path)
    assert path.read_bytes().startswith(b"this is not")


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Cannot open"):
        Keep(tmp_path / "nowhere" / "keep.db")


def test_migrations_are_only_ever_added() -> None:
    """The first migration is what every home in the world was made with: its text never changes."""
    import hashlib

    digest = hashlib.sha256("\n".join(MIGRATIONS[0]).encode()).hexdigest()
    assert digest[:16] == "9175543e546c1d52"
