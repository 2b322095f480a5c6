"""ChatGPT data exports: ``conversations.json``, and the shards ``conversations-000.json`` … of 2026.

Seen: exports of 2023 to 2026, single conversations saved by scripts; checked 2026-11. The format is
described in FORMATS section 3. An export is always a whole, so it is read again from the start when it
changed; the same message has the same key in every export.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Any

import orjson

from importers.chatgpt import message as messages
from importers.chatgpt.split import Element, elements
from importers.chatgpt.tree import in_order
from importers.contract import (
    FLAG_ABANDONED,
    Author,
    Cursor,
    Part,
    Problem,
    Record,
    Session,
    Source,
    Span,
    Turn,
)
from importers.readers import as_dict, as_text, iso_time

_HEAD = 16 * 1024
"""Bytes that ``sniff`` reads."""
_TITLE = 200
"""Characters of a title."""
_TREE = re.compile(rb'"mapping"\s*:\s*\{')
_UUID = re.compile(r"[0-9a-z]{8}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{12}", re.IGNORECASE)
_AUTHORS: dict[str, Author] = {"user": "typed", "assistant": "assistant", "tool": "tool"}
_KEPT = "The bytes are kept on the tape."


class ChatGPT:
    """The importer of ChatGPT data exports."""

    name = "chatgpt"
    title = "ChatGPT"

    def homes(self) -> Sequence[Path]:
        """None: an export lies wherever it was saved and is given by its path."""
        return ()

    def patterns(self) -> Sequence[str]:
        return ("**/conversations.json", "**/conversations-[0-9]*.json")

    def sniff(self, path: Path) -> bool:
        """An array of conversations, or one, with a ``mapping`` near the start. Never raises."""
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD)
        except OSError:
            return False
        body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return body[:1] in (b"[", b"{") and _TREE.search(body) is not None

    def read(self, source: Source, cursor: Cursor | None = None) -> Iterator[Record]:
        """Every conversation of the export. A cursor at its end yields nothing; any other starts anew."""
        size = source.size
        if cursor is not None and cursor.offset >= size:
            yield cursor
            return
        try:
            with source.open() as file:
                for element in elements(file, size):
                    yield from self._conversation(source, element)
        except OSError as exc:
            hint = "Check that the file can be read; it is tried again at the next run."
            yield Problem(str(source.path), f"could not be read: {exc.strerror or exc}", hint, kind="io")
            yield Cursor()
            return
        yield Cursor(size)

    def _conversation(self, source: Source, element: Element) -> Iterator[Record]:
        span = Span(0, element.offset, element.length)
        where = f"{source.path}, byte {element.offset:,}"
        if element.is_cut:
            lost = (
                f"in the middle of a conversation ({element.length:,} bytes)"
                if element.length
                else "too early"
            )
            hint = "What stands before was read. Unpack the export again, or ask for a new one."
            yield Problem(where, f"the file ends {lost}", hint, span, "cut-off")
            return
        if not element.raw:
            what = f"a conversation of {element.length:,} bytes is too large to read"
            yield Problem(where, what, _KEPT, span, "too-long")
            return
        try:
            conversation = _parse(element.raw)
        except (ValueError, RecursionError) as exc:
            what = f"a conversation could not be read: {exc}"
            yield Problem(where, what, f"{_KEPT} The other conversations were read.", span)
            return
        if "mapping" not in conversation:
            yield Problem(where, "an entry that is not a conversation", _KEPT, span, "unknown-record")
            return
        yield from _records(conversation, span)


def _parse(raw: bytes) -> dict[str, Any]:
    """A conversation; lone surrogates and broken UTF-8 are no reason to lose it. Raises ValueError."""
    try:
        return as_dict(orjson.loads(raw))
    except orjson.JSONDecodeError:
        try:
            return as_dict(loads(raw.decode("utf-8", "replace"), strict=False))
        except JSONDecodeError as exc:
            raise ValueError(f"{exc.msg} at byte {exc.pos:,} of it") from exc


def _records(conversation: dict[str, Any], span: Span) -> Iterator[Record]:
    """The session and its turns: nothing at all when nobody said anything."""
    session = _identity(conversation)
    begun = False
    waiting: list[Turn] = []
    for node_id, node, is_current in in_order(conversation):
        turn = _turn(session, node_id, as_dict(node.get("message")), is_current, span)
        if turn is None:
            continue
        if not begun and turn.author == "machine":
            waiting.append(turn)
            continue
        if not begun:
            begun = True
            yield _session(conversation, session, turn)
            yield from waiting
        yield turn


def _identity(conversation: dict[str, Any]) -> str:
    """The conversation's id; an export without ids is known by title and time."""
    told = as_text(conversation.get("conversation_id")) or as_text(conversation.get("id"))
    if told:
        return told
    traits = f"{conversation.get('title')}\n{conversation.get('create_time')}".encode("utf-8", "replace")
    return hashlib.sha256(traits).hexdigest()[:32]


def _session(conversation: dict[str, Any], session: str, first: Turn) -> Session:
    extra = [("gpt", as_text(conversation.get("gizmo_id")))]
    extra += [(name, "yes") for name in ("is_archived", "is_starred") if conversation.get(name) is True]
    title = " ".join(as_text(conversation.get("title"))[:2000].split())
    started = iso_time(conversation.get("create_time"))
    return Session(
        session,
        "chatgpt",
        "chat",
        title=title if len(title) <= _TITLE else title[: _TITLE - 1] + "…",
        title_rank=40 if title else 0,
        model=as_text(conversation.get("default_model_slug")),
        started_at=started if started else first.at,
        extra=tuple((name.removeprefix("is_"), value) for name, value in extra if value),
    )


def _turn(session: str, node: str, message: dict[str, Any], is_current: bool, span: Span) -> Turn | None:
    """The turn of a node, None for what the app hides: roots, system nodes, hidden and weightless ones."""
    metadata = as_dict(message.get("metadata"))
    role = as_text(as_dict(message.get("author")).get("role"))
    kind = as_text(as_dict(message.get("content")).get("content_type"))
    parts: tuple[Part, ...]
    author = _AUTHORS.get(role)
    if kind in messages.CONTEXTS or metadata.get("is_user_system_message") is True:
        text = messages.context_text(message)
        author, parts = "machine", (Part("text", text, span=span),) if text else ()
    elif message.get("weight") == 0 or metadata.get("is_visually_hidden_from_conversation") is True:
        return None
    else:
        parts = messages.parts_of(message, span) if author is not None else ()
    if author is None or not parts:
        return None
    at = iso_time(message.get("create_time"))
    return Turn(
        _key(session, as_text(message.get("id")) or node),
        session,
        author,
        parts,
        at if at else None,
        as_text(metadata.get("model_slug")) if author == "assistant" else "",
        flags=frozenset() if is_current else frozenset({FLAG_ABANDONED}),
        span=span,
    )


def _key(session: str, node: str) -> str:
    """A message id is unique in the world where it is a UUID, else only in its conversation."""
    return f"chatgpt:{node}" if _UUID.fullmatch(node) else f"chatgpt:{session}:{node}"


__all__ = ["ChatGPT"]
