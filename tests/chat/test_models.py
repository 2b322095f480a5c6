from __future__ import annotations

import shutil

import pytest

from tapedeck_tui.chat import models
from tapedeck_tui.chat.models import details, list_models, resolve_url
from tests.fake_ollama import FakeOllama, tag


@pytest.mark.parametrize(
    ("given", "host", "expected"),
    [
        ("", "", "http://127.0.0.1:11434"),
        ("", "0.0.0.0", "http://127.0.0.1:11434"),
        ("", "0.0.0.0:9000", "http://127.0.0.1:9000"),
        ("", "box.local:11435", "http://box.local:11435"),
        ("", "https://models.example", "https://models.example:443"),
        ("", "http://box", "http://box:80"),
        ("http://localhost:1234/", "box", "http://localhost:1234"),
        ("", "[::]:11434", "http://[::1]:11434"),
        ("", "http://127.0.0.1:notaport", "http://127.0.0.1:80"),
    ],
)
def test_address(given: str, host: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """OLLAMA_HOST says what a server listens on; asked is something that answers."""
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert resolve_url(given) == expected


def test_lists_chat_models_only() -> None:
    """Embedding models and names of models on other people's machines are not offered."""
    installed = [
        tag("nomic-embed-text:latest", 274_000_000, "nomic-bert"),
        tag("qwen3:8b"),
        tag("all-minilm:latest", 45_000_000, "bert"),
        tag("bge-m3:latest", 1_200_000_000, "bert"),
        tag("gpt-oss:120b-cloud", 384, "gptoss"),
        tag("llama3.2:3b", 2_000_000_000, "llama"),
    ]
    with FakeOllama(models=installed) as fake:
        found = list_models(fake.url, "")
    assert found.reachable
    assert found.names == ("qwen3:8b", "llama3.2:3b")
    assert found.hint == ""
    assert fake.calls == {"/api/tags": 1}


@pytest.mark.parametrize(
    ("memory", "chosen", "expected"),
    [
        (16_000_000_000, "", "qwen3:8b"),  # the largest that fits of the well known
        (64_000_000_000, "", "gemma3:27b"),
        (3_000_000_000, "", "llama3.2:1b"),
        (1_000_000_000, "", "llama3.2:1b"),  # none fits: the smallest
        (16_000_000_000, "llama3.2:1b", "llama3.2:1b"),  # what was chosen before
        (16_000_000_000, "gone:7b", "qwen3:8b"),  # unless it is gone
    ],
)
def test_choice(memory: int, chosen: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_memory", lambda: memory)
    installed = [
        tag("qwen3:8b", 5_200_000_000),
        tag("llama3.2:1b", 1_300_000_000, "llama"),
        tag("qwen2.5-coder:7b", 4_700_000_000, "qwen2"),
        tag("gemma3:27b", 17_000_000_000, "gemma3"),
        tag("nobody/odd-model:9b", 5_500_000_000, "odd"),
    ]
    with FakeOllama(models=installed) as fake:
        assert list_models(fake.url, chosen).chosen == expected


def test_no_model_installed() -> None:
    with FakeOllama(models=[]) as fake:
        found = list_models(fake.url)
    assert (found.reachable, found.chosen) == (True, "")
    assert "ollama pull qwen3:8b" in found.hint


@pytest.mark.parametrize(("binary", "hint"), [("/usr/bin/ollama", "ollama serve"), (None, "ollama pull")])
def test_not_running(binary: str | None, hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Ollama the hint says how to start it, or how to get it; nothing raises."""
    monkeypatch.setattr(shutil, "which", lambda _name: binary)
    with FakeOllama() as fake:
        url = fake.url
    found = list_models(url)
    assert not found.reachable
    assert hint in found.hint
    assert found.url == url


def test_something_else_answers() -> None:
    """A server that is no Ollama counts as none."""
    with FakeOllama() as fake:
        found = list_models(fake.url + "/elsewhere")
    assert not found.reachable


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that accepts and says nothing costs the timeout, not forever."""
    import socket

    monkeypatch.setattr(models, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        found = list_models(f"http://127.0.0.1:{mute.getsockname()[1]}")
    assert not found.reachable


def test_a_proxy_is_never_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a proxy configured, questions still go straight to this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with FakeOllama() as fake:
        assert list_models(fake.url).reachable


def test_details() -> None:
    with FakeOllama() as fake:
        about = details(fake.url, "qwen3:8b")
        fake.capabilities = ["completion"]
        plain = details(fake.url, "qwen3:8b")
    assert (about.context_length, about.thinks, plain.thinks) == (40960, True, False)
