"""Records around the messages: titles, pull requests, edited files, summaries, notices (FORMATS 1.3)."""

from __future__ import annotations

from typing import Any

from importers.claude_code import queued
from importers.claude_code.authors import own_words
from importers.claude_code.keys import short, turn_key
from importers.claude_code.reading import Reading
from importers.contract import Part, Span
from importers.readers import as_dict, as_text, one_line

CUSTOM, MADE, LAST_PROMPT, SUMMARY = 50, 40, 30, 20
"""Title ranks, see ``contract.Session``."""
_HOOK_NOTICE = "\x1b[1m"
"""How versions before 2.0 began a line about a running hook."""
_TITLES = {
    "custom-title": ("customTitle", CUSTOM),
    "ai-title": ("aiTitle", MADE),
    "agent-name": ("agentName", MADE),
}


def nothing(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """A kind that is known and holds nothing of the conversation."""


def titled(reading: Reading, record: dict[str, Any], span: Span) -> None:
    field, rank = _TITLES[record["type"]]
    reading.title(as_text(record.get(field)), rank)


def last_prompt(reading: Reading, record: dict[str, Any], span: Span) -> None:
    reading.title(own_words(as_text(record.get("lastPrompt"))), LAST_PROMPT)


def tag(reading: Reading, record: dict[str, Any], span: Span) -> None:
    reading.fact("tag", one_line(as_text(record.get("tag")), 60))


def pull_request(reading: Reading, record: dict[str, Any], span: Span) -> None:
    if url := as_text(record.get("prUrl")):
        number, where = record.get("prNumber"), as_text(record.get("prRepository"))
        reading.link("pull-request", url, f"{where}#{number}" if isinstance(number, int) else where)


def file_history(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """The files edited since the session began; every snapshot names all of them again."""
    tracked = as_dict(as_dict(record.get("snapshot")).get("trackedFileBackups"))
    for path in (*tracked, as_text(record.get("trackingPath"))):
        if path:
            reading.link("file", path)


def summary(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """A summary names the session that holds its leaf, usually another one than this."""
    leaf = short(record.get("leafUuid"))
    if leaf in reading.state.uuids:
        reading.title(as_text(record.get("summary")), SUMMARY)
    elif leaf:
        reading.state.summaries.put(leaf, [span.offset, span.length])


def seen(reading: Reading, record: dict[str, Any]) -> None:
    """Remembers the last uuids and gives a waiting summary to this session when its leaf is here."""
    uuid = short(record.get("uuid"))
    if not uuid:
        return
    state = reading.state
    state.uuids.put(uuid, 1)
    if uuid in state.summaries:
        offset, length = state.summaries.pop(uuid)
        reading.title(as_text(reading.again(Span(0, offset, length)).get("summary")), SUMMARY)


def queue_operation(reading: Reading, record: dict[str, Any], span: Span) -> None:
    queued.note_operation(reading.state, record, span)


def system(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """Compaction boundaries, recaps, and the plain notices of versions before 2.0."""
    subtype, content = record.get("subtype"), as_text(record.get("content"))
    if (
        not content
        or subtype not in (None, "compact_boundary", "away_summary")
        or _HOOK_NOTICE in content[:12]
    ):
        return
    reading.identify(record)
    part = Part("text" if subtype == "away_summary" else "marker", content, span=span)
    reading.turn(record, turn_key(reading.state, record), "machine", [part], span)
