"""Example questions for an empty ask screen, made from the library's own titles."""

from __future__ import annotations

import re
from collections.abc import Sequence

COUNT = 3
MIN_WORDS, MAX_WORDS = 3, 12
"""Words a title needs to make a question: fewer say nothing, more are whole prompts."""

_QUESTION = re.compile(r"^(how|why|what|where|when|which|who|can|does|do|is|are|should)\b", re.IGNORECASE)
_FIX = re.compile(r"^(?:please\s+)?(?:fix|debug|solve|repair)(?:ing|ed)?\s+", re.IGNORECASE)
_MAKE = re.compile(r"^(?:please\s+)?(?:add|implement|write|build|create|make)(?:ing|ed)?\s+", re.IGNORECASE)


def examples(titles: Sequence[tuple[str, str, int]]) -> list[str]:
    """Up to three questions, each of another project where there are several.

    Args:
        titles: (title, project, typed turns), newest first.
    """
    out: list[str] = []
    used: set[str] = set()
    ranked = sorted(titles, key=lambda t: -min(t[2], 12))
    for title, project, _ in ranked:
        question = _question(title)
        if question and (project not in used or not project) and question not in out:
            out.append(question)
            used.add(project)
        if len(out) == COUNT:
            break
    return out


def _question(title: str) -> str:
    text = title.strip().rstrip(".!…")
    if not MIN_WORDS <= len(text.split()) <= MAX_WORDS or not text[:1].isalpha() or "<" in text:
        return ""
    if _QUESTION.match(text):
        return text.rstrip("?") + "?"
    if _FIX.match(text):
        return f"How did we fix {_lower(_FIX.sub('', text))}?"
    if _MAKE.match(text):
        return f"How did we add {_lower(_MAKE.sub('', text))}?"
    return f"What did we find out about {_lower(text)}?"


def _lower(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
