"""What a fresh interpreter has loaded: starting must stay cheap."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.tree import ROOT

MODELS = {"chromadb", "llama_index", "ollama", "numpy", "tantivy", "tokenizers", "onnxruntime"}

LOADED = """
import contextlib, io, json, sys
with contextlib.redirect_stdout(io.StringIO()):
    {code}
print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))
"""


def loaded_by(code: str, cwd: Path) -> set[str]:
    """Top-level packages a fresh interpreter has loaded after the code."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{LOADED.format(code=code)}"],
        capture_output=True, text=True, cwd=cwd, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_version_and_help_are_light(tmp_path: Path, flag: str) -> None:
    """``tapedeck --version`` and ``--help`` load neither the screen nor any index."""
    found = loaded_by(f"from tapedeck_tui.cli.main import main; main(['{flag}'])", tmp_path)
    assert not found & (MODELS | {"textual", "rich", "sqlite3", "platformdirs", "watchdog", "zstandard"})


def test_the_app_starts_light(tmp_path: Path) -> None:
    """Importing the app loads no index and no model: they come after the first paint."""
    assert not loaded_by("import tapedeck_tui.tui.app", tmp_path) & MODELS


def test_the_door_is_light(tmp_path: Path) -> None:
    """The first paint needs the deck, so the deck itself may load neither models nor screens."""
    found = loaded_by(
        "from pathlib import Path; from tapedeck_tui.paths import Home; from tapedeck_tui.deck import Deck; "
        "Deck(Home(Path('home')))",
        tmp_path,
    )
    assert not found & (MODELS | {"textual", "rich"})


def test_importers_stand_alone(tmp_path: Path) -> None:
    """The importers load nothing of the app."""
    assert "tapedeck_tui" not in loaded_by("from importers import registry; registry.load()", tmp_path)
