"""Real rollouts and exports, where a collection of them is at hand: set TAPEDECK_CORPUS to its folder."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from importers.chatgpt import ChatGPT
from importers.contract import FileSource, Turn
from tests.importers.codex_script import read

CORPUS = os.environ.get("TAPEDECK_CORPUS", "")

pytestmark = pytest.mark.skipif(not CORPUS, reason="TAPEDECK_CORPUS names no collection of real files")

FAMILY = ("019d7d08-46c9", "019d7e3a-8c28", "019d7e3e-fae8", "019d7e40-7150")
"""How the thread ids begin of a parent and its three forked sub-agents."""


def files(folder: str, pattern: str = "*.jsonl") -> list[Path]:
    found = sorted((Path(CORPUS) / folder).rglob(pattern))
    if not found:
        pytest.skip(f"the collection has no {folder}/")
    return found


def last_totals(path: Path) -> dict[str, int]:
    """The final token totals as the file states them."""
    totals: dict[str, int] = {}
    for line in path.read_bytes().split(b"\n"):
        if b'"total_token_usage"' in line:
            try:
                payload = json.loads(line)["payload"]
            except (ValueError, KeyError):
                continue
            totals = (payload.get("info") or {}).get("total_token_usage") or totals
    return totals


def test_a_family_of_forks_shares_no_turn() -> None:
    """Case 2: the parent and its three forks. One sees every turn once, the same words never in two of the
    files, and of the forks' tokens only their own, which is less than a third."""
    family = [path for path in files("codex") if any(part in path.name for part in FAMILY)]
    if len(family) != len(FAMILY):
        pytest.skip("the collection lacks the family")
    keys: Counter[str] = Counter()
    said: dict[str, set[str]] = {}
    for path in family:
        got = read(path)
        keys.update({turn.key for turn in got.turns})
        said[path.name] = {
            t.parts[0].text for t in got.turns if t.author in ("typed", "assistant", "parent-model")
        }
        (usage,) = got.usage
        total = last_totals(path)
        forked = any(link.kind == "forked-from" for link in got.links)
        share = (usage.input + usage.cache_read) / total["input_tokens"]
        assert share == 1 if not forked else 0.2 < share < 0.35
    assert set(keys.values()) == {1}
    names = list(said)
    for number, name in enumerate(names):
        for other in names[number + 1 :]:
            assert not {text for text in said[name] & said[other] if len(text) > 60}


def test_every_total_is_the_final_one() -> None:
    """Case 15: for files that are no forks, one sees exactly the totals the file ends with."""
    for path in files("codex"):
        got = read(path)
        if not got.usage or any(link.kind == "forked-from" for link in got.links):
            continue
        usage, total = got.usage[-1], last_totals(path)
        assert (usage.input + usage.cache_read, usage.output) == (
            total["input_tokens"],
            total["output_tokens"],
        ), path.name


def test_every_byte_is_read_or_told() -> None:
    """Nothing disappears: of every real rollout the whole is consumed, with a problem where it is damaged."""
    for path in [*files("codex"), *files("codex-growth"), *files("codex-fixtures")]:
        got = read(path)
        assert got.cursor.offset + got.cursor.pending == path.stat().st_size, path.name
        glued = {problem.kind for problem in got.problems}
        assert glued <= {"unreadable-bytes", "unknown-record"}


def test_every_real_export_is_read() -> None:
    """Case 28: one sees turns in every ChatGPT export, no problem, and no citation mark in any answer."""
    for path in files("chatgpt", "*.json"):
        assert ChatGPT().sniff(path), path.name
        records = list(ChatGPT().read(FileSource(path)))
        turns = [record for record in records if isinstance(record, Turn)]
        assert turns, path.name
        assert len({turn.key for turn in turns}) == len(turns), path.name
        assert not any("\ue200" <= char <= "\ue206" for t in turns for p in t.parts for char in p.text)
