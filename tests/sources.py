"""Small invented source files in their real shape, for tests that need a library and not an importer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

START = 1_760_000_000.0
"""Unix seconds of the first record."""


def _iso(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class ClaudeFile:
    """Writes a Claude Code session file line by line."""

    def __init__(
        self, folder: Path, session: str, cwd: str = "/home/user/src/bluedoor", start: float = START
    ) -> None:
        self.path = folder / f"{session}.jsonl"
        self.session = session
        self.tag = session[:8]
        self.cwd = cwd
        self.lines: list[str] = []
        self._at = start
        self._n = 0

    def _record(self, kind: str, message: dict[str, object], **more: object) -> str:
        self._n += 1
        self._at += 10
        uuid = f"{self.tag}-0000-4000-8000-{self._n:012d}"
        self.lines.append(
            json.dumps(
                {
                    "type": kind, "uuid": uuid, "parentUuid": None, "timestamp": _iso(self._at),
                    "sessionId": self.session, "cwd": self.cwd, "gitBranch": "main", "version": "2.1.100",
                    "userType": "external", "isSidechain": False, "message": message, **more,
                }
            )
        )  # fmt: skip
        return uuid

    def user(self, text: str, **more: object) -> str:
        return self._record("user", {"role": "user", "content": text}, **more)

    def assistant(self, text: str, message: str = "", **more: object) -> str:
        content = [{"type": "text", "text": text}]
        return self._assistant(content, message, **more)

    def call(self, tool: str, arguments: dict[str, object], call: str, message: str = "") -> str:
        return self._assistant([{"type": "tool_use", "id": call, "name": tool, "input": arguments}], message)

    def _assistant(self, content: list[dict[str, object]], message: str, **more: object) -> str:
        ident = message or f"msg_{self.tag}_{self._n}"
        body = {
            "id": ident, "role": "assistant", "model": "claude-sonnet-4-5", "content": content,
            "usage": {"input_tokens": 10, "output_tokens": 5},
        }  # fmt: skip
        return self._record("assistant", body, requestId="req_" + ident, **more)

    def result(self, call: str, text: str, error: bool = False) -> str:
        block = {"type": "tool_result", "tool_use_id": call, "content": text, "is_error": error}
        return self._record("user", {"role": "user", "content": [block]}, toolUseResult={"stdout": text})

    def write(self, upto: int | None = None, tail: str = "") -> Path:
        """Write the first ``upto`` lines (all by default), then ``tail`` as it is."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines: Sequence[str] = self.lines if upto is None else self.lines[:upto]
        self.path.write_text("".join(line + "\n" for line in lines) + tail, encoding="utf-8")
        return self.path


def door_session(folder: Path, session: str = "11111111-aaaa-4bbb-8ccc-000000000001") -> ClaudeFile:
    """A short session with a prompt, a failing and a passing test run, and an answer."""
    file = ClaudeFile(folder, session)
    file.user("the door throws me back unless I wait, can you fix the cooldown?")
    file.assistant("I will look at how the doors keep their cooldown.", "msg_a")
    file.call("Bash", {"command": "pytest tests/test_doors.py"}, "call_1", "msg_a")
    file.result("call_1", "E   KeyError: 'door_cooldown'\n1 failed", error=True)
    file.assistant(
        "The door cooldown is fixed: the trigger fired again on the tick after the teleport, so I set it to "
        "45 ticks on arrival and clear it when the player leaves the trigger area.",
        "msg_b",
    )
    file.call("Bash", {"command": "pytest tests/test_doors.py"}, "call_2", "msg_b")
    file.result("call_2", "12 passed")
    file.user("thanks, that works")
    return file


def elevator_session(folder: Path, session: str = "22222222-aaaa-4bbb-8ccc-000000000002") -> ClaudeFile:
    """Another session about something near, later."""
    file = ClaudeFile(folder, session, cwd="/home/user/src/lift", start=START + 86_400)
    file.user("why does the elevator stop between floors")
    file.assistant(
        "The elevator rounds its position down every frame; keeping the fraction solves it.", "msg_c"
    )
    return file
