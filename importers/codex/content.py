"""The content blocks of Codex messages: texts, and images as markers without their data."""

from __future__ import annotations

from typing import Any

import orjson

from importers.contract import Part, Span
from importers.readers import as_dict, as_list, as_text

_IMAGES = {"input_image", "image", "local_image", "localImage", "Image", "LocalImage"}


def short(value: object, most: int = 200) -> str:
    """A name or an id: text that is valid Unicode and not long, so that it may go into a cursor."""
    if not isinstance(value, str):
        return ""
    text = value if value.isascii() else value.encode("utf-8", "replace").decode()
    return text[:most]


def texts(content: object) -> list[str]:
    """The texts of a content value: a string, a list of blocks, a bare block, or nothing."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        content = [content]
    found: list[str] = []
    for block in as_list(content):
        text = (
            block
            if isinstance(block, str)
            else as_text(as_dict(block).get("text", as_dict(block).get("refusal")))
        )
        if text:
            found.append(text)
    return found


def images(content: object, span: Span) -> list[Part]:
    """A marker for each image in a content list."""
    parts = (image_part(block, span) for block in as_list(content) if isinstance(block, dict))
    return [part for part in parts if part is not None]


def image_part(block: dict[str, Any], span: Span) -> Part | None:
    """A marker with media type and size, never the data; None when the block is no image with a source."""
    if as_text(block.get("type")) not in _IMAGES:
        return None
    url = as_text(block.get("image_url")) or as_text(as_dict(block.get("image_url")).get("url"))
    url = url or as_text(block.get("path")) or as_text(block.get("url"))
    if not url:
        return None
    if not url.startswith("data:"):
        return Part("image", url[:500], span=span)
    head, _, data = url.partition(",")
    return Part("image", "image", head[5:].split(";")[0], size=len(data) * 3 // 4, span=span)


def field_of_json(text: str, field: str) -> str:
    """A text field of a JSON object that stands in a text, "" when it is none."""
    if not text.startswith("{"):
        return ""
    try:
        return short(as_dict(orjson.loads(text)).get(field))
    except ValueError:
        return ""
