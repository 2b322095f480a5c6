"""Who wrote a Codex message of role ``user``: most of them nobody typed (FORMATS 2.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence

INJECTED = (
    "# AGENTS.md instructions for",
    "<user_instructions>",
    "<environment_context>",
    "<permissions instructions>",
    "<turn_aborted>",
    "<skill>",
    "<subagent_notification>",
    "<recommended_plugins>",
    "<goal_context>",
    "<codex_internal_context",
    "<hook_prompt",
    "<user_shell_command>",
    "<send_user_message_question_reply>",
    "<user_action>",
)
"""How text begins that the harness puts in the user's name."""
SHELL = "<user_shell_command>"
"""The user ran a shell command of their own."""
REPLY = "<send_user_message_question_reply>"
"""The user answered a question of the agent."""

_WRAPPERS = ("# Context from my IDE setup:", "# Files mentioned by the user:")
_REQUEST = re.compile(r"^## My request for Codex:[ \t]*$", re.MULTILINE)
_IMAGE_TAG = re.compile(r"\s*</?image\b[^<>]*>\s*")
_TAGGED = re.compile(r"<([a-z][a-z0-9]*_[a-z0-9_]*)[ >]")
_OPENING = re.compile(r"<([a-z_ ]+)[ >]")
_CWD = re.compile(r"<cwd>([^<]*)</cwd>|^Current working directory: (.+)$", re.MULTILINE)


def is_image_tag(text: str) -> bool:
    """``<image name=…>`` and ``</image>`` only frame an image part."""
    return _IMAGE_TAG.fullmatch(text) is not None


def is_injected(text: str, guess: bool = True) -> bool:
    """Whether this text of a user message has the shape of something the harness wrote; with ``guess`` an
    unknown ``<some_wrapper>`` around the whole counts too."""
    head = text[:200].lstrip()
    if head.startswith(INJECTED):
        return True
    tag = _TAGGED.match(head) if guess else None
    return tag is not None and text.rstrip().endswith(f"</{tag.group(1)}>")


def is_wrapper(text: str) -> bool:
    """Whether the text is a whole wrapper from its opening to its end, which nobody types."""
    body = text.strip()
    if body.startswith(INJECTED[0]):
        return body.endswith("</INSTRUCTIONS>")
    tag = _OPENING.match(body)
    return tag is not None and body.startswith(INJECTED) and body.endswith(f"</{tag.group(1)}>")


def request(text: str) -> str:
    """What the user typed: IDE and desktop wrap it in context and put it under the last request heading."""
    if not text[:200].lstrip().startswith(_WRAPPERS):
        return text
    headings = list(_REQUEST.finditer(text))
    return text[headings[-1].end() :].strip() if headings else text


def says_the_same(texts: Sequence[str], event: str) -> bool:
    """Whether the event repeats the message that has these text parts."""
    want = event.strip()
    return want in ("\n".join(texts).strip(), "".join(texts).strip(), texts[-1].strip() if texts else None)


def working_directory(text: str) -> str:
    """The working directory an environment context names, "" if none."""
    found = _CWD.search(text[:4000])
    return (found.group(1) or found.group(2) or "").strip() if found else ""
