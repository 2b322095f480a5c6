"""Records that are messages: prompts, answers, tool results, attachments (FORMATS 1.3-1.6)."""

from __future__ import annotations

from typing import Any

from importers.claude_code import queued
from importers.claude_code.authors import who
from importers.claude_code.blocks import (
    SPILLED,
    assistant_parts,
    is_media,
    media_part,
    result_blocks,
    result_text,
    texts_and_media,
)
from importers.claude_code.files import full_output
from importers.claude_code.keys import HARNESS, native_id, turn_key
from importers.claude_code.reading import Reading
from importers.claude_code.rewinds import answered, prompted
from importers.claude_code.tools import answers_text
from importers.contract import (
    FLAG_ANSWER,
    FLAG_COMMAND,
    FLAG_FAILED,
    FLAG_QUEUED,
    FLAG_SYNTHETIC,
    Part,
    Span,
    Usage,
)
from importers.readers import as_count, as_dict, as_id, as_list, as_text, iso_time, one_line, storable

FIRST_PROMPT, FIRST_COMMAND = 10, 5
"""Title ranks; a command is a poorer title than the first prompt in words."""
_REASON = "To tell you how to proceed, the user said:"
_SYNTHETIC = "<synthetic>"
_CONTEXT = frozenset({"file", "directory", "selected_lines_in_ide", "opened_file_in_ide"})
_USAGE = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_NONE: frozenset[str] = frozenset()


def user(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """A ``user`` record: tool results, or what somebody or something said in the user's place."""
    message = record.get("message")
    content = message.get("content") if isinstance(message, dict) else message
    reading.identify(record)
    key = turn_key(reading.state, record)
    results = result_blocks(content)
    texts, media = texts_and_media(content, span)
    if results:
        _results(reading, record, results, key, span)
        key += "#text"
    if texts or media:
        _said(reading, record, texts, media, key, span)


def assistant(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """A line of an answer: the first one names the turn, later ones of the same message extend it."""
    message = record.get("message")
    if not isinstance(message, dict):
        return
    reading.identify(record)
    state = reading.state
    native = as_id(message.get("id"))
    known = state.messages.get(native) if native else None
    if known is None:
        known = _first_line(reading, record, native, span)
    if native:
        state.messages.put(native, known)
    parts = assistant_parts(message.get("content"), span)
    for part in parts:
        if part.kind == "tool_call" and part.call_id:
            state.calls.put(part.call_id, storable(part.name, 80))
    model = as_text(message.get("model"))
    synthetic = model == _SYNTHETIC or record.get("isApiErrorMessage") is True
    if model == _SYNTHETIC:
        model = ""
    elif model and (reading.is_agent or record.get("isSidechain") is not True):
        reading.model(model)
    reading.turn(
        record, known[0], "assistant", parts, span, frozenset({FLAG_SYNTHETIC}) if synthetic else _NONE, model
    )
    if native and not synthetic and state.started:
        _usage(reading, record, as_dict(message.get("usage")), known, model)


def attachment(reading: Reading, record: dict[str, Any], span: Span) -> None:
    """A prompt queued while the agent worked, or a file handed along; everything else is machinery."""
    attached = as_dict(record.get("attachment"))
    kind = as_text(attached.get("type"))
    if kind == "queued_command":
        reading.identify(record)
        texts, media = texts_and_media(attached.get("prompt"), span)
        if attached.get("commandMode") == "bash":
            texts = [f"<bash-input>{text}</bash-input>" for text in texts]
        judged = record | {name: attached[name] for name in ("origin", "isMeta") if name in attached}
        if texts or media:
            key = turn_key(reading.state, record)
            _said(reading, judged, texts, media, key, span, frozenset({FLAG_QUEUED}))
    elif kind in _CONTEXT:
        path = as_text(attached.get("filename")) or as_text(attached.get("path"))
        if path:
            reading.identify(record)
            part = Part("marker", f"{kind.replace('_', ' ')}: {path}", paths=(path,), span=span)
            reading.turn(record, turn_key(reading.state, record), "machine", [part], span)


def _said(
    reading: Reading,
    record: dict[str, Any],
    texts: list[str],
    media: list[Part],
    key: str,
    span: Span,
    flags: frozenset[str] = _NONE,
) -> None:
    """Words in the user's place. Every text block is judged alone, so an editor's tag beside a prompt takes
    nothing from it; where any block is somebody's own words, the injected ones are left out. What stands
    beside a command is what it expanded to."""
    sidechain = reading.is_sidechain(record)
    judged = [who(record, text, sidechain) for text in texts]
    own = [said for said in judged if said.author != "machine"]
    commands = [said for said in own if FLAG_COMMAND in said.flags]
    chosen = commands or own or judged
    author = chosen[0].author if chosen else who(record, "[picture]", sidechain).author
    flags = flags.union(*(said.flags for said in chosen))
    text = "\n".join(said.text for said in chosen)
    if author != "machine":
        queued.met(reading.state, text)
        reading.asked(record)
        if author != "parent-model" or reading.is_agent:
            reading.title(text, FIRST_COMMAND if FLAG_COMMAND in flags else FIRST_PROMPT)
    if author in ("typed", "program"):
        prompted(reading, record, span)
    parts = [Part(said.kind, said.text, span=span) for said in chosen if said.text]
    reading.turn(record, key, author, [*parts, *media], span, flags)


def _results(
    reading: Reading, record: dict[str, Any], results: list[dict[str, Any]], key: str, span: Span
) -> None:
    """A turn of the tool; and one of the user where the result carries an answer or a reason of theirs."""
    outcome = record.get("toolUseResult")
    parts: list[Part] = []
    said: list[str] = []
    for block in results:
        content = block.get("content")
        call, failed = as_id(block.get("tool_use_id")), block.get("is_error") is True
        text = result_text(content) or as_text(block.get("text"))
        if text.startswith(SPILLED):
            text = full_output(reading.source, text, outcome)
        parts.append(Part("tool_result", text, reading.state.calls.get(call, ""), call, failed, span=span))
        parts.extend(media_part(each, span) for each in as_list(content) if is_media(each))
        if failed and _REASON in text:
            said.append(text.split(_REASON, 1)[1].partition("\n\nNote: ")[0].strip())
    flags = frozenset({FLAG_FAILED}) if any(part.error for part in parts) else _NONE
    reading.turn(record, key, "tool", parts, span, flags)
    if isinstance(outcome, dict):
        said.append(answers_text(outcome))
        if agent := as_id(outcome.get("agentId")):
            about = one_line(as_text(outcome.get("description")))
            reading.link("spawned", f"agent-{agent.removeprefix('agent-')}", about)
    if answer := "\n".join(each for each in said if each):
        part = Part("text", answer, span=span)
        reading.turn(record, f"{key}#answer", "typed", [part], span, frozenset({FLAG_ANSWER}))


def _first_line(reading: Reading, record: dict[str, Any], native: str, span: Span) -> list[Any]:
    """What is kept of a message: its turn's key, its usage's key, its usage so far."""
    answered(reading, record, span)
    own = native_id(record) or native
    key = f"{HARNESS}:{own}" if own else turn_key(reading.state, record)
    request = as_id(record.get("requestId"))
    return [key, f"{HARNESS}:{native}:{request}" if request else f"{HARNESS}:{native}", 0, 0, 0, 0]


def _usage(
    reading: Reading, record: dict[str, Any], usage: dict[str, Any], known: list[Any], model: str
) -> None:
    """The usage stands on every line of a message and may grow: the maximum counts (FORMATS 1.4)."""
    now = [max(before, as_count(usage.get(name))) for before, name in zip(known[2:], _USAGE, strict=True)]
    if now != known[2:]:
        known[2:] = now
        given, made, read, written = now
        at = iso_time(record.get("timestamp"))
        reading.out.append(Usage(known[1], reading.state.session, model, given, made, read, written, at))
