"""What file names and neighbours tell: the session's id, a sub-agent's card, spilled outputs (FORMATS 1.1)."""

from __future__ import annotations

import glob
import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

from importers.claude_code.blocks import SPILLED
from importers.contract import Source
from importers.readers import as_dict, as_id, as_text, json_object

MAX_SPILLED = 8 * 1024 * 1024
"""Bytes of a spilled output that are read as the text of its result; the whole stays in its own file."""
_MAX_CARD = 64 * 1024
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_SAVED_TO = re.compile(r"saved to: ([^\n]{1,4096})")


def is_uuid(value: object) -> bool:
    return isinstance(value, str) and len(value) == 36 and _UUID.fullmatch(value) is not None


def id_in_name(path: Path) -> str:
    """The session's id where the file name is one: a UUID, or ``agent-…``; else ""."""
    stem = path.stem
    return stem if is_uuid(stem) or (stem.startswith("agent-") and as_id(stem)) else ""


def id_from_name(path: Path) -> str:
    """The last UUID anywhere in the name, else the name: for files whose records name no session."""
    found = _UUID.findall(path.stem)
    return found[-1] if found else as_id(path.stem) or "unnamed"


def parent_in_path(path: Path) -> str:
    """The session whose ``subagents`` folder a file is in, "" when it is in none."""
    folders = path.parts[:-1]
    at = folders.index("subagents") if "subagents" in folders else 0
    return folders[at - 1] if at and is_uuid(folders[at - 1]) else ""


def agent_card(source: Source, session: str) -> dict[str, Any]:
    """The ``.meta.json`` beside a sub-agent's file: agentType, description, toolUseId …; {} when there is none."""
    for path in source.siblings(glob.escape(f"{session}.meta.json")):
        try:
            with source.open_sibling(path) as file:
                return json_object(file.read(_MAX_CARD))
        except OSError:
            continue
    return {}


def full_output(source: Source, preview: str, result: object) -> str:
    """What a spilled output held: from its file, else the copy in ``toolUseResult``, else the preview."""
    details = as_dict(result)
    saved = as_text(details.get("persistedOutputPath"))
    if not saved and (found := _SAVED_TO.search(preview)):
        saved = found.group(1).strip()
    name = PurePosixPath(saved.replace("\\", "/")).name
    text = _spilled(source, name) if name else ""
    if text:
        return text
    copy = as_text(details.get("stdout")) or as_text(details.get("content")) or as_text(result)
    if details.get("stderr") and copy:
        copy = "\n".join(part for part in (copy, as_text(details.get("stderr"))) if part)
    return copy if len(copy) > len(preview) and not copy.startswith(SPILLED) else preview


def _spilled(source: Source, name: str) -> str:
    folders = (source.path.stem, "..")
    for folder in folders:
        for path in source.siblings(f"{glob.escape(folder)}/tool-results/{glob.escape(name)}"):
            try:
                with source.open_sibling(path) as file:
                    return _readable(file.read(MAX_SPILLED).decode("utf-8", "replace"))
            except OSError:
                continue
    return ""


def _readable(text: str) -> str:
    """A spilled file as text; ``.json`` ones hold content blocks."""
    if not text.startswith("["):
        return text
    try:
        blocks = json.loads(text)
    except (ValueError, RecursionError):
        return text
    pieces = [as_text(as_dict(block).get("text")) for block in blocks]
    return "\n".join(piece for piece in pieces if piece) or text


def sidecars(path: Path) -> list[Path]:
    """What Claude Code keeps beside a session and deletes with it: spilled outputs, the cards and journals of
    sub-agents, whatever else its folder holds; sub-agents' own transcripts are session files (FORMATS 1.1)."""
    folder = path.parent / path.stem
    found: list[Path] = []
    try:
        if folder.is_dir():
            found += [p for p in folder.rglob("*") if p.is_file() and not _is_session_file(p)]
        card = path.with_name(path.stem + ".meta.json")
        found += [card] if card.is_file() else []
    except OSError:
        pass  # what could be listed is kept; the rest is tried again at the next run
    return sorted(found)


def _is_session_file(path: Path) -> bool:
    return path.suffix == ".jsonl" and bool(id_in_name(path))
