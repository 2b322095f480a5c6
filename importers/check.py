"""Read one file with one importer and show what came out: the golden file of a fixture.

    python -m importers.check claude-code tests/fixtures/claude-code/plain.jsonl [--write]

Prints JSON; ``--write`` puts it beside the file as ``<name>.expected.json``. A golden file is worth what the
person who read it saw: read it before it is committed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson

from importers import registry
from importers.contract import Cursor, FileSource, Importer, Link, Part, Problem, Record, Session, Turn, Usage

ABANDONED = "abandoned"


def merge_records(records: Iterable[Record]) -> dict[str, Any]:
    """What the records say together, merged by the contract's rules as plain JSON: ``sessions`` by id, ``turns``
    in order of first appearance, ``usage`` by key, ``links`` once each, ``problems``, the last ``cursor``."""
    sessions: dict[str, Session] = {}
    turns: dict[tuple[str, str], Turn] = {}
    usage: dict[str, Usage] = {}
    links: dict[Link, None] = {}
    problems: list[Problem] = []
    cursor = Cursor()
    for record in records:
        if isinstance(record, Turn):
            place = (record.session, record.key)
            turns[place] = _turn(turns[place], record) if place in turns else _turn(_bare(record), record)
        elif isinstance(record, Session):
            known = sessions.get(record.id)
            sessions[record.id] = _session(known, record) if known else record
        elif isinstance(record, Usage):
            usage[record.key] = _usage(usage[record.key], record) if record.key in usage else record
        elif isinstance(record, Link):
            links[record] = None
        elif isinstance(record, Problem):
            problems.append(record)
        else:
            cursor = record
    for link in links:
        place = (link.session, link.target)
        if link.kind == ABANDONED and place in turns:
            turns[place] = replace(turns[place], flags=turns[place].flags | {ABANDONED})
    return {
        "sessions": [_plain(session) for session in sessions.values()],
        "turns": [_plain(turn) for turn in turns.values()],
        "usage": [_plain(each) for each in usage.values()],
        "links": [_plain(link) for link in links],
        "problems": [_plain(problem) for problem in problems],
        "cursor": {"offset": cursor.offset, "line": cursor.line, "pending": cursor.pending},
    }


def golden(importer: Importer, path: Path) -> bytes:
    """The merged records of a file as stable JSON; problems name the file without its folder."""
    merged = merge_records(importer.read(FileSource(path)))
    for problem in merged["problems"]:
        problem["where"] = problem["where"].replace(str(path), path.name)
    return orjson.dumps(merged, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def expected_path(path: Path) -> Path:
    """Where the golden file of a fixture stands."""
    return path.with_name(f"{path.stem}.expected.json")


def _session(known: Session, later: Session) -> Session:
    better = later.title and later.title_rank >= known.title_rank
    title, rank = (later.title, later.title_rank) if better else (known.title, known.title_rank)
    given = {name: value for name, value in _fields(later).items() if value}
    extra = tuple(sorted({**dict(known.extra), **dict(later.extra)}.items()))
    return replace(known, **{**given, "title": title, "title_rank": rank, "extra": extra})


def _bare(turn: Turn) -> Turn:
    return replace(turn, parts=())


def _turn(known: Turn, later: Turn) -> Turn:
    parts = list(known.parts)
    for part in later.parts:
        at = _known_part(parts, part)
        if at is None:
            parts.append(part)
        elif part.text.startswith(parts[at].text):
            parts[at] = replace(part, span=parts[at].span)
    return replace(
        known,
        parts=tuple(parts),
        at=known.at if known.at is not None else later.at,
        model=known.model or later.model,
        speaker=known.speaker or later.speaker,
        flags=known.flags | later.flags,
    )


def _known_part(parts: Sequence[Part], part: Part) -> int | None:
    """Which part this one is already (or is the longer form of), None when it is new."""
    for at, known in enumerate(parts):
        if known.kind != part.kind or known.call_id != part.call_id:
            continue
        grown = part.kind in ("text", "thinking") and known.text and part.text.startswith(known.text)
        if part.call_id or known.text == part.text or grown:
            return at
    return None


def _usage(known: Usage, later: Usage) -> Usage:
    return replace(
        known,
        model=known.model or later.model,
        input=max(known.input, later.input),
        output=max(known.output, later.output),
        cache_read=max(known.cache_read, later.cache_read),
        cache_write=max(known.cache_write, later.cache_write),
    )


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _plain(record: Any) -> dict[str, Any]:
    """A record as JSON: empty fields left out, a span as "line:offset+length", sets sorted."""
    plain: dict[str, Any] = _value(asdict(record))
    if "extra" in plain:
        plain["extra"] = dict(plain["extra"])
    return plain


def _value(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"line", "offset", "length"}:
        return f"{value['line']}:{value['offset']}+{value['length']}"
    if isinstance(value, dict):
        return {name: _value(each) for name, each in value.items() if each or isinstance(each, float)}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return [_value(each) for each in value] if isinstance(value, (tuple, list)) else value


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m importers.check", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("name", help="the importer, e.g. claude-code")
    parser.add_argument("path", type=Path, help="the file to read")
    parser.add_argument("--write", action="store_true", help="write <name>.expected.json beside the file")
    given = parser.parse_args(arguments)
    importer = registry.by_name(given.name)
    if importer is None:
        known = ", ".join(each.name for each in registry.importers())
        print(f"No importer is called {given.name}. There are: {known}.", file=sys.stderr)
        return 2
    try:
        merged = golden(importer, given.path)
    except OSError as exc:
        print(f"{given.path} cannot be read: {exc.strerror}. Check the path.", file=sys.stderr)
        return 1
    if given.write:
        expected_path(given.path).write_bytes(merged)
        print(f"Written: {expected_path(given.path)}. Read it before you commit it.")
    else:
        sys.stdout.buffer.write(merged)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
