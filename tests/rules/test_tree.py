"""The shape of the project: small files, known folders, SQL in two places, no leftovers."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.rules.tree import ROOT, files, modules, parsed

MAX_LINES = 400
TOP_LEVEL = {
    "pyproject.toml", "README.md", "LICENSE", ".gitignore", ".ci", "importers", "tapedeck_tui", "tests", "screenshots",
}  # fmt: skip
TEXTS = (".py", ".md", ".toml", ".tcss", ".txt", ".yml", ".yaml", "")
_SQL = re.compile(
    r"\bSELECT\b.+\bFROM\b|\bINSERT (OR \w+ )?INTO\b|\bUPDATE \w+ SET\b|\bDELETE FROM\b|\bCREATE (VIRTUAL )?TABLE\b"
    r"|\bPRAGMA \w+",
    re.DOTALL,
)
_REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "npmjs" + ".com", "npmjs" + ".org", "crates" + ".io")
_MACHINE = re.compile(r"/work" + r"/(main|shared)|/opt" + r"/tdvenv|/root" + r"/|C:\\\\Users")
_LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")

OURS = [pytest.param(path, id=path.as_posix()) for path in modules()]
WORDS = [pytest.param(p, id=p.as_posix()) for p in files() if p.suffix in TEXTS and "models" not in p.parts]


def test_top_level() -> None:
    """At the top stand the folders of the design and no others."""
    assert {p.parts[0] for p in files()} <= TOP_LEVEL


@pytest.mark.parametrize("path", OURS)
def test_files_are_short(path: Path) -> None:
    """One file, one thing: 400 lines at most."""
    lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
    assert lines <= MAX_LINES


@pytest.mark.parametrize("path", OURS)
def test_sql_has_two_places(path: Path) -> None:
    """Our SQL stands in tapes/ and library/; importers read foreign databases."""
    if path.parts[0] == "importers" or path.parts[1] in ("tapes", "library", "demo"):
        return
    texts = [n for n in ast.walk(parsed(path)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    assert not [f"{path}:{n.lineno}" for n in texts if _SQL.search(str(n.value))]


@pytest.mark.parametrize("path", OURS)
def test_docstrings_and_annotations(path: Path) -> None:
    """Every module says what it is for; annotations are never evaluated."""
    module = parsed(path)
    if not module.body:
        return
    assert ast.get_docstring(module), f"{path} has no docstring"
    if len(module.body) > 1:
        assert "from __future__ import annotations" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", OURS)
def test_nothing_is_swallowed(path: Path) -> None:
    """``except Exception: pass`` hides what a user should have been told."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            kind = ast.unparse(node.type) if node.type else ""
            only_pass = all(isinstance(n, ast.Pass) for n in node.body)
            assert not (kind in ("", "Exception", "BaseException") and only_pass), f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", [p for p in OURS if Path(str(p.id)).parts[1:2] != ("cli",)])
def test_only_the_command_line_prints(path: Path) -> None:
    """The core never prints; importers.check is a program of its own."""
    if path.name == "check.py" and path.parts[0] == "importers":
        return
    calls = [n for n in ast.walk(parsed(path)) if isinstance(n, ast.Call) and ast.unparse(n.func) == "print"]
    assert not [f"{path}:{n.lineno}" for n in calls]


@pytest.mark.parametrize("path", WORDS)
def test_the_project_speaks_of_itself(path: Path) -> None:
    """No package registry's host and no path of a developer's machine in any text."""
    text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
    assert not [host for host in _REGISTRIES if host in text]
    assert not _MACHINE.findall(text)


@pytest.mark.parametrize("path", [p for p in WORDS if str(p.id).endswith((".py", ".toml"))])
def test_nothing_is_left_for_later(path: Path) -> None:
    """No note in a comment that something is unfinished."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        text = "\n".join(t.string for t in tokens if t.type == tokenize.COMMENT)
    assert not _LATER.findall(text)


def test_private_things_stay_out() -> None:
    """No key file, no log, no database is in the project."""
    assert not [p for p in files() if re.search(r"\.(pem|key|log|db|sqlite|tape)$|^\.env|id_rsa", p.name)]
