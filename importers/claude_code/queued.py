"""Prompts typed while the agent works (FORMATS 1.3, ``queue-operation``).

Such a prompt comes again as a ``user`` record or as a ``queued_command`` attachment; before 2.1.97 it could be
lost and then stands in the queue's records only. It is taken for lost when ``PATIENCE`` more messages went by
after it left the queue.
"""

from __future__ import annotations

import hashlib
from typing import Any

from importers.claude_code.authors import INTERRUPTED, MACHINE_STARTS, own_words
from importers.claude_code.state import State
from importers.contract import Span
from importers.readers import as_text

PATIENCE = 16
"""Messages after which a prompt that left the queue is no longer expected (seen: 9 at most)."""
MAX_WAITING = 12
_WAITING = -1
_TOLD_APART = 200_000
"""Characters by which prompts are told apart: a pasted file of 60 MB must not become a list of its words."""


def note_operation(state: State, record: dict[str, Any], span: Span) -> None:
    """Keeps the books of one ``queue-operation``. An entry is [digest, offset, length, line, messages left]."""
    operation, content = record.get("operation"), as_text(record.get("content"))
    if operation == "enqueue":
        own = own_words(content)
        if own and not own.startswith((*MACHINE_STARTS, INTERRUPTED, "/")):
            state.queue.append([_digest(own), span.offset, span.length, span.line, _WAITING])
            for entry in state.queue[:-MAX_WAITING]:
                entry[4] = 0
        return
    if operation == "popAll":
        state.queue[:] = [entry for entry in state.queue if entry[4] != _WAITING]
        return
    if operation in ("dequeue", "remove"):
        wanted = _digest(own_words(content)) if content else ""
        for entry in state.queue:
            if entry[4] == _WAITING and wanted in ("", entry[0]):
                entry[4] = PATIENCE
                return


def met(state: State, text: str) -> None:
    """This prompt came as a message of its own: it was not lost."""
    if not state.queue:
        return
    digest = _digest(text)
    for index, entry in enumerate(state.queue):
        if entry[0] == digest:
            del state.queue[index]
            return


def lost(state: State) -> list[Span]:
    """Counts one more message; where the prompts stand that are given up on now."""
    given_up = []
    for entry in state.queue:
        if entry[4] > 0:
            entry[4] -= 1
        if entry[4] == 0:
            given_up.append(Span(entry[3], entry[1], entry[2]))
    if given_up:
        state.queue[:] = [entry for entry in state.queue if entry[4] != 0]
    return given_up


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text[:_TOLD_APART].split()).encode("utf-8", "replace")).hexdigest()[:12]
