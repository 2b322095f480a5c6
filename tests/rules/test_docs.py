"""What the documents say is true, and what can be typed is documented."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tapedeck_tui.cli.main import COMMANDS, EXIT_CODES
from tests.rules.tree import ROOT, files

NAMES = {command.name for command in COMMANDS}
_SPAN = re.compile(r"`([^`\n]+)`|^(?:    |\$ )?(tapedeck [^\n]*)$", re.MULTILINE)
_COMMAND = re.compile(r"^\$?\s*tapedeck\s+(?:--demo\s+|--home \S+\s+)*([a-z][a-z-]*)\b")
DOCS = [pytest.param(p, id=p.as_posix()) for p in files() if p.suffix == ".md" and "models" not in p.parts
        and "fixtures" not in p.parts and "stories" not in p.parts]  # fmt: skip


def commands_in(path: Path) -> set[str]:
    """The commands of tapedeck a document tells its reader to type."""
    text = (ROOT / path).read_text(encoding="utf-8")
    typed = (found[1] or found[2] for found in _SPAN.finditer(text))
    return {m[1] for m in map(_COMMAND.match, typed) if m}


@pytest.mark.parametrize("path", DOCS)
def test_documents_name_only_commands_there_are(path: Path) -> None:
    """Nobody is told to type a command that does not exist."""
    assert commands_in(path) <= NAMES


def readme() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    if "## " not in text:
        pytest.skip("the README has no sections yet")
    return text


def test_every_command_is_in_the_readme() -> None:
    """Each command can be found by reading the README."""
    text = readme()
    assert not [name for name in sorted(NAMES) if f"tapedeck {name}" not in text]


def test_links_of_the_readme_lead_somewhere() -> None:
    """Relative links and pictures of the README exist."""
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", readme())
    assert not [target for target in targets if not (ROOT / target).exists()]


def test_every_importer_is_documented() -> None:
    """Each importer has an entry point, and a row in the importers' README."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = set(project["project"]["entry-points"]["tapedeck.importers"])
    path = ROOT / "importers" / "README.md"
    if not path.exists():
        pytest.skip("importers/README.md is not there yet")
    assert not [name for name in sorted(names) if name not in path.read_text(encoding="utf-8")]


def test_links_of_the_help_lead_somewhere() -> None:
    """A help page links only to pages there are."""
    folder = Path("tapedeck_tui/help")
    for path in files():
        if path.parent == folder:
            targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", (ROOT / path).read_text(encoding="utf-8"))
            assert not [t for t in targets if not (ROOT / folder / t).exists()], path


def test_exit_codes_are_told_apart() -> None:
    """Each exit code is explained once."""
    codes = [code for code, _ in EXIT_CODES]
    assert len(codes) == len(set(codes))
