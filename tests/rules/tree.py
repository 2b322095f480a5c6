"""What the rules are checked on: the project's own files and what they import."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LEFTOVERS = {"__pycache__", ".git", ".venv", "build", "dist"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, relative to its root: those git knows or would add, else those that are there."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
        names = [Path(name) for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [p.relative_to(ROOT) for p in ROOT.rglob("*") if p.is_file()]
    hidden = (
        p for p in names if not _LEFTOVERS & set(p.parts) and not any(x.endswith("_cache") for x in p.parts)
    )
    return tuple(sorted(p for p in hidden if (ROOT / p).is_file()))


@cache
def modules() -> tuple[Path, ...]:
    """The Python files that are shipped."""
    return tuple(p for p in files() if p.suffix == ".py" and p.parts[0] in ("tapedeck_tui", "importers"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module.

    late  only when a function runs, or only for the type checker
    """

    path: Path
    line: int
    module: str
    late: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


@cache
def imports(path: Path) -> tuple[Import, ...]:
    """Everything a file imports, wherever in it."""
    return tuple(_walk(path, parsed(path), late=False))


def _walk(path: Path, node: ast.AST, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(path, child.lineno, alias.name, late)
        elif isinstance(child, ast.ImportFrom):
            base = "." * child.level + (child.module or "")
            for alias in child.names:
                yield Import(path, child.lineno, _module(base, alias.name), late)
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in (*child.decorator_list, child.args):
                yield from _walk(path, part, late)
            for part in child.body:
                yield from _walk(path, ast.Module([part], []), late=True)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for part in child.body:
                yield from _walk(path, ast.Module([part], []), late=True)
            for part in child.orelse:
                yield from _walk(path, ast.Module([part], []), late)
        else:
            yield from _walk(path, child, late)


def _module(base: str, name: str) -> str:
    """``from a import b``: a.b where that is a module of ours, else a."""
    path = ROOT.joinpath(*base.split("."), name)
    return f"{base}.{name}" if path.with_suffix(".py").is_file() or path.is_dir() else base
