"""One streamed reply of a local model, through LlamaIndex over Ollama, that can be stopped at any moment."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tapedeck_tui.chat.models import Details, details, how_to_start, is_local, resolve_url
from tapedeck_tui.errors import ModelUnavailable

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.ollama import Ollama

HEARTBEAT = 0.1
"""Seconds after which an iteration returns even when the model has said nothing yet, so it can be closed."""
TEMPERATURE = 0.1


@dataclass(frozen=True, slots=True)
class Spent:
    """What a finished reply took. ``prompt``/``answer``: tokens as the model counted them, 0 unknown;
    ``reason``: why it ended ("stop", "length")."""

    prompt: int = 0
    answer: int = 0
    reason: str = ""


class Reply:
    """The text of a reply, piece by piece, as the model writes it.

    The model is read in a thread of its own; iterating yields "" every HEARTBEAT seconds while it is
    silent (loading, reading the prompt). ``close`` cuts the connection at once, which makes Ollama stop.

    Args:
        model: its name at Ollama.
        messages: LlamaIndex chat messages.
        url: of Ollama, see ``resolve_url``.
        num_ctx: tokens of context; always sent, since Ollama silently drops what a smaller default cannot hold.
        answer_tokens: most tokens of the reply.
        timeout: seconds without a byte until the model is given up.
        thinking: None = say nothing about it; False = ask the model not to think.

    Raises (from iterating):
        ModelUnavailable: it cannot be reached, is not installed, does not fit, or broke off.
    """

    def __init__(
        self,
        model: str,
        messages: Sequence[ChatMessage],
        url: str = "",
        num_ctx: int = 8192,
        answer_tokens: int = 1024,
        timeout: float = 300.0,
        thinking: bool | None = False,
    ) -> None:
        self.model = model
        self.url = resolve_url(url)
        self.spent = Spent()
        self._messages = messages
        self._options = (num_ctx, answer_tokens, timeout, thinking)
        self._said: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
        self._sockets: list[socket.socket] = []
        self._closed = threading.Event()
        self._client: Any = None

    def __iter__(self) -> Iterator[str]:
        reader = threading.Thread(target=self._read, name="tapedeck-model", daemon=True)
        reader.start()
        try:
            while True:
                try:
                    piece = self._said.get(timeout=HEARTBEAT)
                except queue.Empty:
                    yield ""
                    continue
                if piece is None:
                    return
                if isinstance(piece, BaseException):
                    raise explain(piece, self.model, self.url) from piece
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """Stop the model. The socket is shut down first: closing alone does not wake a thread that reads."""
        self._closed.set()
        for one in self._sockets:
            with contextlib.suppress(OSError):  # it is gone already
                one.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        try:
            with self._connect() as client:
                done = False
                for response in self._llm(client).stream_chat(self._messages):
                    if self._closed.is_set():
                        return
                    raw = response.raw if isinstance(response.raw, dict) else {}
                    if raw.get("done"):
                        done = True
                        self.spent = Spent(
                            int(raw.get("prompt_eval_count") or 0),
                            int(raw.get("eval_count") or 0),
                            str(raw.get("done_reason") or ""),
                        )
                    if response.delta:
                        self._said.put(response.delta)
                self._said.put(
                    None if done else ConnectionResetError("the stream ended before the answer did")
                )
        except BaseException as exc:  # noqa: BLE001 - handed over to the thread that iterates, which raises it
            self._said.put(exc)

    def _connect(self) -> Any:
        """An Ollama client that remembers its sockets."""
        import httpx
        from ollama import Client

        def remember(event: str, info: dict[str, Any]) -> None:
            if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
                found = info["return_value"].get_extra_info("socket")
                if found is not None:
                    self._sockets.append(found)
                    if self._closed.is_set():
                        self.close()

        def traced(request: Any) -> None:
            request.extensions["trace"] = remember

        return Client(
            host=self.url,
            timeout=httpx.Timeout(self._options[2], connect=3.0),
            trust_env=not is_local(self.url),
            event_hooks={"request": [traced]},
        )

    def _llm(self, client: Any) -> Ollama:
        from llama_index.llms.ollama import Ollama  # seconds: only when a model is asked

        num_ctx, answer_tokens, timeout, thinking = self._options
        return Ollama(
            model=self.model,
            base_url=self.url,
            client=client,
            context_window=num_ctx,
            request_timeout=timeout,
            temperature=TEMPERATURE,
            thinking=thinking,
            additional_kwargs={"num_predict": answer_tokens},
        )


def look_up(model: str, url: str = "") -> Details:
    """What a model can do. Raises ModelUnavailable when it cannot be asked."""
    import httpx
    from ollama import ResponseError

    try:
        return details(url, model)
    except (ConnectionError, httpx.HTTPError, httpx.InvalidURL, ResponseError, ValueError, OSError) as exc:
        raise explain(exc, model, resolve_url(url)) from exc


def explain(exc: BaseException, model: str, url: str) -> ModelUnavailable:
    """What went wrong while asking a model, and what to do about it."""
    if isinstance(exc, ModelUnavailable):
        return exc
    import httpx
    from ollama import ResponseError

    said = str(exc)
    if isinstance(exc, ResponseError):
        said = exc.error
        if exc.status_code == 404 or "not found" in said:
            return ModelUnavailable(
                f"The model {model} is not installed.", f"Get it with: ollama pull {model}"
            )
        if "memory" in said:
            what = f"The model {model} does not fit into memory: {_short(said)}."
            return ModelUnavailable(what, "Choose a smaller model, or a smaller context in the settings.")
        what = f"Ollama could not run {model}: {_short(said)}."
        return ModelUnavailable(what, "Try again, or choose another model.")
    if isinstance(exc, httpx.TimeoutException) and not isinstance(exc, httpx.ConnectTimeout):
        what = f"{model} was silent for too long."
        return ModelUnavailable(what, "Choose a smaller model, or ask again: it may be loaded by now.")
    if isinstance(exc, (httpx.RemoteProtocolError, httpx.ReadError, ConnectionResetError)):
        what = f"The connection to {model} was lost in the middle of the answer."
        return ModelUnavailable(what, "What it had said is kept. Ask again when Ollama runs: ollama serve")
    if isinstance(exc, (ConnectionError, httpx.HTTPError, OSError)):
        return ModelUnavailable(f"Ollama cannot be reached at {url}.", how_to_start(url))
    if isinstance(exc, ValueError):
        return ModelUnavailable(
            f"Ollama at {url} sent something unreadable: {_short(said)}.", "Update Ollama."
        )
    return ModelUnavailable(f"Asking {model} failed: {_short(said) or type(exc).__name__}.", "Try again.")


def _short(text: str) -> str:
    from tapedeck_tui.text import one_line

    return one_line(text, 160).rstrip(".")
