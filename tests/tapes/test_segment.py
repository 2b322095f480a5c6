"""The segment format: readable with standard tools, torn tails found, damage named."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
from pathlib import Path

import pytest
import zstandard

from tapedeck_tui.errors import StorageError
from tapedeck_tui.tapes import segment
from tapedeck_tui.tapes.segment import MAX_RAW, Damage, RecordInfo


def write(path: Path, *pieces: bytes) -> list[RecordInfo]:
    with path.open("a+b") as file:
        return [r for n, piece in enumerate(pieces) for r in segment.append(file, {"tape": f"tp_{n}"}, piece)]


def test_round_trip(tmp_path: Path) -> None:
    """What was appended is read back with its header, record by record."""
    path = tmp_path / "a.tape"
    pieces = [b"", b"one\n", bytes(range(256)) * 300, "ünï\ud800".encode("utf-8", "surrogatepass")]
    written = write(path, *pieces)
    assert list(segment.scan(path)) == written
    for record, piece in zip(written, pieces, strict=True):
        header, data = segment.read(path, record.pos)
        assert data == piece
        assert header == record.header


def test_zstdcat_prints_the_raw_bytes(tmp_path: Path) -> None:
    """A person without this program gets every byte back with ``zstdcat``."""
    path = tmp_path / "a.tape"
    pieces = [b"first\n", b"\x00\xff" * 5000, b"last\n"]
    write(path, *pieces)
    tool = shutil.which("zstdcat")
    if tool is None:
        with zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True) as reader:
            out = reader.read()
    else:
        out = subprocess.run([tool, str(path)], capture_output=True, check=True).stdout
    assert out == b"".join(pieces)


def test_long_data_becomes_several_records(tmp_path: Path) -> None:
    """No record holds more than 8 MB, and offsets go on."""
    path = tmp_path / "a.tape"
    data = random.Random(1).randbytes(1000) * 17_000
    with path.open("a+b") as file:
        records = segment.append(file, {"offset": 5}, data)
    assert [r.length for r in records] == [MAX_RAW, MAX_RAW, len(data) - 2 * MAX_RAW]
    assert [r.header["offset"] for r in records] == [5, 5 + MAX_RAW, 5 + 2 * MAX_RAW]
    assert b"".join(segment.read(path, r.pos)[1] for r in records) == data


def test_cut_at_any_byte(tmp_path: Path) -> None:
    """Whatever byte the tape ends at, the records before are whole and the rest is cut off."""
    path = tmp_path / "a.tape"
    records = write(path, b"alpha" * 9, b"beta", random.Random(2).randbytes(90))
    whole = path.read_bytes()
    ends = [0, *(r.end for r in records)]
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        keep = max(end for end in ends if end <= size)
        assert segment.cut_torn_tail(path) == size - keep
        assert path.read_bytes() == whole[:keep]
        assert list(segment.scan(path)) == [r for r in records if r.end <= keep]


def test_zeros_after_a_power_cut_are_a_torn_tail(tmp_path: Path) -> None:
    """A file system may leave zeros where the data never arrived."""
    path = tmp_path / "a.tape"
    (record,) = write(path, b"alpha")
    with path.open("ab") as file:
        file.write(bytes(5000))
    assert segment.cut_torn_tail(path) == 5000
    assert list(segment.scan(path)) == [record]


@pytest.mark.parametrize("victim", [0, 1, 2])
def test_a_flipped_bit_anywhere_is_found(tmp_path: Path, victim: int) -> None:
    """Each flipped bit of a record makes exactly that record damaged; the others are still read."""
    path = tmp_path / "a.tape"
    records = write(path, b"alpha" * 9, b"beta" * 4, b"gamma" * 5)
    whole = path.read_bytes()
    target = records[victim]
    for at in range(target.pos, target.end):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << (at % 8)
        path.write_bytes(damaged)
        items = list(segment.scan(path, check=True))
        assert [i for i in items if isinstance(i, RecordInfo)] == [r for r in records if r is not target], at
        assert [i.pos for i in items if isinstance(i, Damage)] == [target.pos], at
        with pytest.raises(StorageError, match=rf"a\.tape, byte {target.pos:,}"):
            segment.read(path, target.pos)


def test_damage_with_records_after_it_is_never_cut(tmp_path: Path) -> None:
    """Only an unfinished tail is cut: damage in the middle stays where it is, to be mended from a backup."""
    path = tmp_path / "a.tape"
    records = write(path, b"alpha" * 9, b"beta" * 4)
    damaged = bytearray(path.read_bytes())
    damaged[12] ^= 4
    path.write_bytes(damaged)
    assert segment.cut_torn_tail(path) == 0
    assert segment.cut_torn_tail(path, unfinished=True) == 0
    assert records[1] in list(segment.scan(path))


def test_headers_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scanning passes over the data: it reads a few KB of a record of megabytes."""
    path = tmp_path / "a.tape"
    write(path, random.Random(3).randbytes(3_000_000), b"x")
    read: list[int] = []
    real = io.BufferedReader

    class Counting(real):  # type: ignore[misc, valid-type]
        def read(self, size: int = -1) -> bytes:
            data = super().read(size)
            read.append(len(data))
            return data

    def counting_open(self: Path, mode: str = "r", *_: object, **__: object) -> Counting:
        return Counting(io.FileIO(self, "rb"))

    monkeypatch.setattr(Path, "open", counting_open)
    assert len(list(segment.scan(path))) == 2
    assert sum(read) < 10_000


def test_a_full_disk_leaves_a_valid_segment(tmp_path: Path) -> None:
    """A write that fails half way is taken back."""
    path = tmp_path / "a.tape"
    (record,) = write(path, b"alpha")

    class Full(io.FileIO):
        def write(self, data: object) -> int:
            super().write(memoryview(data)[:10])  # type: ignore[arg-type]
            raise OSError(28, "No space left on device")

    with Full(path, "r+b") as file, pytest.raises(OSError, match="No space"):
        segment.append(file, {}, b"beta")  # type: ignore[arg-type]
    assert list(segment.scan(path)) == [record]
