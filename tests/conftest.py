"""Every test is alone: no real home, no network, no leftovers of the developer's own settings."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "tapedeck",
    derandomize=True,
    max_examples=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tapedeck")

CLOSED_PORT = 9
"""A port of the loopback on which nothing listens (discard)."""

_PASSED_ON = ("TAPEDECK_CORPUS", "TAPEDECK_EVAL")
_real_connect = socket.socket.connect
_real_connect_ex = socket.socket.connect_ex


def _check(address: Any) -> None:
    """Refuse every address that is not on this machine; names are refused too, but for localhost."""
    host = address[0] if isinstance(address, tuple) else ""
    if host in ("", "localhost"):
        return
    try:
        is_local = ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        is_local = False
    if not is_local:
        raise AssertionError(f"a test tried to reach {host!r}: tests use no network")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _check(address)
    _real_connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _check(address)
    return _real_connect_ex(self, address)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", _guarded_connect_ex)


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HOME and everything derived from it point into a folder of this test."""
    root = tmp_path_factory.mktemp("machine")
    home = root / "home"
    home.mkdir()
    for name in [n for n in os.environ if n.startswith(("TAPEDECK_", "CLAUDE", "CODEX", "OLLAMA", "XDG_"))]:
        if name not in _PASSED_ON:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("TAPEDECK_HOME", str(root / "tapedeck"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / ".claude"))
    monkeypatch.setenv("CODEX_HOME", str(home / ".codex"))
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / f".{name.lower()}"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(root))
    monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{CLOSED_PORT}")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "EDITOR", "VISUAL", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    return home
