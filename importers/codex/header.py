"""The facts of a session from its first header, and what follows from them (FORMATS 2.3, 2.6)."""

from __future__ import annotations

from typing import Any

from importers.contract import Author, Session
from importers.readers import as_dict, as_text, compact_json, iso_time

_PROGRAM_SOURCES = {"exec", "mcp"}
_PROGRAM_ORIGINATORS = {"codex_exec", "ws-client"}
_EXTRA = ("version", "originator", "agent", "role", "source", "forked-from", "history-mode")


def facts(payload: dict[str, Any], thread: str) -> dict[str, str]:
    """What a header says, as strings: only what is there.

    ``kind`` is "program" for runs no human sat in front of (exec, reviews, guardians, connection
    tests), "sub-agent" for sessions another agent spawned, else "".
    """
    source = payload.get("source")
    subagent = as_dict(source).get("subagent")
    spawn = as_dict(as_dict(subagent).get("thread_spawn"))
    base = as_text(as_dict(payload.get("history_base")).get("thread_id"))
    forked = as_text(payload.get("forked_from_id"))
    originator = as_text(payload.get("originator"))
    kind = ""
    if spawn:
        kind = "sub-agent"
    if (
        as_text(source) in _PROGRAM_SOURCES
        or originator in _PROGRAM_ORIGINATORS
        or (subagent is not None and not spawn)
    ):
        kind = "program"
    git = as_dict(payload.get("git"))
    parent = as_text(spawn.get("parent_thread_id"))
    if not parent and subagent is not None:
        parent = as_text(payload.get("parent_thread_id"))
    found = {
        "kind": kind,
        "parent": parent if parent != thread else "",
        "forked-from": forked if forked != thread else "",
        "history-base": base if base != thread else "",
        "started": as_text(payload.get("timestamp")),
        "project": as_text(payload.get("cwd")),
        "branch": as_text(git.get("branch")),
        "version": as_text(payload.get("cli_version")),
        "originator": originator,
        "source": source
        if isinstance(source, str)
        else compact_json(subagent, 60)
        if isinstance(subagent, str)
        else "",
        "agent": as_text(payload.get("agent_nickname")) or as_text(spawn.get("agent_nickname")),
        "role": as_text(payload.get("agent_role")) or as_text(spawn.get("agent_role")),
        "path": as_text(spawn.get("agent_path")),
        "history-mode": as_text(payload.get("history_mode")),
    }
    return {name: value for name, value in found.items() if value}


def session(thread: str, meta: dict[str, str], model: str) -> Session:
    """The session row as far as the header and the first turns tell."""
    return Session(
        thread,
        "codex",
        project=meta.get("project", ""),
        branch=meta.get("branch", ""),
        model=model,
        parent=meta.get("parent", ""),
        headless=meta.get("kind") == "program",
        started_at=iso_time(meta.get("started")),
        extra=tuple((name, meta[name]) for name in _EXTRA if meta.get(name)),
    )


def prompt_author(meta: dict[str, str]) -> Author:
    """Who writes the prompts of such a session."""
    kind = meta.get("kind")
    return "program" if kind == "program" else "parent-model" if kind == "sub-agent" else "typed"


def name_rank(meta: dict[str, str]) -> int:
    """How good a thread's name is: the terminal names a thread only when the user does, the apps do it themselves."""
    return 50 if meta.get("originator", "").startswith(("codex-tui", "codex_cli")) else 40
