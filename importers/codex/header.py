"""The facts of a session from its first header, and what follows from them (FORMATS 2.3, 2.6)."""

from __future__ import annotations

from typing import Any

from importers.codex.content import short
from importers.contract import Author, Session
from importers.readers import as_dict, iso_time

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
    originator = short(payload.get("originator"))
    kind = "sub-agent" if spawn else ""
    is_program = short(source) in _PROGRAM_SOURCES or originator in _PROGRAM_ORIGINATORS
    if is_program or (subagent is not None and not spawn):
        kind = "program"
    parent = short(spawn.get("parent_thread_id"))
    if not parent and subagent is not None:
        parent = short(payload.get("parent_thread_id"))
    found = {
        "kind": kind,
        "parent": parent,
        "forked-from": short(payload.get("forked_from_id")),
        "history-base": short(as_dict(payload.get("history_base")).get("thread_id")),
        "started": short(payload.get("timestamp")),
        "project": short(payload.get("cwd"), 1000),
        "branch": short(as_dict(payload.get("git")).get("branch")),
        "version": short(payload.get("cli_version")),
        "originator": originator,
        "source": short(source) or short(subagent) or short(as_dict(subagent).get("other")),
        "agent": short(payload.get("agent_nickname")) or short(spawn.get("agent_nickname")),
        "role": short(payload.get("agent_role")) or short(spawn.get("agent_role")),
        "path": short(spawn.get("agent_path")),
        "history-mode": short(payload.get("history_mode")),
    }
    for name in ("parent", "forked-from", "history-base"):
        if found[name] == thread:
            found[name] = ""
    return {name: value for name, value in found.items() if value}


def session(thread: str, meta: dict[str, str], model: str) -> Session:
    """The session row as far as the header and the first turns tell."""
    return Session(
        thread,
        "codex",
        title=meta.get("title", ""),
        title_rank=int(meta.get("title-rank") or "0"),
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
