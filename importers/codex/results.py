"""Tool results of every age of Codex: the output itself, and whether it failed (FORMATS 2.3)."""

from __future__ import annotations

import re
from typing import Any

import orjson

from importers.codex.content import image_part, short
from importers.contract import Part, Span
from importers.readers import as_dict, as_text, compact_json

_COMMAND = re.compile(r"\ACommand: .{0,20000}?\n(?=Chunk ID: |Wall time|Process |Exit code: )", re.DOTALL)
_EXIT = re.compile(r"^(?:Process exited with code|Exit code:) (-?\d+)\s*$", re.MULTILINE)
_HEADER = (
    "Chunk ID: ",
    "Wall time",
    "Process exited with code ",
    "Process running with session ID ",
    "Original token count: ",
    "Exit code: ",
    "Total output lines: ",
    "Script completed",
    "Script failed",
    "Script running with cell ID ",
)
"""How the lines begin that Codex puts in front of a command's output."""
_FAILED = (
    "failed in sandbox",
    "exec_command failed",
    "apply_patch verification failed",
    "tool call error:",
    "tool call failed",
    "collab spawn failed",
    "failed to parse function arguments",
    "unsupported call",
    "execution error",
    "error: ",
    "aborted by user",
    "Script failed",
)
"""How the text of a call begins that did not run."""


def result_parts(item: dict[str, Any], name: str, span: Span) -> tuple[Part, ...]:
    """The parts of a tool's answer: one tool_result, and a marker for every image in it."""
    output = item.get("output", item.get("result", item.get("tools")))
    images: list[Part] = []
    text, error = _read(output, images, span)
    error = error or item.get("success") is False
    call_id = short(item.get("call_id")) or short(item.get("id"))
    return (Part("tool_result", text, name, call_id, error=error, span=span), *images)


def _read(output: object, images: list[Part], span: Span) -> tuple[str, bool]:
    if isinstance(output, str):
        return _from_text(output)
    if isinstance(output, list):
        return _from_list(output, images, span)
    if isinstance(output, dict):
        return _from_object(output, images, span)
    return ("" if output is None else compact_json(output)), False


def _from_object(output: dict[str, Any], images: list[Part], span: Span) -> tuple[str, bool]:
    if output.get("type") in ("input_text", "text") or "content" in output or "output" in output:
        inner = output.get("text", output.get("content", output.get("output")))
        text, error = _read(inner, images, span)
        code = as_dict(output.get("metadata")).get("exit_code", output.get("exit_code"))
        return text, error or output.get("success") is False or _is_failure(code)
    if "stdout" in output or "stderr" in output:
        code = output.get("exit_code", output.get("exitCode"))
        streams = (as_text(output.get("stdout")), as_text(output.get("stderr")))
        return "\n".join(stream for stream in streams if stream), _is_failure(code)
    return compact_json(output), output.get("success") is False


def _from_list(output: list[Any], images: list[Part], span: Span) -> tuple[str, bool]:
    texts: list[str] = []
    failed = False
    for block in output:
        if isinstance(block, dict) and (image := image_part(block, span)) is not None:
            images.append(image)
            continue
        text, error = _read(block, images, span)
        failed = failed or error
        if text.strip():
            texts.append(text)
    return "\n".join(texts), failed


def _from_text(output: str) -> tuple[str, bool]:
    if output.startswith(("{", "[{")):
        value = _json(output)
        if isinstance(value, dict) and _is_wrapped(value):
            return _from_object(value, [], Span())
        if isinstance(value, list) and all(as_text(as_dict(one).get("text")) for one in value):
            return "\n".join(one["text"] for one in value), False
        return output, False
    header, text = _split_header(output)
    code = _EXIT.search(header)
    failed = output.startswith(_FAILED) or (code is not None and code.group(1) != "0")
    return text, failed


def _is_wrapped(value: dict[str, Any]) -> bool:
    """``{"output": …, "metadata": {"exit_code": …}}`` and its kin, not just any JSON a tool printed."""
    if not isinstance(value.get("output"), str):
        return False
    return set(value) <= {
        "output",
        "metadata",
        "exit_code",
        "bytes_written",
        "success",
        "chunk_id",
        "wall_time_seconds",
    }


def _split_header(output: str) -> tuple[str, str]:
    """The lines Codex puts in front of a command's output, and the output."""
    command = _COMMAND.match(output)
    at = begun = command.end() if command is not None else 0
    while True:
        end = output.find("\n", at)
        line = output[at:] if end < 0 else output[at:end]
        if at > begun and line.rstrip() == "Output:":
            return output[:at], "" if end < 0 else output[end + 1 :]
        if end < 0 or not line.startswith(_HEADER):
            return (output[:at], output[at:]) if at > begun else ("", output)
        at = end + 1


def _is_failure(code: object) -> bool:
    return isinstance(code, int) and not isinstance(code, bool) and code != 0


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except ValueError:
        return None
