"""Content blocks of a message as parts: text, thinking, calls, results, markers for pictures (FORMATS 1.4, 1.5)."""

from __future__ import annotations

from typing import Any

from importers.claude_code.authors import strip_reminders
from importers.claude_code.tools import call_paths, call_text
from importers.contract import Part, Span
from importers.readers import as_dict, as_id, as_list, as_text, compact_json

SPILLED = "<persisted-output>"
_CALLS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})


def assistant_parts(content: object, span: Span) -> list[Part]:
    """The parts of what a model wrote. Empty thinking (only its signature is kept since 2.1.7x) is no part."""
    if isinstance(content, str):
        return [Part("text", content, span=span)] if content.strip() else []
    parts = []
    for block in as_list(content):
        part = _assistant_part(block, span)
        if part is not None:
            parts.append(part)
    return parts


def _assistant_part(block: object, span: Span) -> Part | None:
    if not isinstance(block, dict):
        return Part("text", block, span=span) if isinstance(block, str) and block.strip() else None
    kind = as_text(block.get("type"))
    if kind in _CALLS:
        name, given = as_text(block.get("name")), block.get("input")
        return Part(
            "tool_call",
            call_text(name, given),
            name,
            as_id(block.get("id")),
            paths=call_paths(given),
            span=span,
        )
    if kind == "thinking":
        text = as_text(block.get("thinking"))
        return Part("thinking", text, span=span) if text.strip() else None
    if kind in ("image", "document"):
        return media_part(block, span)
    if kind.endswith("_tool_result"):
        text = compact_json(without_media(block.get("content")))
        return Part("tool_result", text, call_id=as_id(block.get("tool_use_id")), span=span)
    text = as_text(block.get("text"))
    return Part("text", text, span=span) if text.strip() else None


def is_media(block: object) -> bool:
    return isinstance(block, dict) and block.get("type") in ("image", "document")


def media_part(block: dict[str, Any], span: Span) -> Part:
    """A marker for a picture or a document; its data stays on the tape. Plain-text documents keep their text."""
    kind = "image" if block.get("type") == "image" else "document"
    source = as_dict(block.get("source"))
    media = as_text(source.get("media_type")) or kind
    if source.get("type") == "text" and kind == "document":
        return Part("document", as_text(source.get("data")), media, span=span)
    size = len(as_text(source.get("data"))) * 3 // 4
    where = as_text(source.get("url")) or as_text(block.get("title"))
    where = "" if where.startswith("data:") else where
    told = ", ".join(part for part in (media, f"{size:,} bytes" if size else "", where) if part)
    text = f"[{kind}: {told}]"
    return Part("image" if kind == "image" else "document", text, media, size=size, span=span)


def without_media(value: object, depth: int = 0) -> object:
    """The value with the data of every picture or document in it taken out."""
    if isinstance(value, list):
        return [without_media(each, depth + 1) for each in value] if depth < 20 else []
    if isinstance(value, dict):
        if value.get("type") == "base64" or "encrypted_content" in value:
            value = {k: v for k, v in value.items() if k not in ("data", "encrypted_content")}
        return {k: without_media(v, depth + 1) for k, v in value.items()} if depth < 20 else {}
    return value


def result_blocks(content: object) -> list[dict[str, Any]]:
    """The ``tool_result`` blocks of a user record's content."""
    if not isinstance(content, list):
        return []
    return [block for block in content if isinstance(block, dict) and block.get("type") == "tool_result"]


def result_text(content: object) -> str:
    """The text of a tool result: what the model was shown, without reminders and pictures."""
    if isinstance(content, str):
        return strip_reminders(content) if content.endswith("</system-reminder>") else content
    pieces = []
    for block in as_list(content):
        if isinstance(block, str):
            pieces.append(block)
        elif isinstance(block, dict):
            if block.get("type") == "tool_reference":
                pieces.append(as_text(block.get("tool_name")))
            elif not is_media(block):
                pieces.append(as_text(block.get("text")))
    return strip_reminders("\n".join(piece for piece in pieces if piece))


def texts_and_media(content: object, span: Span) -> tuple[list[str], list[Part]]:
    """The text blocks and the media markers of a user record that is not a tool result."""
    if isinstance(content, str):
        return [content], []
    texts, media = [], []
    for block in as_list(content):
        if isinstance(block, str):
            texts.append(block)
        elif is_media(block):
            media.append(media_part(block, span))
        elif isinstance(block, dict) and block.get("type") != "tool_result":
            texts.append(as_text(block.get("text")))
    return [text for text in texts if text.strip()], media
