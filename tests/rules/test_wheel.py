"""What a user gets: the wheel holds everything the program needs and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.rules.tree import ROOT, files, modules

BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_is_complete(wheel: zipfile.ZipFile) -> None:
    """Every module, style sheet, help page, model and demo story is in it."""
    names = set(wheel.namelist())
    assert not [p.as_posix() for p in modules() if p.as_posix() not in names]
    data = [p for p in files() if p.parts[0] == "tapedeck_tui" and p.suffix != ".py"]
    assert data
    assert not [p.as_posix() for p in data if p.as_posix() not in names]


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    """No tests, no pictures, no leftovers."""
    for name in wheel.namelist():
        top = Path(name).parts[0]
        assert top in ("tapedeck_tui", "importers") or top.endswith(".dist-info"), name
        assert "__pycache__" not in name
        assert Path(name).suffix not in (".pyc", ".svg", ".tape", ".db", ".log", ".orig"), name


def test_the_command_and_the_importers_are_declared(wheel: zipfile.ZipFile) -> None:
    """Installing it gives the command ``tapedeck`` and our importers."""
    (name,) = (n for n in wheel.namelist() if n.endswith("entry_points.txt"))
    text = wheel.read(name).decode()
    assert "tapedeck = tapedeck_tui.cli.main:main" in text
    assert "[tapedeck.importers]" in text


def test_the_licences_go_along(wheel: zipfile.ZipFile) -> None:
    """Ours, and the notice and licence of the shipped model, where tools that list licences look."""
    held = {Path(name).name for name in wheel.namelist() if ".dist-info/licenses/" in name}
    assert held == {"LICENSE", "NOTICE", "LICENSE-APACHE.txt"}


def test_the_wheel_is_small(wheel: zipfile.ZipFile) -> None:
    """Small enough to be fetched without thinking: 40 MB, models and all."""
    assert sum(i.compress_size for i in wheel.infolist()) < 40_000_000
