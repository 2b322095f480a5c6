from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tapedeck_tui.chat.llm import Reply
from tapedeck_tui.errors import ModelUnavailable
from tests.fake_ollama import WAIT, FakeOllama


@pytest.fixture(name="fake")
def _fake() -> Iterator[FakeOllama]:
    with FakeOllama(["One ", "two ", "three."]) as fake:
        yield fake


def messages() -> list[Any]:
    from llama_index.core.llms import ChatMessage

    return [
        ChatMessage(role="system", content="Rules"),
        ChatMessage(role="user", content="Say {three} words"),
    ]


def test_streams_and_counts(fake: FakeOllama) -> None:
    """Pieces come as they are written; the context size is always sent, thinking is off."""
    fake.prompt_eval_count = 321
    reply = Reply("qwen3:8b", messages(), fake.url, num_ctx=4096, answer_tokens=200)
    assert "".join(reply) == "One two three."
    assert (reply.spent.prompt, reply.spent.answer, reply.spent.reason) == (321, 3, "stop")
    asked = fake.chats[0]
    assert asked["options"]["num_ctx"] == 4096
    assert asked["options"]["num_predict"] == 200
    assert asked["options"]["temperature"] == 0.1
    assert asked["think"] is False
    assert asked["stream"] is True
    assert asked["messages"][1]["content"] == "Say {three} words"


def test_a_silent_model_can_be_left_at_once(fake: FakeOllama) -> None:
    """While the model reads a long prompt nothing comes; closing hangs up and the server notices."""
    fake.hold_after = 0
    stream = iter(Reply("qwen3:8b", messages(), fake.url))
    assert next(stream) == ""
    assert fake.holding.wait(WAIT)
    stream.close()  # type: ignore[attr-defined]
    assert fake.hung_up.wait(WAIT)
    assert not any(t.name == "tapedeck-model" and _stuck(t) for t in threading.enumerate())


def _stuck(thread: threading.Thread) -> bool:
    thread.join(WAIT)
    return thread.is_alive()


def test_left_in_the_middle(fake: FakeOllama) -> None:
    fake.hold_after = 2
    stream = iter(Reply("qwen3:8b", messages(), fake.url))
    said = ""
    while said != "One two ":
        said += next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert fake.hung_up.wait(WAIT)


@pytest.mark.parametrize("how", ["break_after", "end_after"])
def test_connection_lost(fake: FakeOllama, how: str) -> None:
    """A stream that breaks, or ends without saying that it is done, is an error after what was said."""
    setattr(fake, how, 2)
    said: list[str] = []
    with pytest.raises(ModelUnavailable) as caught:
        said.extend(Reply("qwen3:8b", messages(), fake.url))
    assert "".join(said) == "One two "
    assert "lost in the middle" in caught.value.what
    assert caught.value.hint


def test_model_missing(fake: FakeOllama) -> None:
    with pytest.raises(ModelUnavailable, match="not installed") as caught:
        list(Reply("llama9:1b", messages(), fake.url))
    assert caught.value.hint == "Get it with: ollama pull llama9:1b"


@pytest.mark.parametrize("status", [500, 200])
def test_out_of_memory(fake: FakeOllama, status: int) -> None:
    """Ollama says so before the stream or in it; both mean the same."""
    fake.error = (status, "model requires more system memory (22.4 GiB) than is available (9.1 GiB)")
    with pytest.raises(ModelUnavailable, match="does not fit into memory") as caught:
        list(Reply("qwen3:8b", messages(), fake.url))
    assert "smaller" in caught.value.hint


def test_other_errors(fake: FakeOllama) -> None:
    fake.error = (500, "llama runner process has terminated: exit status 2")
    with pytest.raises(ModelUnavailable, match="could not run"):
        list(Reply("qwen3:8b", messages(), fake.url))


def test_silent_for_too_long(fake: FakeOllama) -> None:
    fake.hold_after = 0
    with pytest.raises(ModelUnavailable, match="silent for too long"):
        list(Reply("qwen3:8b", messages(), fake.url, timeout=0.05))
    fake.go()


def test_nothing_listens() -> None:
    with FakeOllama() as gone:
        url = gone.url
    with pytest.raises(ModelUnavailable, match="cannot be reached") as caught:
        list(Reply("qwen3:8b", messages(), url))
    assert "ollama" in caught.value.hint
