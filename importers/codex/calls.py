"""Tool calls of every age of Codex as a person would read them (FORMATS 2.3)."""

from __future__ import annotations

import re
import shlex
from typing import Any

import orjson

from importers.codex import script
from importers.codex.content import short
from importers.contract import Part, Span
from importers.readers import as_dict, as_list, as_text, compact_json

_PATCH_PATH = re.compile(r"^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+?)\s*$", re.MULTILINE)
_SHELLS = {"bash", "sh", "zsh", "/bin/bash", "/bin/sh", "/bin/zsh", "/usr/bin/bash", "/usr/bin/zsh"}
_MESSAGES = {"spawn_agent", "send_input", "send_message", "followup_task"}
_PATHS = ("path", "file_path", "filename")
_MAX_PATHS = 64


def call_part(item: dict[str, Any], span: Span) -> Part:
    """The part for an item that calls a tool (function, custom, local shell, web search, image, any ``*_call``)."""
    name = tool_name(item)
    raw = item.get("arguments", item.get("input"))
    arguments = _arguments(raw)
    if isinstance(arguments, dict):
        action = as_dict(item.get("action"))
        text = _readable(name, {**action, **arguments} if action else arguments)
        text = text or as_text(item.get("revised_prompt"))
    else:
        text = script.readable(arguments) if name.endswith("exec") else arguments
    paths = patch_paths(text)
    if not paths and isinstance(arguments, dict):
        paths = tuple(
            arguments[key] for key in _PATHS if isinstance(arguments.get(key), str) and arguments[key]
        )
    call_id = short(item.get("call_id")) or short(item.get("id"))
    return Part("tool_call", text, name, call_id, paths=paths, span=span)


def tool_name(item: dict[str, Any]) -> str:
    """The tool's name; a server's tools carry the server's name in front."""
    kind = short(item.get("type"))
    name = short(item.get("name")) or short(as_dict(item.get("function")).get("name"))
    if not name:
        name = {"local_shell_call": "shell", "web_search_call": "web_search"}.get(
            kind, kind.removesuffix("_call")
        )
    namespace = short(item.get("namespace"))
    if namespace.startswith("mcp__"):
        return namespace + name if name.startswith("_") else f"{namespace}__{name}"
    return name


def patch_paths(text: str) -> tuple[str, ...]:
    """The files a patch touches, in its order, each once."""
    if "*** " not in text:
        return ()
    return tuple(dict.fromkeys(_PATCH_PATH.findall(text)))[:_MAX_PATHS]


def _arguments(raw: object) -> dict[str, Any] | str:
    """Arguments as an object, or as the text they are when they are none (custom tools, invalid JSON)."""
    if isinstance(raw, dict):
        return raw
    if not isinstance(raw, str):
        return {} if raw is None else compact_json(raw)
    if not raw.lstrip().startswith("{"):
        return raw
    try:
        value = orjson.loads(raw)
    except ValueError:
        return raw
    return value if isinstance(value, dict) else raw


def _readable(name: str, given: dict[str, Any]) -> str:
    command = given.get("cmd", given.get("command"))
    if command:
        return shell_text(command)
    if name == "write_stdin":
        return as_text(given.get("chars")) or f"(waits for session {given.get('session_id', '?')})"
    for key in ("patch", "input"):
        if "*** Begin Patch" in as_text(given.get(key)):
            return as_text(given[key])
    source = as_text(given.get("source")) or as_text(given.get("code"))
    if source and name.endswith("exec"):
        return script.readable(source)
    if name == "update_plan":
        return _plan(given)
    if name in _MESSAGES and as_text(given.get("message")):
        return as_text(given["message"])
    query = as_text(given.get("query")) or as_text(given.get("url"))
    if query and name in {"web_search", "tool_search"}:
        return query
    return compact_json(given) if given else ""


def shell_text(command: object) -> str:
    """A command as it would be typed: the script of ``bash -lc``, else the words quoted for a shell."""
    if isinstance(command, str):
        return command
    words = [word if isinstance(word, str) else compact_json(word) for word in as_list(command)]
    if len(words) == 3 and words[0] in _SHELLS and words[1] in {"-lc", "-c"}:
        return words[2]
    if len(words) == 2 and words[0] == "apply_patch":
        return words[1]
    return shlex.join(words) if words else compact_json(command)


def _plan(given: dict[str, Any]) -> str:
    lines = [as_text(given.get("explanation"))] if as_text(given.get("explanation")) else []
    for step in map(as_dict, as_list(given.get("plan"))):
        lines.append(f"[{as_text(step.get('status')) or 'pending'}] {as_text(step.get('step'))}")
    return "\n".join(lines) if lines else compact_json(given)
