"""Edits in stories: lines that begin with ``-`` go, with ``+`` come, with a space stay."""

from __future__ import annotations


def sides(body: str) -> tuple[str, str]:
    """The text before and after the edit."""
    old, new = [], []
    for line in body.split("\n"):
        sign, rest = line[:1], line[1:]
        if sign != "+":
            old.append(rest)
        if sign != "-":
            new.append(rest)
    return "\n".join(old), "\n".join(new)


def update(path: str, body: str) -> str:
    """The edit in the language of ``apply_patch``."""
    return f"*** Begin Patch\n*** Update File: {path}\n@@\n{body}\n*** End Patch\n"


def add(path: str, body: str) -> str:
    """A new file in the language of ``apply_patch``."""
    lines = "\n".join("+" + line for line in body.split("\n"))
    return f"*** Begin Patch\n*** Add File: {path}\n{lines}\n*** End Patch\n"
