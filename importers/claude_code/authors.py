"""Who wrote a ``user`` record, and what of it is theirs (FORMATS 1.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from importers.contract import FLAG_COMMAND, FLAG_COMPACTION, FLAG_HEADLESS, FLAG_QUEUED, Author, PartKind

_OUTPUT_STARTS = ("<local-command-stdout>", "<local-command-stderr>", "<bash-stdout>", "<bash-stderr>")
MACHINE_STARTS = (
    *_OUTPUT_STARTS,
    "<local-command-caveat>",
    "Caveat: The messages below were generated",
    "<task-notification>",
    "<agent-notification>",
    "<session-start-hook>",
    "<user-prompt-submit-hook>",
    "<tick>",
    "<goal>",
    "<system-reminder>",
    "<teammate-message",
    "Operation stopped by hook:",
)
INTERRUPTED = "[Request interrupted by user"
CONTINUED = "This session is being continued from a previous conversation that ran out of context"
_COMMAND_TAGS = ("<command-name>", "<command-message>", "<command-args>")
_IDE_TAGS = ("ide_opened_file", "ide_selection", "ide_diagnostics")
_BASH = "<bash-input>"
_OUTPUT_TAGS = re.compile(r"</?(?:local-command|bash)-std(?:out|err)>")

_BUILT_IN = """
    add-dir advisor agents allowed-tools app bashes branch bug cd checkpoint chrome clear color compact
    config context continue copy cost desktop diff doctor effort exit export extra-usage fast feedback files
    focus fork heapdump help hooks ide insights install-github-app install-slack-app keybindings login logout
    marketplace mcp memory migrate-installer mobile model new output-style passes permissions plan plugin
    plugins privacy-settings quit rate-limit-options release-notes reload-plugins remote-control remote-env
    rename reset resume rewind sandbox scroll-speed settings skills stats status statusline stickers tag tasks
    teleport terminal-setup theme think-back todos tui upgrade usage vim voice web-setup
"""

BUILT_IN = frozenset(_BUILT_IN.split())
"""Slash commands that steer the program; every other one is a prompt (custom command or skill)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a text is: its author, what of it counts, and as which kind of part."""

    author: Author
    text: str
    kind: PartKind = "text"
    flags: frozenset[str] = frozenset()


def is_headless(record: dict[str, Any]) -> bool:
    """Whether a program, not a person, drives this run (SDK, ``-p``). Editors and the desktop app also go
    through the SDK, so ``promptSource`` counts only where no such front end is named."""
    entry = record.get("entrypoint")
    if isinstance(entry, str) and entry.startswith("sdk"):
        return True
    return record.get("promptSource") == "sdk" and entry in (None, "", "cli")


def who(record: dict[str, Any], text: str, sidechain: bool) -> Said:
    """Who wrote this text of a ``user`` record (or queued prompt), with what is not theirs stripped."""
    start = text.lstrip()
    if record.get("isCompactSummary") is True or start.startswith(CONTINUED):
        return Said("machine", text, flags=frozenset({FLAG_COMPACTION}))
    if _is_injected(record):
        return Said("machine", text)
    if start.startswith(INTERRUPTED):
        return Said("machine", start.rstrip(), "marker")
    own = own_words(text)
    if own.startswith(_OUTPUT_STARTS):
        return Said("machine", _OUTPUT_TAGS.sub("", own).strip())
    if not own or own.startswith(MACHINE_STARTS):
        return Said("machine", text)
    flags = set()
    if own.startswith(_COMMAND_TAGS):
        name, args = _between(own, "command-name").lstrip("/"), _between(own, "command-args")
        name = name or _between(own, "command-message")
        own = f"/{name} {args}".strip()
        if name in BUILT_IN and not (name == "plan" and args):
            return Said("machine", own, "marker")
        flags.add(FLAG_COMMAND)
    elif own.startswith(_BASH):
        own = "!" + _between(own, "bash-input")
        flags.add(FLAG_COMMAND)
    if sidechain:
        return Said("parent-model", own)
    if is_headless(record):
        return Said("program", own, flags=frozenset(flags | {FLAG_HEADLESS}))
    if record.get("promptSource") == "queued":
        flags.add(FLAG_QUEUED)
    return Said("typed", own, flags=frozenset(flags))


def own_words(text: str) -> str:
    """The text without editor tags and without reminders around it."""
    text = strip_reminders(text)
    if "<ide_" in text:
        for tag in _IDE_TAGS:
            text = _without(text, tag)
    return text.strip()


def strip_reminders(text: str) -> str:
    """The text without ``<system-reminder>`` blocks at its start and end (one in the middle is quoted)."""
    while True:
        bare = text.rstrip()
        if not bare.endswith("</system-reminder>"):
            break
        begin = bare.rfind("<system-reminder>")
        if begin < 0:
            break
        text = bare[:begin].rstrip()
    while text.lstrip().startswith("<system-reminder>"):
        end = text.find("</system-reminder>")
        if end < 0:
            break
        text = text[end + len("</system-reminder>") :]
    return text


def _is_injected(record: dict[str, Any]) -> bool:
    if record.get("isMeta") is True or record.get("promptSource") == "system":
        return True
    origin = record.get("origin")
    kind = origin.get("kind") if isinstance(origin, dict) else None
    return isinstance(kind, str) and kind not in ("", "human")


def _between(text: str, tag: str) -> str:
    begin = text.find(f"<{tag}>")
    if begin < 0:
        return ""
    begin += len(tag) + 2
    end = text.find(f"</{tag}>", begin)
    return (text[begin:end] if end >= 0 else text[begin:]).strip()


def _without(text: str, tag: str) -> str:
    """The text without ``<tag>…</tag>``; a tag that is never closed stays."""
    opening, closing, kept, at = f"<{tag}>", f"</{tag}>", [], 0
    while (begin := text.find(opening, at)) >= 0:
        end = text.find(closing, begin)
        if end < 0:
            break
        kept.append(text[at:begin])
        at = end + len(closing)
    return "".join([*kept, text[at:]]) if kept else text
