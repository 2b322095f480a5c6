"""Telling a Claude Code file from the other JSON-lines logs that look like it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson

_HEAD = 64 * 1024
"""Bytes read to decide."""
_NOT_SESSIONS = frozenset({"history.jsonl", "journal.jsonl"})
_CHAIN = frozenset({"user", "assistant", "system", "attachment", "progress"})
_META_KINDS = """
    ai-title custom-title agent-name agent-color agent-setting last-prompt tag mode permission-mode pr-link
    bridge-session frame-link relocated worktree-state content-replacement queue-operation
"""
_META = frozenset(_META_KINDS.split())
_CUT_RECORD = re.compile(
    rb'^\s*\{.{0,2000}"(?:isSidechain|userType)":.{0,2000}"(?:sessionId|message)":', re.DOTALL
)


def is_claude_code(path: Path) -> bool:
    """Whether the first records are Claude Code's. Reads 64 KB; False for what cannot be read."""
    if path.name in _NOT_SESSIONS:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    lines = head.split(b"\n")
    whole = lines if len(head) < _HEAD else lines[:-1]
    verdicts = [verdict for line in whole[:64] if (verdict := _judge(line)) is not None]
    if verdicts:
        return any(verdicts)
    return _CUT_RECORD.match(lines[0].removeprefix(b"\xef\xbb\xbf")) is not None


def _judge(line: bytes) -> bool | None:
    """True: surely ours; False: surely not; None: cannot say."""
    try:
        record = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    kind = record.get("type")
    if not isinstance(kind, str):
        return False
    if kind in _CHAIN:
        return _is_chain_record(kind, record)
    if kind in _META:
        return isinstance(record.get("sessionId"), str)
    if kind == "summary":
        return "leafUuid" in record
    if kind in ("file-history-snapshot", "file-history-delta"):
        return "messageId" in record
    return None


def _is_chain_record(kind: str, record: dict[str, Any]) -> bool:
    if not ("sessionId" in record or "uuid" in record):
        return False
    if kind in ("user", "assistant"):
        message = record.get("message")
        return isinstance(message, dict) and "content" in message
    return "isSidechain" in record or "userType" in record
