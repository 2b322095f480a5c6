"""The background service: what is written, what is run, and what is never touched. Nothing is really started."""

from __future__ import annotations

import plistlib
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tapedeck_tui.capture.service import MARK, Left, Ran, Service, run
from tapedeck_tui.errors import Refused
from tapedeck_tui.paths import Home


class Recorder:
    """Runs nothing; remembers what it was to run. ``answers`` by the command's words."""

    def __init__(self, **answers: Ran | None) -> None:
        self.ran: list[str] = []
        self.answers = answers

    def __call__(self, command: Sequence[str]) -> Ran | None:
        self.ran.append(shlex.join(command))
        return next((a for word, a in self.answers.items() if word.replace("_", "-") in command), Ran(0))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / 'a "100%" $HOME')


def linux(home: Home, runner: Recorder, **environ: str) -> Service:
    return Service(home, runner, "linux", environ)


def mac(home: Home, runner: Recorder, **environ: str) -> Service:
    return Service(home, runner, "darwin", environ)


def test_a_systemd_unit(home: Home) -> None:
    """The unit names this very Python by its absolute path, and quotes whatever a path may hold."""
    runner = Recorder()
    service = linux(home, runner, CODEX_HOME="/data/co dex", OTHER="x")
    plan = service.installing()
    assert runner.ran == []
    assert not service.path.exists()
    assert service.carry_out(plan, 0) == []
    text = service.path.read_text()
    assert service.path == Path.home() / ".config" / "systemd" / "user" / "tapedeck.service"
    assert text.startswith(f"# {MARK}\n")
    quoted = str(home.root).replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    assert f'ExecStart="{sys.executable}" "-P" "-m" "tapedeck_tui" "watch" "--home" "{quoted}"\n' in text
    assert 'Environment="CODEX_HOME=/data/co dex"\n' in text
    assert "OTHER" not in text
    assert [c.split("--user ")[1] for c in runner.ran] == [
        "daemon-reload", "enable tapedeck.service", "restart tapedeck.service",
    ]  # fmt: skip
    assert not service.installing().edit.is_change


def test_uninstalling_stops_it_and_removes_the_unit(home: Home) -> None:
    runner = Recorder()
    service = linux(home, runner)
    service.carry_out(service.installing(), 0)
    runner.ran.clear()
    assert service.state() == "running"
    assert service.carry_out(service.removing(), 0) == []
    assert not service.path.exists()
    assert [c.split("--user ")[1] for c in runner.ran][1:] == [
        "disable --now tapedeck.service",
        "daemon-reload",
    ]
    assert service.state() == "not installed"
    assert not service.removing().edit.is_change


def test_a_launchd_agent(home: Home) -> None:
    runner = Recorder(bootout=Ran(3, "no such process"))
    service = mac(home, runner, CLAUDE_CONFIG_DIR="/c")
    assert service.carry_out(service.installing(), 0) == []
    assert service.path == Path.home() / "Library" / "LaunchAgents" / "tapedeck.watch.plist"
    content = plistlib.loads(service.path.read_bytes())
    assert content["ProgramArguments"] == service.command
    assert content["ProgramArguments"][0] == sys.executable
    assert content["EnvironmentVariables"] == {"CLAUDE_CONFIG_DIR": "/c"}
    assert content["RunAtLoad"] is True
    assert [c.split()[1] for c in runner.ran] == ["bootout", "bootstrap"]
    assert service.carry_out(service.removing(), 0) == []
    assert not service.path.exists()


@pytest.mark.parametrize("make", [linux, mac])
def test_a_unit_of_somebody_else_is_never_touched(make: type[Service], home: Home) -> None:
    service = make(home, Recorder())  # type: ignore[call-arg]
    service.path.parent.mkdir(parents=True)
    service.path.write_text("[Service]\nExecStart=/bin/other\n")
    for plan in (service.installing, service.removing):
        with pytest.raises(Refused, match="not written by tapedeck"):
            plan()
    assert service.state() == "not ours"
    assert "other" in service.path.read_text()


def test_what_cannot_be_run_is_left_to_the_user(home: Home) -> None:
    """There is no systemd here, or it cannot be reached: the unit is written, and the commands are named."""
    service = linux(home, Recorder(systemctl=None))
    left = service.carry_out(service.installing(), 0)
    assert [one.why for one in left] == ["there is no systemctl here"] * 3
    assert service.path.exists()
    assert service.state() == "unknown"
    service = linux(home, Recorder(restart=Ran(1, "Failed to connect to bus")))
    assert service.carry_out(service.installing(), 0) == [
        Left(("systemctl", "--user", "restart", "tapedeck.service"), "Failed to connect to bus")
    ]


def test_states(home: Home) -> None:
    stopped = linux(home, Recorder(is_active=Ran(3, "inactive")))
    assert stopped.state() == "not installed"
    stopped.carry_out(stopped.installing(), 0)
    assert stopped.state() == "stopped"
    assert linux(home, Recorder()).state() == "running"


def test_a_unit_that_changed_between_showing_and_writing_is_not_touched(home: Home) -> None:
    service = linux(home, Recorder())
    plan = service.installing()
    service.path.parent.mkdir(parents=True)
    service.path.write_text("new")
    with pytest.raises(Refused, match="changed meanwhile"):
        service.carry_out(plan, 0)


def test_other_systems_are_told_what_to_do(home: Home) -> None:
    with pytest.raises(Refused, match="no service"):
        Service(home, Recorder(), "win32", {})


def test_a_line_break_in_a_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be written"):
        linux(Home(tmp_path / "a\nExecStart=x"), Recorder()).installing()


def test_the_runner_of_this_machine() -> None:
    done = run([sys.executable, "-c", "import sys; sys.exit('no')"])
    assert done == Ran(1, "no")
    assert run(["/there/is/no/such/program"]) is None
