"""Writes invented rollouts in Codex's real shape, a record at a time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from importers.codex import Codex
from importers.contract import Cursor, FileSource, Link, Problem, Record, Session, Turn, Usage

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PROJECT = "/home/mira/kettle"


def v7(seconds: float, number: int = 1) -> str:
    """A UUIDv7 made so many seconds after START."""
    millis = int((START + timedelta(seconds=seconds)).timestamp() * 1000)
    head = f"{millis:012x}"
    return f"{head[:8]}-{head[8:]}-7{number:03x}-8abc-{number:012x}"


def v4(number: int) -> str:
    """A random-looking UUIDv4, which says nothing of time."""
    return f"{0xD1CE0000 + number:08x}-5a1e-4c0f-9bad-{number:012x}"


def iso(seconds: float) -> str:
    at = START + timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Rollout:
    """One rollout file. Every record follows the one before it by a second, unless told otherwise.

    thread  the thread's id
    at      seconds after START of the first record
    now     seconds after START of the next record
    """

    def __init__(self, thread: str = "", at: float = 0.0, **meta: Any) -> None:
        self.thread = thread or v7(at)
        self.started = self.now = at
        self.lines: list[bytes] = []
        self.calls = 0
        self.total = dict.fromkeys(
            ("input_tokens", "cached_input_tokens", "output_tokens", "total_tokens"), 0
        )
        self.header(**meta)

    def header(self, **meta: Any) -> Rollout:
        payload = {
            "id": self.thread,
            "timestamp": iso(self.now),
            "cwd": PROJECT,
            "originator": "codex-tui",
            "cli_version": "0.121.0",
            "source": "cli",
            "model_provider": "openai",
            "base_instructions": {"text": "You are Codex, a coding agent."},
            "git": {"branch": "main", "commit_hash": "a1" * 20},
        }
        return self.line("session_meta", {**payload, **meta})

    def line(self, kind: str, payload: dict[str, Any], **envelope: Any) -> Rollout:
        record = {"timestamp": iso(self.now), **envelope, "type": kind, "payload": payload}
        return self.raw(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def raw(self, line: bytes) -> Rollout:
        self.lines.append(line)
        self.now += 1
        return self

    def event(self, kind: str, /, **fields: Any) -> Rollout:
        return self.line("event_msg", {"type": kind, **fields})

    def item(self, kind: str, /, **fields: Any) -> Rollout:
        return self.line("response_item", {"type": kind, **fields})

    def turn(self, turn: str, model: str = "gpt-5.4") -> Rollout:
        self.event("task_started", turn_id=turn, model_context_window=258_400)
        return self.line(
            "turn_context", {"turn_id": turn, "cwd": PROJECT, "model": model, "effort": "medium"}
        )

    def user(self, *texts: str, event: bool = True) -> Rollout:
        """A prompt; with its event, as everywhere but in runs without a screen."""
        self.item("message", role="user", content=[{"type": "input_text", "text": text} for text in texts])
        if event:
            self.event("user_message", message="\n".join(texts), images=[], local_images=[], text_elements=[])
        return self

    def environment(self) -> Rollout:
        text = f"<environment_context>\n  <cwd>{PROJECT}</cwd>\n  <shell>zsh</shell>\n</environment_context>"
        return self.user(text, event=False)

    def say(self, text: str) -> Rollout:
        """An answer, as the event and then as the item."""
        self.event("agent_message", message=text, phase="commentary", memory_citation=None)
        return self.item("message", role="assistant", content=[{"type": "output_text", "text": text}])

    def think(self, text: str) -> Rollout:
        self.event("agent_reasoning", text=text)
        summary = [{"type": "summary_text", "text": text}]
        return self.item("reasoning", summary=summary, content=None, encrypted_content="gAAAA")

    def call(self, name: str, **arguments: Any) -> Rollout:
        self.calls += 1
        ident = f"call_{self.calls:03}"
        return self.item("function_call", name=name, arguments=json.dumps(arguments), call_id=ident)

    def output(self, output: Any, call: int = 0) -> Rollout:
        return self.item("function_call_output", call_id=f"call_{call or self.calls:03}", output=output)

    def ran(self, text: str, code: int = 0) -> Rollout:
        """The output of a command, as ``exec_command`` reports it."""
        head = f"Chunk ID: 5d2c1f\nWall time: 0.0512 seconds\nProcess exited with code {code}\n"
        return self.output(f"{head}Original token count: 12\nOutput:\n{text}")

    def tokens(self, fresh: int, cached: int, out: int, again: bool = False) -> Rollout:
        """The running totals after so many more; ``again`` writes them twice, as Codex does."""
        if not again:
            self.total["input_tokens"] += fresh + cached
            self.total["cached_input_tokens"] += cached
            self.total["output_tokens"] += out
            self.total["total_tokens"] += fresh + cached + out
        last = {"input_tokens": fresh + cached, "cached_input_tokens": cached, "output_tokens": out}
        info = {
            "total_token_usage": dict(self.total),
            "last_token_usage": last,
            "model_context_window": 258_400,
        }
        return self.event("token_count", info=info, rate_limits=None)

    def done(self, turn: str) -> Rollout:
        return self.event("task_complete", turn_id=turn, last_agent_message="")

    def replay(self, parent: Rollout) -> Rollout:
        """A legacy fork: the parent's records again, all with the time of the fork."""
        for line in parent.lines:
            record = json.loads(line)
            record["timestamp"] = iso(self.now)
            self.lines.append(json.dumps(record, ensure_ascii=False).encode())
        self.total = dict(parent.total)
        return self

    def bytes(self) -> bytes:
        return b"".join(line + b"\n" for line in self.lines)

    def save(self, folder: Path, name: str = "") -> Path:
        name = name or f"rollout-{iso(self.started)[:19].replace(':', '-')}-{self.thread}.jsonl"
        path = folder / name
        path.write_bytes(self.bytes())
        return path

    def read(self, folder: Path) -> Read:
        return read(self.save(folder))


class Read:
    """What came out of a file, by kind."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.sessions = [one for one in records if isinstance(one, Session)]
        self.turns = [one for one in records if isinstance(one, Turn)]
        self.usage = [one for one in records if isinstance(one, Usage)]
        self.links = [one for one in records if isinstance(one, Link)]
        self.problems = [one for one in records if isinstance(one, Problem)]
        self.cursor = next(one for one in reversed(records) if isinstance(one, Cursor))

    @property
    def said(self) -> list[tuple[str, str]]:
        """(author, texts) of every turn."""
        return [(turn.author, " / ".join(part.text for part in turn.parts)) for turn in self.turns]

    def texts(self, author: str) -> list[str]:
        return [text for who, text in self.said if who == author]


def read(path: Path, cursor: Cursor | None = None, limit: int | None = None) -> Read:
    return Read(list(Codex().read(FileSource(path, limit), cursor)))
