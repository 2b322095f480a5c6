"""The store: nothing that was seen is lost, and only what is new is read."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui.errors import Busy, NotFound, Refused, StorageError
from tapedeck_tui.paths import Home
from tapedeck_tui.tapes import segment
from tapedeck_tui.tapes import store as store_module
from tapedeck_tui.tapes.store import EDGE, TapeStore, tape_id

NOW = 1_790_000_000.0
"""2026-09-21."""


def make_store(root: Path, clock: Any = lambda: NOW) -> TapeStore:
    return TapeStore(Home(root), "m1", clock)


def whole(store: TapeStore, tape: str, take: int) -> bytes:
    with store.open(tape, take) as file:
        return file.read()


def takes_of(store: TapeStore, path: Path) -> list[bytes]:
    for info in store.tapes():
        if info.path == path:
            return [whole(store, info.tape_id, t.take) for t in info.takes]
    return []


def dump(root: Path) -> dict[str, list[Any]]:
    """Everything the index says, with segments by name."""
    db = sqlite3.connect(root / "tape-index.db")
    queries = {
        "segments": "SELECT machine, name, bytes FROM segments ORDER BY 1, 2",
        "tapes": "SELECT * FROM tapes ORDER BY 1",
        "takes": "SELECT * FROM takes ORDER BY 1, 2",
        "records": "SELECT r.*, s.name FROM records r JOIN segments s ON s.id = r.segment ORDER BY 1, 2, 3, 4",
    }
    found = {name: db.execute(query).fetchall() for name, query in queries.items()}
    found["records"] = [(*r[:4], *r[5:]) for r in found["records"]]
    db.close()
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "session.jsonl"


@pytest.fixture
def store(tmp_path: Path) -> TapeStore:
    return make_store(tmp_path / "td")


def test_keeps_and_gives_back(store: TapeStore, source: Path) -> None:
    """A kept file is given back byte by byte, also after it is gone."""
    data = b'{"a":1}\r\n\xff\xfe\x00' * 100
    source.write_bytes(data)
    kept = store.keep(source, "claude-code")
    assert (kept.take, kept.offset_before, kept.length, kept.new_bytes) == (1, 0, len(data), len(data))
    assert not kept.rewritten
    source.unlink()
    assert whole(store, kept.tape_id, 1) == data
    assert store.read(kept.tape_id, 1, 9, 20) == data[9:29]
    assert store.read(kept.tape_id, 1, len(data) - 3, 20) == data[-3:]
    (info,) = store.tapes()
    assert (info.path, info.importer, info.tape_id) == (source, "claude-code", tape_id("m1", source))


def test_the_whole_is_private(store: TapeStore, source: Path, tmp_path: Path) -> None:
    """Nobody else on the machine may read the tapes."""
    source.write_bytes(b"x")
    store.keep(source, "x")
    for path in [tmp_path / "td", *(tmp_path / "td").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_an_append_costs_the_append(store: TapeStore, source: Path) -> None:
    """One line added to a file of 100 MB: less than 1 MB is read, one line is written."""
    with source.open("wb") as file:
        for _ in range(100):
            file.write(b"x" * 999_999 + b"\n")
    first = store.keep(source, "x")
    assert first.bytes_read == 100_000_000
    with source.open("ab") as file:
        file.write(b"one more line\n")
    kept = store.keep(source, "x")
    assert kept.bytes_read < 1_000_000
    assert (kept.take, kept.offset_before, kept.new_bytes) == (1, 100_000_000, 14)
    assert store.read(kept.tape_id, 1, 99_999_995, 100) == b"xxxx\none more line\n"
    assert store.keep(source, "x").new_bytes == 0
    assert store.totals().source_bytes == 100_000_014
    assert store.totals().tape_bytes < 1_000_000


def test_memory_is_bounded(store: TapeStore, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the file, no more than one record of it is asked for at a time."""
    asked: list[int] = []
    real = store_module.CountedFile.read

    def read(self: Any, offset: int, length: int) -> bytes:
        asked.append(length)
        return real(self, offset, length)

    monkeypatch.setattr(store_module.CountedFile, "read", read)
    source.write_bytes(bytes(20_000_000))
    store.keep(source, "x")
    store.keep(source, "x", deep=True)
    assert max(asked) == segment.MAX_RAW


def test_a_rewritten_file_starts_a_new_take(store: TapeStore, source: Path) -> None:
    """The old version stays beside the new one."""
    source.write_bytes(b"old" * 50_000)
    store.keep(source, "x")
    source.write_bytes(b"new" * 60_000)
    kept = store.keep(source, "x")
    assert kept.rewritten
    assert (kept.take, kept.offset_before) == (2, 0)
    source.write_bytes(b"new")
    assert store.keep(source, "x").rewritten
    assert takes_of(store, source) == [b"old" * 50_000, b"new" * 60_000, b"new"]


def test_only_deep_sees_a_change_in_the_middle(store: TapeStore, source: Path) -> None:
    """Both ends are compared at every append, everything in the periodic sweep."""
    data = bytearray(random.Random(4).randbytes(5 * EDGE))
    source.write_bytes(data)
    store.keep(source, "x")
    data[2 * EDGE] ^= 1
    source.write_bytes(data)
    assert store.keep(source, "x").new_bytes == 0
    kept = store.keep(source, "x", deep=True)
    assert kept.rewritten
    assert kept.new_bytes == len(data)
    assert store.keep(source, "x", deep=True).new_bytes == 0


def test_an_empty_file_is_kept(store: TapeStore, source: Path) -> None:
    """An empty file is a fact too; it may grow later."""
    source.write_bytes(b"")
    assert store.keep(source, "x").take == 1
    assert store.keep(source, "x").new_bytes == 0
    source.write_bytes(b"now")
    kept = store.keep(source, "x")
    assert (kept.take, kept.rewritten, kept.new_bytes) == (1, False, 3)
    assert takes_of(store, source) == [b"now"]


def test_a_growing_file_is_read_only_up_to_its_size_at_the_start(
    store: TapeStore, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a writer adds while we read is kept the next time."""
    source.write_bytes(b"a" * 1000)
    real = store_module.CountedFile.read

    def read(self: Any, offset: int, length: int) -> bytes:
        with source.open("ab") as file:
            file.write(b"b" * 500)
        return real(self, offset, length)

    with monkeypatch.context() as patch:
        patch.setattr(store_module.CountedFile, "read", read)
        assert store.keep(source, "x").length == 1000
    assert store.keep(source, "x").new_bytes == 500


def test_a_file_that_shrinks_while_it_is_read(
    store: TapeStore, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen is kept; the next look starts a new take."""
    source.write_bytes(b"a" * 1000)
    real = store_module.CountedFile.read

    def read(self: Any, offset: int, length: int) -> bytes:
        source.write_bytes(b"a" * 10)
        return real(self, offset, length)

    with monkeypatch.context() as patch:
        patch.setattr(store_module.CountedFile, "read", read)
        assert store.keep(source, "x").length == 10
    source.write_bytes(b"b")
    assert store.keep(source, "x").rewritten
    assert takes_of(store, source) == [b"a" * 10, b"b"]


@pytest.mark.parametrize(
    "name",
    ["auth.json", ".credentials.json", "credentials-2.json", "key.pem", "id_ed25519", ".env", "AUTH.json"],
)
def test_credentials_are_refused(store: TapeStore, tmp_path: Path, name: str) -> None:
    """Keys and tokens never come near a tape, not even through a link."""
    path = tmp_path / name
    path.write_text("secret")
    link = tmp_path / "innocent.jsonl"
    link.symlink_to(path)
    for each in (path, link):
        with pytest.raises(Refused):
            store.keep(each, "x")
    assert store.totals().files == 0


def test_what_cannot_be_read_is_named(store: TapeStore, tmp_path: Path) -> None:
    """A missing file and a folder give an error that names them."""
    with pytest.raises(NotFound, match=r"gone\.jsonl"):
        store.keep(tmp_path / "gone.jsonl", "x")
    with pytest.raises(StorageError, match="not a plain file"):
        store.keep(tmp_path, "x")
    with pytest.raises(NotFound, match="tp_none"):
        store.open("tp_none", 1)


def test_a_name_that_is_not_utf8(store: TapeStore, tmp_path: Path) -> None:
    """File names are bytes on Linux."""
    import os

    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/na\xffme.jsonl"))
    try:
        path.write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    store.keep(path, "x")
    store.rebuild_index()
    assert takes_of(store, path) == [b"x"]


def test_months(tmp_path: Path, source: Path) -> None:
    """A file that grows over a turn of the month stands in two segments and is read as one."""
    now = [NOW]
    store = make_store(tmp_path / "td", lambda: now[0])
    source.write_bytes(b"september ")
    store.keep(source, "x")
    now[0] += 30 * 86400
    source.write_bytes(b"september october")
    kept = store.keep(source, "x")
    assert kept.new_bytes == 7
    assert takes_of(store, source) == [b"september october"]
    names = sorted(p.name for p in (tmp_path / "td" / "tapes" / "m1").iterdir())
    assert names == ["2026-09.tape", "2026-10.tape"]


def test_a_batch_syncs_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first run over many files waits for the disk once, and its index is written after that."""
    store = make_store(tmp_path / "td")
    synced: list[int] = []
    monkeypatch.setattr(store_module.os, "fsync", synced.append)
    with store.batch():
        for n in range(50):
            path = tmp_path / f"{n}.jsonl"
            path.write_text(str(n))
            store.keep(path, "x")
        assert make_store(tmp_path / "td").totals().files == 0
        assert len(synced) == 2  # the two folders of the new segment
    assert len(synced) == 3
    assert make_store(tmp_path / "td").totals().files == 50


def test_a_batch_that_fails_keeps_what_was_kept(tmp_path: Path, source: Path) -> None:
    """An error in the middle of a batch is a valid, smaller batch."""
    store = make_store(tmp_path / "td")
    source.write_bytes(b"kept")
    with pytest.raises(NotFound), store.batch():  # noqa: PT012
        store.keep(source, "x")
        store.keep(tmp_path / "gone", "x")
    assert takes_of(make_store(tmp_path / "td"), source) == [b"kept"]


def test_a_full_disk(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to do, the tape stays valid, and the next try goes on."""
    store = make_store(tmp_path / "td")
    source.write_bytes(b"one\n")
    store.keep(source, "x")
    source.write_bytes(b"one\ntwo\n")
    real = segment._write_all

    def full(file: Any, data: bytes) -> None:
        real(file, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(segment, "_write_all", full)
        with pytest.raises(StorageError, match="No space left on device"):
            store.keep(source, "x")
    assert list(store.verify()) == []
    assert store.keep(source, "x").new_bytes == 4
    assert takes_of(store, source) == [b"one\ntwo\n"]


def test_one_writer_at_a_time(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second writer is told; a reader opens meanwhile and cuts nothing."""
    source.write_bytes(b"one\n")
    writer = make_store(tmp_path / "td")
    with writer.batch():
        writer.keep(source, "x")
        other = make_store(tmp_path / "td")
        monkeypatch.setattr(
            other, "_writer", store_module.FileLock(str(other.root / ".writer.lock"), timeout=0)
        )
        real = other._writer.acquire
        monkeypatch.setattr(other._writer, "acquire", lambda timeout: real(timeout=0))
        with pytest.raises(Busy):
            other.keep(source, "x")
    assert takes_of(writer, source) == [b"one\n"]


def test_readers_see_what_is_kept_after_they_opened(tmp_path: Path, source: Path) -> None:
    """A screen that is open follows a writer in another process."""
    reader, writer = make_store(tmp_path / "td"), make_store(tmp_path / "td")
    source.write_bytes(b"one\n")
    kept = writer.keep(source, "x")
    assert whole(reader, kept.tape_id, 1) == b"one\n"


def test_seeking(store: TapeStore, source: Path) -> None:
    """A take is read like a file: in any order, over the borders of records."""
    import io

    data = b""
    for n in range(40):
        data += f"line {n} of the file\n".encode()
        source.write_bytes(data)
        kept = store.keep(source, "x")
    with store.open(kept.tape_id, 1) as file:
        model = io.BytesIO(data)
        rng = random.Random(5)
        for _ in range(300):
            at, n = rng.randrange(len(data) + 9), rng.randrange(60)
            assert file.seek(at) == model.seek(at)
            assert file.read(n) == model.read(n)
            assert file.tell() == model.tell()
        file.seek(0)
        assert list(file) == data.splitlines(keepends=True)
        file.seek(-5, 2)
        assert file.read() == data[-5:]


STEP = st.tuples(
    st.sampled_from(["append", "append", "append", "truncate", "rewrite", "same", "reopen"]),
    st.integers(0, 2),
    st.binary(max_size=40),
)


@given(st.lists(STEP, max_size=25))
def test_any_history_gives_every_take_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    """Whatever is done to three files, each version that was seen is given back exactly, and an index made
    from the segments is the one that was kept up."""
    root = tmp_path_factory.mktemp("history")
    store = make_store(root / "td")
    expected: dict[Path, list[bytes]] = {}
    for action, which, data in steps:
        path = root / f"file{which}"
        old = path.read_bytes() if path.exists() else b""
        new = {
            "append": old + data * 3000,
            "truncate": old[: len(old) // 2],
            "rewrite": data,
            "same": old,
            "reopen": old,
        }[action]
        path.write_bytes(new)
        if action == "reopen":
            store = make_store(root / "td")
        store.keep(path, "x", deep=True)
        seen = expected.setdefault(path, [])
        if seen and new.startswith(seen[-1]):
            seen[-1] = new
        else:
            seen.append(new)
    for path, versions in expected.items():
        assert takes_of(store, path) == versions
    assert list(store.verify()) == []
    live = dump(root / "td")
    store.rebuild_index()
    assert dump(root / "td") == live
    for name in (root / "td").glob("tape-index.db*"):
        name.unlink()
    again = make_store(root / "td")
    assert dump(root / "td") == live
    for path, versions in expected.items():
        assert takes_of(again, path) == versions


@given(st.integers(0, 10_000), st.booleans())
def test_cut_at_any_byte_keeps_working(
    tmp_path_factory: pytest.TempPathFactory, at: int, with_index: bool
) -> None:
    """A tape that ends anywhere opens, has lost only its last record, and the file is whole after the next keep."""
    root = tmp_path_factory.mktemp("cut")
    source = root / "file"
    store = make_store(root / "td")
    versions = [b"one\n", b"one\ntwo\n", b"one\ntwo\n" + random.Random(6).randbytes(3000)]
    for version in versions:
        source.write_bytes(version)
        store.keep(source, "x")
    store.close()
    tape = root / "td" / "tapes" / "m1" / "2026-09.tape"
    ends = [r.end for r in segment.scan(tape) if isinstance(r, segment.RecordInfo)]
    size = at % (tape.stat().st_size + 1)
    with tape.open("r+b") as file:
        file.truncate(size)
    if not with_index:
        for name in (root / "td").glob("tape-index.db*"):
            name.unlink()
    again = make_store(root / "td")
    left = sum(end <= size for end in ends)
    assert takes_of(again, source) == ([versions[left - 1]] if left else [])
    assert list(again.verify()) == []
    again.keep(source, "x")
    assert takes_of(again, source) == [versions[-1]]


def test_records_the_index_does_not_know_yet_are_found(tmp_path: Path, source: Path) -> None:
    """Killed between writing the tape and writing the index: the record counts all the same."""
    store = make_store(tmp_path / "td")
    source.write_bytes(b"one\n")
    store.keep(source, "x")
    old = (tmp_path / "td" / "tape-index.db").read_bytes()
    wal = tmp_path / "td" / "tape-index.db-wal"
    old_wal = wal.read_bytes() if wal.exists() else b""
    source.write_bytes(b"one\ntwo\n")
    store.keep(source, "x")
    store.close()
    for path in (tmp_path / "td").glob("tape-index.db*"):
        path.unlink()
    (tmp_path / "td" / "tape-index.db").write_bytes(old)
    if old_wal:
        wal.write_bytes(old_wal)
    again = make_store(tmp_path / "td")
    assert takes_of(again, source) == [b"one\ntwo\n"]
    assert again.keep(source, "x").new_bytes == 0


def test_a_damaged_index_is_made_again(tmp_path: Path, source: Path) -> None:
    """The index is disposable."""
    store = make_store(tmp_path / "td")
    source.write_bytes(b"one\n")
    store.keep(source, "x")
    store.close()
    (tmp_path / "td" / "tape-index.db").write_bytes(b"not a database, and long enough to be sure of it" * 99)
    assert takes_of(make_store(tmp_path / "td"), source) == [b"one\n"]


def test_verify_names_a_flipped_bit(tmp_path: Path, source: Path) -> None:
    """One bit of one record changed: verify says which segment and where, reading says so too, and other files
    are still given back."""
    store = make_store(tmp_path / "td")
    good = tmp_path / "good"
    good.write_bytes(b"good")
    source.write_bytes(b"victim" * 1000)
    kept = store.keep(source, "x")
    store.keep(good, "x")
    tape = tmp_path / "td" / "tapes" / "m1" / "2026-09.tape"
    record = next(r for r in segment.scan(tape) if isinstance(r, segment.RecordInfo))
    damaged = bytearray(tape.read_bytes())
    damaged[record.data_pos + 12] ^= 1
    tape.write_bytes(damaged)
    (problem,) = store.verify()
    assert str(tape) in problem.where
    assert problem.span.offset == record.pos
    with pytest.raises(StorageError, match=r"2026-09\.tape, byte 0"):
        whole(store, kept.tape_id, 1)
    assert takes_of(store, good) == [b"good"]


def test_a_hole_is_healed_by_the_next_keep(tmp_path: Path, source: Path) -> None:
    """A record in the middle that cannot be found again: verify says what is missing, and as the source still
    exists it is kept whole once more."""
    store = make_store(tmp_path / "td")
    for data in (b"one\n", b"one\ntwo\n", b"one\ntwo\nthree\n"):
        source.write_bytes(data)
        kept = store.keep(source, "x")
    tape = tmp_path / "td" / "tapes" / "m1" / "2026-09.tape"
    second = list(segment.scan(tape))[1]
    damaged = bytearray(tape.read_bytes())
    damaged[second.pos + 20] ^= 1
    tape.write_bytes(damaged)
    store.rebuild_index()
    assert {p.kind for p in store.verify()} == {"tape-damaged", "tape-missing"}
    with pytest.raises(StorageError, match="missing"):
        whole(store, kept.tape_id, 1)
    assert store.keep(source, "x").take == 2
    assert whole(store, kept.tape_id, 2) == b"one\ntwo\nthree\n"


KILLED = """
import sys
from pathlib import Path
from tapedeck_tui.paths import Home
from tapedeck_tui.tapes.store import TapeStore
root = Path(sys.argv[1])
store = TapeStore(Home(root / "td"), "m1")
source, n = root / "file", 0
while True:
    n += 1
    with source.open("ab") as file:
        file.write(b"%d " % n * 20000)
    print(store.keep(source, "x").length, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 4, 9])
def test_kill_9_while_appending(tmp_path: Path, lines: int) -> None:
    """Killed at any moment: everything whose keep had returned is there, and keeping goes on."""
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = [int(child.stdout.readline()) for _ in range(lines)]
    child.send_signal(signal.SIGKILL)
    said += [int(line) for line in child.stdout.read().split("\n")[:-1]]
    child.wait()
    source = tmp_path / "file"
    store = make_store(tmp_path / "td")
    assert list(store.verify()) == []
    (got,) = takes_of(store, source)
    assert len(got) >= max(said)
    assert source.read_bytes().startswith(got)
    store.keep(source, "x")
    assert takes_of(store, source) == [source.read_bytes()]


def test_another_machines_segments(tmp_path: Path, source: Path) -> None:
    """A segment copied from another machine is found, and its unfinished end is left for its owner."""
    source.write_bytes(b"one\n")
    other = TapeStore(Home(tmp_path / "other"), "m2", lambda: NOW)
    kept = other.keep(source, "x")
    store = make_store(tmp_path / "td")
    store.keep(source, "x")
    folder = tmp_path / "td" / "tapes" / "m2"
    folder.mkdir()
    data = (tmp_path / "other" / "tapes" / "m2" / "2026-09.tape").read_bytes()
    (folder / "2026-09.tape").write_bytes(data + data[:30])
    again = make_store(tmp_path / "td")
    assert whole(again, kept.tape_id, 1) == b"one\n"
    assert again.totals().files == 2
    assert (folder / "2026-09.tape").stat().st_size == len(data) + 30
    (folder / "2026-09.tape").write_bytes(data + data)
    assert make_store(tmp_path / "td").totals().files == 2
