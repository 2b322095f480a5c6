"""Watching in the background from login on: a systemd user unit (Linux) or a launchd agent (macOS)."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tapedeck_tui.capture.edits import Edit, read
from tapedeck_tui.errors import Refused
from tapedeck_tui.paths import Home

MARK = "Written by tapedeck: tapedeck service install writes it anew, tapedeck service uninstall removes it."
"""Stands in every unit we write; one without it is somebody else's and is never touched."""
UNIT = "tapedeck.service"
LABEL = "tapedeck.watch"
PASSED_ON = ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME")
"""What tells the importers where to look, and what a service started at login does not know."""

State = Literal["running", "stopped", "not installed", "not ours", "unknown"]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    said: str = ""


Runner = Callable[[Sequence[str]], Ran | None]
"""Runs a command to its end; None when there is no such program."""


def run(command: Sequence[str]) -> Ran | None:
    """The runner of this machine."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=60,
        )
    except (FileNotFoundError, PermissionError):
        return None
    except subprocess.TimeoutExpired:
        return Ran(124, "it did not answer within a minute")
    return Ran(done.returncode, (done.stderr or done.stdout).strip())


@dataclass(frozen=True, slots=True)
class Plan:
    """What an install or uninstall will do, to be shown before.

    before  commands to run before the file is written or removed; they may fail
    edit    the unit file
    after   commands that make it so
    """

    before: tuple[tuple[str, ...], ...]
    edit: Edit
    after: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A command that did not work, to be run by hand. ``why`` in words."""

    command: tuple[str, ...]
    why: str


class Service:
    """The service of one home.

    Args:
        home: what the service keeps.
        runner: runs systemctl and launchctl.
        platform: as ``sys.platform``.
        environ: the environment to pass on.

    Raises Refused on a system that has neither.
    """

    def __init__(
        self,
        home: Home,
        runner: Runner = run,
        platform: str = sys.platform,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        if not platform.startswith(("linux", "darwin")):
            raise Refused(
                "There is no service for this system.", "Have it run at login by other means: tapedeck watch"
            )
        self._home = Path(os.path.abspath(home.root))
        self._run = runner
        self._is_mac = platform == "darwin"
        self._environ = {name: environ[name] for name in PASSED_ON if environ.get(name)}
        config = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        self.path = (
            Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"
            if self._is_mac
            else config / "systemd" / "user" / UNIT
        )

    @property
    def command(self) -> list[str]:
        """What the service runs: this very Python, wherever the service is started from."""
        return [sys.executable, "-P", "-m", "tapedeck_tui", "watch", "--home", str(self._home)]

    def installing(self) -> Plan:
        """Raises Refused when a unit of that name is somebody else's."""
        edit = Edit(self.path, self._ours(), self._plist() if self._is_mac else self._unit())
        if self._is_mac:
            return Plan((self._bootout(),), edit, (("launchctl", "bootstrap", _domain(), str(self.path)),))
        after = (
            ("systemctl", "--user", "daemon-reload"),
            ("systemctl", "--user", "enable", UNIT),
            ("systemctl", "--user", "restart", UNIT),
        )
        return Plan((), edit, after)

    def removing(self) -> Plan:
        """Raises Refused when a unit of that name is somebody else's."""
        edit = Edit(self.path, self._ours(), None)
        if self._is_mac:
            return Plan((self._bootout(),), edit, ())
        before = (("systemctl", "--user", "disable", "--now", UNIT),)
        return Plan(before, edit, (("systemctl", "--user", "daemon-reload"),))

    def carry_out(self, plan: Plan, now: float) -> list[Left]:
        """Do what was planned. Returns the commands that are left to be run by hand.

        Raises Refused when the file was changed since, StorageError when it cannot be written.
        """
        left = [] if self._is_mac else [found for c in plan.before if (found := self._did(c)) is not None]
        if self._is_mac:
            for command in plan.before:
                self._run(command)  # fails when it is not loaded, which is what is wanted
        plan.edit.apply(now, backup=False)
        for command in plan.after:
            found = self._did(command)
            if found is not None:
                left.append(found)
        return left

    def state(self) -> State:
        """How it stands now."""
        text = read(self.path)
        if text is None:
            return "not installed"
        if MARK not in text:
            return "not ours"
        asked = ("launchctl", "print", f"{_domain()}/{LABEL}") if self._is_mac else (
            "systemctl", "--user", "is-active", UNIT
        )  # fmt: skip
        done = self._run(asked)
        if done is None or "bus" in done.said:
            return "unknown"
        return "running" if done.code == 0 else "stopped"

    def _did(self, command: tuple[str, ...]) -> Left | None:
        done = self._run(command)
        if done is None:
            return Left(command, f"there is no {command[0]} here")
        return None if done.code == 0 else Left(command, done.said or f"it ended with {done.code}")

    def _ours(self) -> str | None:
        text = read(self.path)
        if text is not None and MARK not in text:
            raise Refused(
                f"{self.path} was not written by tapedeck and was not touched.", "Move it away first."
            )
        return text

    def _unit(self) -> str:
        lines = [
            f"# {MARK}",
            "[Unit]",
            "Description=tapedeck keeps sessions as they are written",
            "",
            "[Service]",
            "ExecStart=" + " ".join(_quoted(word, "$") for word in self.command),
            *(f"Environment={_quoted(f'{name}={value}')}" for name, value in self._environ.items()),
            "Restart=on-failure",
            "RestartSec=30",
            "Nice=10",
            "NoNewPrivileges=yes",
            "",
            "[Install]",
            "WantedBy=default.target",
        ]
        return "\n".join(lines) + "\n"

    def _plist(self) -> str:
        content: dict[str, object] = {
            "Label": LABEL,
            "ProgramArguments": self.command,
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": 30,
            "LowPriorityIO": True,
            "Nice": 10,
        }
        if self._environ:
            content["EnvironmentVariables"] = self._environ
        text = plistlib.dumps(content, sort_keys=False).decode("utf-8")
        return text.replace("<plist ", f"<!-- {MARK} -->\n<plist ", 1)

    @staticmethod
    def _bootout() -> tuple[str, ...]:
        return ("launchctl", "bootout", f"{_domain()}/{LABEL}")


def _domain() -> str:
    return f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"


def _quoted(word: str, more: str = "") -> str:
    """A word as systemd reads it: in quotes, with its own signs (% always, $ in commands) taken as they are.

    Raises Refused for line breaks and other control characters.
    """
    if any(ord(c) < 32 or ord(c) == 127 for c in word):
        raise Refused(f"The path {word!r} cannot be written into a unit.", "Use another folder.")
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + "".join(c * 2 if c in more else c for c in text) + '"'
