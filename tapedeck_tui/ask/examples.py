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

    Titles that already ask or name a task make the best questions and come first; of equal ones those of longer
    conversations.

    Args:
        titles: (title, project, typed turns), newest first.
    """
    made = [(*_question(title), project, typed) for title, project, typed in titles]
    made.sort(key=lambda m: (m[1], -min(m[3], 12)))
    out: list[str] = []
    used: set[str] = set()
    for question, _, project, _ in made:
        if question and question not in out and (project not in used or not project):
            out.append(question)
            used.add(project)
        if len(out) == COUNT:
            break
    return out


def _question(title: str) -> tuple[str, int]:
    """A question, and how well it reads (0 best). Typographic quotes: plain ones would be a phrase search."""
    text = title.strip().rstrip(".!…")
    if not MIN_WORDS <= len(text.split()) <= MAX_WORDS or not text[:1].isalpha() or "<" in text:
        return "", 9
    if _QUESTION.match(text):
        return text.rstrip("?") + "?", 0
    if _FIX.match(text):
        return f"How did we fix {_lower(_FIX.sub('', text))}?", 0
    if _MAKE.match(text):
        return f"How did we add {_lower(_MAKE.sub('', text))}?", 0
    head, colon, _ = text.partition(": ")
    if colon and 2 <= len(head.split()) <= 5:
        return f"What did we find out about the {_lower(head)}?", 1
    return f"What did we find out in “{text}”?", 2


def _lower(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if any(c.isupper() or c.isdigit() for c in first[1:]) else text[:1].lower() + text[1:]
