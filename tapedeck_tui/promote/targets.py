"""Where skills are installed, and names that are free there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tapedeck_tui.errors import UsageError

TARGETS = ("claude", "agents")
"""``claude``: Claude Code's own folder; ``agents``: the folder several harnesses read."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the user is. ``claude_config``: ``CLAUDE_CONFIG_DIR`` when set."""

    home: Path
    cwd: Path
    claude_config: Path | None = None

    @classmethod
    def current(cls) -> Environment:
        named = os.environ.get("CLAUDE_CONFIG_DIR", "")
        return cls(Path.home(), Path.cwd(), Path(named).expanduser() if named else None)


@dataclass(frozen=True, slots=True)
class Target:
    """A folder of skills. ``shared``: it belongs to a project others may see."""

    folder: Path
    shared: bool = False


def find_target(name: str, environment: Environment) -> Target:
    """The folder a target means. ``agents`` is the project's ``.agents/skills`` when the working directory or
    one above it (up to the home folder) has ``.agents``, else ``~/.agents/skills``. Raises UsageError."""
    if name == "claude":
        base = environment.claude_config or environment.home / ".claude"
        return Target(base / "skills")
    if name == "agents":
        for folder in (environment.cwd, *environment.cwd.parents):
            if folder == environment.home:
                break
            if (folder / ".agents").is_dir():
                return Target(folder / ".agents" / "skills", shared=True)
            if (folder / ".git").exists():
                break
        return Target(environment.home / ".agents" / "skills")
    raise UsageError(f"There is no place called {name!r} for skills.", f"Use one of: {', '.join(TARGETS)}.")


def free_name(name: str, folders: tuple[Path, ...]) -> str:
    """The name, or the name with the first number that makes it free in all the folders."""
    number = 2
    candidate = name
    while any(_taken(folder / candidate) for folder in folders):
        tail = f"-{number}"
        candidate = re.sub(r"-+$", "", name[: 64 - len(tail)]) + tail
        number += 1
    return candidate


def _taken(path: Path) -> bool:
    return os.path.lexists(path)
