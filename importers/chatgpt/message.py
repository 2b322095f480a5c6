"""What a message of a ChatGPT export says: its parts, without data and citation marks (FORMATS 3)."""

from __future__ import annotations

import re
from typing import Any

from importers.contract import Part, Span
from importers.readers import as_dict, as_list, as_text, compact_json

CONTEXTS = {"user_editable_context", "model_editable_context"}
"""Kinds of content that the app puts in front: custom instructions and memories."""

_MARK = re.compile("\ue200([^\ue200\ue201]*)\ue201")
_STRAY = re.compile("[\ue200-\ue206]")
_BRACKETED = re.compile(r"【([^【】]*†[^【】]*)】")
_IMAGES = {"image_asset_pointer"}


def parts_of(message: dict[str, Any], span: Span) -> tuple[Part, ...]:
    """The parts of a message in its order; empty when it says nothing."""
    content = message.get("content")
    if isinstance(content, str):
        content = {"parts": [content]}
    content = as_dict(content)
    role = as_text(as_dict(message.get("author")).get("role"))
    kind = as_text(content.get("content_type"))
    if kind in ("thoughts", "reasoning_recap"):
        return tuple(Part("thinking", text, span=span) for text in _thoughts(content))
    texts, markers = _texts_and_markers(content, span)
    markers += _attachments(message, span)
    text = "\n".join(texts)
    if role == "tool":
        name = as_text(as_dict(message.get("author")).get("name"))
        error = kind == "system_error"
        said = (
            (Part("tool_result", _labels(text), name, error=error, span=span),)
            if text.strip() or error
            else ()
        )
        return (*said, *markers)
    recipient = as_text(message.get("recipient")) or "all"
    if role == "assistant" and recipient not in ("all", "assistant", "user"):
        return (
            (Part("tool_call", text, recipient, as_text(message.get("id")), span=span),)
            if text.strip()
            else ()
        )
    if role == "assistant":
        text = uncited(text, message)
    return (*((Part("text", text, span=span),) if text.strip() else ()), *markers)


def context_text(message: dict[str, Any]) -> str:
    """Custom instructions, wherever this export keeps them: in a content of their own, or in the metadata."""
    content = as_dict(message.get("content"))
    data = as_dict(as_dict(message.get("metadata")).get("user_context_message_data"))
    fields = ("user_profile", "user_instructions", "model_set_context", "repository", "repo_summary")
    texts = [as_text(content.get(name)) for name in fields]
    texts += [as_text(data.get(name)) for name in ("about_user_message", "about_model_message")]
    return "\n\n".join(dict.fromkeys(text.strip() for text in texts if text.strip()))


def uncited(text: str, message: dict[str, Any]) -> str:
    """The text without citation marks; what a mark shows (a place, a product) stays."""
    if "【" not in text and _STRAY.search(text) is None:
        return text
    for reference in map(as_dict, as_list(as_dict(message.get("metadata")).get("content_references"))):
        mark, shown = as_text(reference.get("matched_text")), as_text(reference.get("alt"))
        if shown and _STRAY.search(mark):
            text = text.replace(mark, shown)
    text = _BRACKETED.sub("", _MARK.sub(lambda mark: _shown(mark.group(1)), text))
    return re.sub(r" +(?=[.,;:!?\n]|$)", "", _STRAY.sub("", text))


def _shown(mark: str) -> str:
    """What stands for a mark in the text: ``entity`` marks carry a name, sources nothing."""
    if not mark.startswith("entity"):
        return ""
    names = re.findall(r'"((?:[^"\\]|\\.)*)"', mark)
    return names[1] if len(names) > 1 else ""


def _labels(text: str) -> str:
    """Marked links of a fetched page as their labels: ``【12†May】`` is May."""
    return _BRACKETED.sub(lambda mark: mark.group(1).split("†")[1], text) if "【" in text else text


def _texts_and_markers(content: dict[str, Any], span: Span) -> tuple[list[str], list[Part]]:
    texts: list[str] = []
    markers: list[Part] = []
    for piece in as_list(content.get("parts")):
        if isinstance(piece, str):
            texts.append(piece)
            continue
        block = as_dict(piece)
        if as_text(block.get("content_type")) in _IMAGES:
            markers.append(_image(block, span))
        elif as_text(block.get("text")):
            texts.append(as_text(block.get("text")))
        elif block:
            kind = as_text(block.get("content_type")) or "attachment"
            markers.append(Part("marker", kind.removesuffix("_asset_pointer").replace("_", " "), span=span))
    for name in ("name", "title", "url", "text", "result", "summary", "content"):
        value = content.get(name)
        if isinstance(value, str) and value.strip():
            texts.append(value)
    if not texts and not markers and isinstance(content.get("content"), (dict, list)):
        texts.append(compact_json(content["content"]))
    return [text for text in texts if text.strip()], markers


def _image(block: dict[str, Any], span: Span) -> Part:
    width, height = _number(block.get("width")), _number(block.get("height"))
    shape = f"{width}×{height} " if width and height else ""
    prompt = as_text(as_dict(as_dict(block.get("metadata")).get("dalle")).get("prompt"))
    text = f"{shape}{as_text(block.get('asset_pointer'))}".strip() or "image"
    return Part(
        "image", f"{prompt}\n{text}" if prompt else text, size=_number(block.get("size_bytes")), span=span
    )


def _number(value: object) -> int:
    """A size or a count; 0 for anything that cannot be one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 53 else 0


def _attachments(message: dict[str, Any], span: Span) -> list[Part]:
    found: list[Part] = []
    for file in map(as_dict, as_list(as_dict(message.get("metadata")).get("attachments"))):
        name = as_text(file.get("name")) or as_text(file.get("id"))
        media = as_text(file.get("mime_type")) or as_text(file.get("mimeType"))
        if name and not media.startswith("image/"):
            size = _number(file.get("size"))
            found.append(Part("document", name, media, size=size, paths=(name,), span=span))
    return found


def _thoughts(content: dict[str, Any]) -> list[str]:
    texts = []
    for thought in map(as_dict, as_list(content.get("thoughts"))):
        pieces = (as_text(thought.get(name)).strip() for name in ("summary", "content", "text"))
        texts.append("\n\n".join(piece for piece in pieces if piece))
    texts.append(as_text(content.get("content")).strip())
    return [text for text in texts if text]
