"""Rollout files that grow, are cut, packed, renamed, or are none at all."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from importers.check import merge_records
from importers.codex import Codex
from importers.contract import Cursor, FileSource, Record
from tests.importers.codex_script import Rollout, read, v4, v7


def eventful() -> Rollout:
    """A rollout with everything a cursor has to remember."""
    rollout = Rollout().turn(v7(10)).environment()
    rollout.user("<environment_context> is odd").say("It is.").think("**Boiling**")
    for number in range(3):
        rollout.call("exec_command", cmd=f"boil {number}")
    for number in range(3):
        rollout.output(f"Process exited with code {number}\nOutput:\n{number}", call=number + 1)
    rollout.tokens(100, 20, 5).line("no_such_kind", {}).done(v7(10)).turn(v7(60), model="gpt-5.5")
    rollout.event("thread_name_updated", thread_name="Wärme — 温").user("Paint it 赤.").say(
        "Painted."
    ).tokens(7, 3, 1)
    rollout.event("thread_rolled_back", num_turns=1)
    rollout.raw(b"").raw(b'{"broken').raw(b"[1]")
    glued = rollout.say("Glued.").lines.pop()
    rollout.lines[-1] += glued
    return rollout.user("# AGENTS.md instructions for here", event=False).user("Last.").say("Last answer.")


def merged(records: list[Record]) -> dict[str, object]:
    out = merge_records(records)
    del out["cursor"]
    return out


def staged(path: Path, sizes: list[int]) -> tuple[dict[str, object], list[Cursor]]:
    """Read the file at each of its sizes, going on from the cursor each time."""
    records: list[Record] = []
    cursors: list[Cursor] = []
    for size in sizes:
        last = cursors[-1] if cursors else None
        for record in Codex().read(FileSource(path, size), last):
            records.append(record)
            if isinstance(record, Cursor):
                cursors.append(
                    Cursor(record.offset, record.line, json.loads(json.dumps(record.state)), record.pending)
                )
    return merged(records), cursors


@given(cuts=st.lists(st.integers(0, 12_000), max_size=8))
def test_growing_by_any_bytes_is_the_same_as_reading_once(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    """Case 7: a file read whenever it has grown, at any byte, torn lines too. One sees exactly what one read
    of the whole gives: turns, keys, authors, places, usage, links and problems."""
    path = eventful().save(tmp_path_factory.mktemp("grown"))
    size = path.stat().st_size
    sizes = [*sorted(min(cut, size) for cut in cuts), size]
    whole, _ = staged(path, [size])
    grown, cursors = staged(path, sizes)
    assert grown == whole
    assert all(a.offset <= b.offset for a, b in pairwise(cursors))
    assert cursors[-1].offset == size


def test_every_line_end_is_a_place_to_go_on(tmp_path: Path) -> None:
    """Case 7: one line after the other, as a watcher reads. One sees the same as at once."""
    path = eventful().save(tmp_path)
    raw = path.read_bytes()
    sizes = [at + 1 for at, byte in enumerate(raw) if byte == 10]
    assert staged(path, sizes)[0] == staged(path, [len(raw)])[0]


def test_an_append_reads_only_what_is_new(tmp_path: Path) -> None:
    """An append to a long session yields its own turn alone, and the cursor stays small."""
    rollout = eventful()
    for number in range(600):
        rollout.call("exec_command", cmd=f"stir {number}").ran(f"stirred {number}\n")
    rollout.user("Enough?").say("Enough.")
    first = rollout.read(tmp_path)
    path = rollout.user("Thanks.").save(tmp_path)
    later = read(path, first.cursor)
    assert later.said == [("typed", "Thanks.")]
    assert later.turns[0].key.startswith(f"codex:{v7(0)}:{v7(60)}:")
    assert len(json.dumps(first.cursor.state)) < 8_000


def test_long_files_have_cursors_on_the_way(tmp_path: Path) -> None:
    """Every few megabytes there is a cursor, and going on from each of them gives the rest exactly."""
    rollout = Rollout().turn(v7(10)).user("Stir.")
    for number in range(90):
        rollout.call("exec_command", cmd=f"stir {number}").ran(f"{number} " + "x" * 120_000)
    path = rollout.say("Stirred.").save(tmp_path)
    records = list(Codex().read(FileSource(path)))
    places = [number for number, one in enumerate(records) if isinstance(one, Cursor)]
    assert len(places) >= 3
    whole = merged(records)
    for place in places[:-1]:
        cursor = records[place]
        assert isinstance(cursor, Cursor)
        assert merged([*records[: place + 1], *Codex().read(FileSource(path), cursor)]) == whole


def test_compressed_files_are_the_same_session(tmp_path: Path) -> None:
    """Codex compresses what is a week old. One sees the same session, turns and keys as in the plain file."""
    rollout = eventful()
    plain = rollout.save(tmp_path)
    packed = tmp_path / f"{plain.name}.zst"
    raw = plain.read_bytes()
    half = len(raw) // 2
    press = zstandard.ZstdCompressor(level=3)
    packed.write_bytes(press.compress(raw[:half]) + press.compress(raw[half:]))
    assert Codex().sniff(packed)
    got = read(packed)
    assert [(t.key, t.author, t.parts) for t in got.turns] == [
        (t.key, t.author, t.parts) for t in read(plain).turns
    ]
    assert got.cursor.offset == len(raw)
    assert read(packed, got.cursor).turns == []


def test_a_compressed_file_is_read_no_further_than_it_is_known(tmp_path: Path) -> None:
    """A packed file that is still being written: what lies past the size that was asked for is not read."""
    press = zstandard.ZstdCompressor(level=3)
    packed = tmp_path / "rollout.jsonl.zst"
    first, second = eventful(), Rollout(v7(0)).turn(v7(99)).user("Later.")
    packed.write_bytes(press.compress(first.bytes()))
    size = packed.stat().st_size
    with packed.open("ab") as file:
        file.write(press.compress(second.bytes()))
    assert "Later." not in read(packed, limit=size).texts("typed")
    assert "Later." in read(packed).texts("typed")


def test_a_damaged_compressed_file_gives_what_it_has(tmp_path: Path) -> None:
    """A compressed file that is cut off: one sees the turns before the damage, and one problem that says so."""
    rollout = Rollout().turn(v7(10)).user("Stir.")
    for number in range(400):
        rollout.call("exec_command", cmd=f"stir {number}").ran(os.urandom(1500).hex())
    packed = tmp_path / "rollout.jsonl.zst"
    squeezed = zstandard.ZstdCompressor(level=3).compress(rollout.bytes())
    packed.write_bytes(squeezed[: len(squeezed) // 2])
    got = read(packed)
    assert 50 < len(got.turns) < 700
    assert [problem.what for problem in got.problems] == ["the compressed file is cut off"]
    again = read(packed, got.cursor)
    assert (again.turns, again.problems, again.cursor.offset) == ([], [], got.cursor.offset)
    packed.write_bytes(b"not zstd at all")
    assert not Codex().sniff(packed)
    assert [problem.kind for problem in read(packed).problems] == ["unreadable-bytes"]


@pytest.mark.parametrize(
    ("name", "meta", "told"),
    [
        (f"rollout-2026-03-02T09-00-00-{v4(5)}.jsonl", {}, v4(5)),
        (f"rollout-2026-03-02T09-00-00-{v4(5)}_3.jsonl", {}, v4(5)),
        (f"saved-rollout-2026-03-02T09-00-00-{v4(5)}.jsonl", {}, v4(5)),
        (f"copy-of-{v4(5)}.jsonl", {}, v7(0)),
        (f"copy-of-{v4(5)}.jsonl", {"id": None, "session_id": "named"}, "named"),
        (f"{v4(4)}-copy-of-{v4(5)}.jsonl", {"id": None}, v4(5)),
        ("notes.jsonl", {"id": None}, "notes"),
    ],
)
def test_the_id_of_a_session(tmp_path: Path, name: str, meta: dict[str, object], told: str) -> None:
    """The id in a rollout's own name, else the first header's, else the last one in the name."""
    path = Rollout(**meta).turn(v7(9)).user("Hi.").save(tmp_path, name)
    assert read(path).sessions[-1].id == told


def test_a_session_that_moves_keeps_its_keys(tmp_path: Path) -> None:
    """Case 5: archiving moves a file. One sees the same session and the same turns at the new place."""
    rollout = eventful()
    here, there = tmp_path / "sessions", tmp_path / "archived_sessions"
    here.mkdir()
    there.mkdir()
    first, second = rollout.read(here), rollout.read(there)
    assert [t.key for t in first.turns] == [t.key for t in second.turns]


def first_bytes(*lines: bytes) -> bytes:
    return b"\n".join(lines) + b"\n"


@pytest.mark.parametrize(
    "raw",
    [
        first_bytes(
            b'{"id":"x","timestamp":"2025-08-01T00:00:00Z","instructions":null}', b'{"record_type":"state"}'
        ),
        first_bytes(b'{"record_type":"state"}'),
        first_bytes(b'{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]}'),
        first_bytes(b'{"timestamp":"t","ordinal":0,"type":"session_meta","payload":{}}'),
        first_bytes(b'{"payload":{"id":"x"},"timestamp":"t","type":"session_meta"}'),
        first_bytes(b"garbage", b'{"timestamp":"t","type":"event_msg","payload":{"type":"task_started"}}'),
        b'{"timestamp":"t","type":"session_meta","payload":{"id":"x","base_instructions":"'
        + b"x" * 90_000
        + b'"}}\n',
        b'{"id":"x","timestamp":"t","instructions":"' + b"x" * 90_000 + b'"}\n',
        b"\xef\xbb\xbf" + first_bytes(b'{"timestamp":"t","type":"turn_context","payload":{"model":"m"}}'),
    ],
)
def test_rollouts_are_known_by_content(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "any name.jsonl"
    path.write_bytes(raw)
    assert Codex().sniff(path)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("empty.jsonl", b""),
        ("binary.jsonl", bytes(range(256)) * 64),
        ("history.jsonl", b'{"session_id":"x","ts":1781460912,"text":"hello"}\n'),
        ("session_index.jsonl", b'{"id":"x","thread_name":"n","updated_at":"t"}\n'),
        (
            "claude.jsonl",
            b'{"type":"user","uuid":"u","sessionId":"s","message":{"role":"user","content":"hi"}}\n',
        ),
        ("other.jsonl", b'{"type":"message","role":"user","content":[{"type":"text","text":"a"}]}\n'),
        ("rollout-compress-1.tmp", b'{"timestamp":"t","type":"session_meta","payload":{}}\n'),
        ("array.json", b'[{"type":"session_meta","payload":{}}]'),
    ],
)
def test_other_files_are_not_ours(tmp_path: Path, name: str, raw: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    assert not Codex().sniff(path)


def test_a_file_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    """A file that vanishes between scan and read: one sees one problem, and the cursor where it was."""
    got = read(tmp_path / "gone.jsonl", Cursor(7, 1, {}))
    assert [problem.kind for problem in got.problems] == ["io"]
    assert got.cursor == Cursor(7, 1, {})
    assert not Codex().sniff(tmp_path / "gone.jsonl")


@given(raw=st.binary(max_size=400), at=st.integers(0, 9_000))
def test_garbage_anywhere_never_raises(tmp_path_factory: pytest.TempPathFactory, raw: bytes, at: int) -> None:
    """Whatever stands in the file, reading ends with a cursor."""
    good = eventful().bytes()
    path = tmp_path_factory.mktemp("garbage") / "x.jsonl"
    path.write_bytes(good[:at] + raw + good[at:])
    assert read(path).cursor.offset <= path.stat().st_size


@given(state=st.dictionaries(st.sampled_from(["thread", "from"]), st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda s: st.lists(s, max_size=3) | st.dictionaries(st.sampled_from(["thread", "turn", "segments", "counts", "calls", "base", "meta"]), s, max_size=4), max_leaves=8)))  # fmt: skip
def test_a_strange_cursor_never_raises(
    tmp_path_factory: pytest.TempPathFactory, state: dict[str, object]
) -> None:
    """A cursor of another version is no reason to fail."""
    path = eventful().save(tmp_path_factory.mktemp("cursor"))
    read(path, Cursor(0, 0, state))
