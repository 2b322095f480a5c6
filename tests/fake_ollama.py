"""An Ollama for tests: a small server on loopback that speaks its real API and answers from a script.

Nothing here sleeps: a stream that must be slow waits for ``go``, and what it noticed is an event to wait for.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

WAIT = 20.0
"""Seconds after which a test that waits for an event has failed."""

Script = Sequence[str] | Callable[[list[dict[str, str]]], Sequence[str]]


def tag(name: str, size: int = 5_000_000_000, family: str = "qwen3") -> dict[str, Any]:
    """One entry of /api/tags."""
    details = {
        "parent_model": "", "format": "gguf", "family": family, "families": [family],
        "parameter_size": "8.2B", "quantization_level": "Q4_K_M",
    }  # fmt: skip
    return {
        "name": name, "model": name, "modified_at": "2026-10-01T10:00:00.000000000Z", "size": size,
        "digest": "0" * 64, "details": details,
    }  # fmt: skip


class FakeOllama:
    """A server with scripted answers.

    Args:
        script: the pieces of every reply, or a function from the messages to the pieces.
        models: entries of /api/tags.

    Attributes:
        calls: how often each path was asked.
        chats: the bodies of /api/chat.
        hold_after: pieces after which a stream waits for ``go`` (None: never).
        break_after: pieces after which the connection is cut (None: never).
        end_after: pieces after which the stream ends politely but without ``done``.
        error: (status, message) instead of a reply; status 200 puts the message into the stream.
        holding: set while a stream waits.
        hung_up: set when the client went away while a stream waited.
        finished: set when a stream was sent to its end.
    """

    def __init__(self, script: Script = ("Hello.",), models: Sequence[dict[str, Any]] | None = None) -> None:
        self.script = script
        self.models = list(models) if models is not None else [tag("qwen3:8b")]
        self.context_length = 40960
        self.capabilities = ["completion", "tools", "thinking"]
        self.prompt_eval_count: int | None = None
        self.done_reason = "stop"
        self.calls: Counter[str] = Counter()
        self.chats: list[dict[str, Any]] = []
        self.hold_after: int | None = None
        self.break_after: int | None = None
        self.end_after: int | None = None
        self.error: tuple[int, str] | None = None
        self.holding = threading.Event()
        self.hung_up = threading.Event()
        self.finished = threading.Event()
        self._wake, self._waker = socket.socketpair()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def go(self) -> None:
        """Let a waiting stream go on."""
        self._waker.send(b"x")

    def __enter__(self) -> FakeOllama:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._wake.close()
        self._waker.close()

    def _wait(self, client: socket.socket) -> bool:
        """Wait for ``go``; False when the client hung up first."""
        self.holding.set()
        ready, _, _ = select.select([self._wake, client], [], [], WAIT)
        if self._wake in ready:
            self._wake.recv(1)
            return True
        self.hung_up.set()
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeOllama) -> None:
        self.fake = fake
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        fake = self.server.fake
        fake.calls[self.path] += 1
        if self.path == "/api/version":
            self._json({"version": "0.13.0"})
        elif self.path == "/api/tags":
            self._json({"models": fake.models})
        elif self.path == "/api/ps":
            self._json({"models": []})
        else:
            self._json({"error": "not found"}, 404)

    def do_POST(self) -> None:
        fake = self.server.fake
        fake.calls[self.path] += 1
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
        name = body.get("model", "")
        if not any(m["model"] == name for m in fake.models):
            self._json({"error": f"model '{name}' not found"}, 404)
        elif self.path == "/api/show":
            info = {"general.architecture": "qwen3", "qwen3.context_length": fake.context_length}
            self._json(
                {"details": fake.models[0]["details"], "model_info": info, "capabilities": fake.capabilities}
            )
        elif self.path == "/api/chat":
            fake.chats.append(body)
            self._chat(body)
        else:
            self._json({"error": "not found"}, 404)

    def _chat(self, body: dict[str, Any]) -> None:
        fake = self.server.fake
        if fake.error is not None and fake.error[0] != 200:
            self._json({"error": fake.error[1]}, fake.error[0])
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if fake.error is not None:
            self._line({"error": fake.error[1]})
            self._end()
            return
        pieces = fake.script(body["messages"]) if callable(fake.script) else fake.script
        for n, piece in enumerate([*pieces, None]):
            if fake.hold_after == n and not fake._wait(self.connection):
                self.close_connection = True
                return
            if fake.break_after == n:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if fake.end_after == n:
                break
            if piece is not None:
                self._line(
                    {
                        "model": body["model"],
                        "message": {"role": "assistant", "content": piece},
                        "done": False,
                    }
                )
        else:
            words = sum(len(m["content"].split()) for m in body["messages"])
            self._line(
                {
                    "model": body["model"],
                    "message": {"role": "assistant", "content": ""},
                    "done": True,
                    "done_reason": fake.done_reason,
                    "prompt_eval_count": words if fake.prompt_eval_count is None else fake.prompt_eval_count,
                    "eval_count": len(pieces),
                }
            )
        self._end()
        fake.finished.set()

    def _line(self, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode() + b"\n"
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _json(self, value: dict[str, Any], status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
