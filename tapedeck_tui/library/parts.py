"""Parts as the library stores them: cleaned, masked, clipped, and how more of a turn is merged in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from importers.contract import Part
from tapedeck_tui import secrets
from tapedeck_tui.library import ids
from tapedeck_tui.model import PartView
from tapedeck_tui.text import clean, middle_clip

CLIP = 4096
"""Characters kept of each end of a long tool result (DESIGN section 6); the whole stays on the tape."""
MAX_TEXT = 256 * 1024
"""Characters kept of each end of any other part."""

LAST = 64
"""Parts at the end of a turn that may still grow."""

Stored = dict[str, Any]
"""k kind, t text, n name, c call id, e error, s size, p paths, d digest, x clipped, l line, o offset, b bytes."""


def store(part: Part) -> Stored | None:
    """A part as it is stored; None for one that says nothing."""
    text = clean(part.text)
    if not text.strip() and part.kind in ("text", "thinking"):
        return None
    stored: Stored = {"k": part.kind}
    if text:
        stored["d"] = ids.digest(text)
        side = CLIP if part.kind in ("tool_result", "tool_call") else MAX_TEXT
        safe = secrets.mask(text)  # before it is cut, so that the cut goes through no secret
        stored["t"] = middle_clip(safe, side, side)
        if len(stored["t"]) < len(safe):
            stored["x"] = 1
    if part.name:
        stored["n"] = clean(part.name)[:200]
    if part.call_id:
        stored["c"] = clean(part.call_id)[:200]
    if part.error:
        stored["e"] = 1
    if part.size or len(text) > 2 * CLIP:
        stored["s"] = part.size or len(text)
    if part.paths:
        stored["p"] = [secrets.mask(clean(p))[:1000] for p in part.paths[:50]]
    stored["l"], stored["o"], stored["b"] = part.span.line, part.span.offset, part.span.length
    return stored


def merge(old: list[Stored], new: Sequence[Stored]) -> bool:
    """Bring ``new`` parts into ``old`` (in place) as the contract says; True when anything changed. A part that
    is there already is never taken for the growth of another, so parts that come again change nothing."""
    at = {_name(part): i for i, part in reversed(list(enumerate(old)))}
    changed = False
    for part in new:
        known = at.get(_name(part))
        if known is not None and not (part.get("c") and _is_more(part, old[known])):
            continue
        if known is None:
            known = _grown(old, part)
        if known is None:
            at[_name(part)] = len(old)
            old.append(part)
        elif _is_more(part, old[known]):
            at[_name(part)] = known
            old[known] = part
        else:
            continue
        changed = True
    return changed


def _name(part: Stored) -> tuple[object, ...]:
    """What makes two parts the same: their call, else their words."""
    if part.get("c"):
        return (part["k"], part["c"])
    return (part["k"], "", part.get("d"), part.get("n"))


def _is_more(part: Stored, known: Stored) -> bool:
    longer = len(part.get("t", "")) > len(known.get("t", ""))
    return longer or part.get("e", 0) > known.get("e", 0)


def _grown(old: list[Stored], part: Stored) -> int | None:
    """The part of which this one is a longer or a shorter version: one of the last, growing happens there."""
    text = part.get("t", "")
    if part["k"] not in ("text", "thinking") or part.get("c") or not text:
        return None
    for i in reversed(range(max(0, len(old) - LAST), len(old))):
        known = old[i].get("t", "")
        if old[i]["k"] != part["k"] or old[i].get("c") or not known:
            continue
        if text.startswith(known) or known.startswith(text):
            return i
    return None


def turn_digest(parts: Sequence[Stored]) -> str:
    """The digest of a turn: of what was said, else of all it holds."""
    said = [p["d"] for p in parts if p["k"] == "text" and "d" in p]
    return ids.joint_digest(said or [p["d"] for p in parts if "d" in p] or [ids.digest("")])


def dump(parts: Sequence[Stored]) -> bytes:
    return orjson.dumps(list(parts))


def load(blob: bytes | str) -> list[Stored]:
    value: list[Stored] = orjson.loads(blob)
    return value


def view(stored: Stored) -> PartView:
    return PartView(
        kind=stored["k"],
        text=stored.get("t", ""),
        name=stored.get("n", ""),
        call_id=stored.get("c", ""),
        error=bool(stored.get("e")),
        size=stored.get("s", 0),
        clipped=bool(stored.get("x")),
        paths=tuple(stored.get("p", ())),
        line=stored.get("l", 0),
    )


def said(parts: Sequence[Stored]) -> str:
    """The text parts, joined by blank lines: what ``TurnView.text`` gives."""
    return "\n\n".join(p["t"] for p in parts if p["k"] == "text" and p.get("t"))
