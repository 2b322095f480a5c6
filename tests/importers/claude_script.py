"""Writes invented sessions in Claude Code's real shape, a line at a time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def uuid(number: int, seed: int = 0xA) -> str:
    return f"{seed:08x}-0000-4000-8000-{number:012x}"


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def call(ident: str, tool: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": ident, "name": tool, "input": given}


class Script:
    """One session file. Every record follows the one before it, one second later, unless told otherwise.

    session  the id on the records
    seed     first part of every uuid, so that two scripts share none
    """

    def __init__(self, session: str = uuid(0, 0xF00D), seed: int = 0xA, **common: Any) -> None:
        self.session = session
        self.seed = seed
        self.count = 0
        self.last: str | None = None
        self.lines: list[dict[str, Any]] = []
        self.common = {
            "isSidechain": False,
            "userType": "external",
            "entrypoint": "cli",
            "cwd": "/home/mira/kettle",
            "sessionId": session,
            "version": "2.1.108",
            "gitBranch": "main",
            **common,
        }

    def time(self) -> str:
        at = START + timedelta(seconds=len(self.lines))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def chain(self, kind: str, **fields: Any) -> str:
        """A record of the chain; gives its uuid."""
        self.count += 1
        own = fields.pop("uuid", uuid(self.count, self.seed))
        record = {"parentUuid": self.last, **self.common, "type": kind, "timestamp": self.time(), **fields}
        self.lines.append({**record, "uuid": own})
        self.last = own
        return str(own)

    def user(self, content: Any, **fields: Any) -> str:
        return self.chain("user", message={"role": "user", "content": content}, **fields)

    def assistant(
        self, content: Any, ident: str, usage: tuple[int, int, int, int] | None = None, **fields: Any
    ) -> str:
        """A line of the message ``ident``. usage = input, output, cache read, cache written."""
        message: dict[str, Any] = {
            "id": ident,
            "type": "message",
            "role": "assistant",
            "model": fields.pop("model", "claude-sonnet-4-5-20250929"),
            "content": [text(content)] if isinstance(content, str) else content,
        }
        if usage:
            names = (
                "input_tokens",
                "output_tokens",
                "cache_read_input_tokens",
                "cache_creation_input_tokens",
            )
            message["usage"] = dict(zip(names, usage, strict=True))
        return self.chain(
            "assistant", message=message, requestId=fields.pop("requestId", f"req_{ident}"), **fields
        )

    def result(
        self, ident: str, content: Any, outcome: Any = None, *, error: bool = False, **fields: Any
    ) -> str:
        """The result of the call ``ident``."""
        block = {"type": "tool_result", "tool_use_id": ident, "content": content}
        if error:
            block["is_error"] = True
        extra = {} if outcome is None else {"toolUseResult": outcome}
        return self.user([block], **extra, **fields)

    def meta(self, kind: str, **fields: Any) -> None:
        """A record outside the chain: no uuid, no time."""
        self.lines.append({"type": kind, **fields})

    def bytes(self) -> bytes:
        return b"".join(line_bytes(line) for line in self.lines)


def line_bytes(record: Any) -> bytes:
    return (
        json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
    )
