"""Real records with any field replaced by anything: no exception, and stages still add up."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from importers.check import merge_records
from importers.claude_code import ClaudeCode
from importers.contract import FileSource
from importers.readers import json_lines
from tests.importers.claude_script import uuid
from tests.importers.reading import fixtures, in_stages

CLAUDE = ClaudeCode()
RECORDS = [
    o for p in fixtures("claude-code") for row in json_lines(FileSource(p), None) for o, _ in row.objects
]
ODD: list[Any] = [
    None, True, 0, -1, 3.5, 10**25, "", "x", "\ud83d\0", [], {}, ["a", None, {}], {"type": "text"},
    {"type": ["x"]}, [[]], "<persisted-output>", "<command-name>", "sdk", "user", "assistant", "tool_result",
    "tool_use", "text", {"kind": 5}, "2026-03-02T09:00:00Z", "agent-\u202e", "../../x", float("nan"),
]  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a record."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, each in inner for path in paths(each, (*at, key)))]


def replaced(record: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(record)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


PLACES = [(number, path) for number, record in enumerate(RECORDS) for path in paths(record) if path]
RECORD = st.builds(
    lambda place, value: replaced(RECORDS[place[0]], place[1], value),
    st.sampled_from(PLACES),
    st.sampled_from(ODD),
) | st.sampled_from(RECORDS)
END = st.sampled_from(["\n", "\n", "", "\r\n", "x\n"])
NAME = st.sampled_from([uuid(1), "agent-1", "chat"])


@settings(max_examples=150)
@given(st.data(), NAME, st.lists(st.tuples(RECORD, END), max_size=12))
def test_any_field_may_hold_anything(
    tmp_path: Path, data: st.DataObject, name: str, lines: list[tuple[dict[str, Any], str]]
) -> None:
    path = tmp_path / f"{name}.jsonl"
    path.write_bytes("".join(json.dumps(record) + end for record, end in lines).encode())
    size = path.stat().st_size
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=3)))
    once = merge_records(CLAUDE.read(FileSource(path)))
    staged = merge_records(in_stages(CLAUDE, path, [*cuts, size]))
    CLAUDE.sniff(path)
    del once["problems"], staged["problems"]  # a broken line read in two pieces is told in other words
    assert staged == once
