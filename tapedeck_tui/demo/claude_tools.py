"""The tools of Claude Code in a story: what they are called with, and what they answer (FORMATS 1.5)."""

from __future__ import annotations

import base64
from pathlib import PurePosixPath
from typing import Any

from tapedeck_tui.demo import ids
from tapedeck_tui.demo.patch import sides
from tapedeck_tui.demo.picture import png
from tapedeck_tui.demo.story import Step, Story, StoryError, command_and_output

_TODO_STATES = {"[x]": "completed", "[~]": "in_progress", "[ ]": "pending"}
_PICTURES = (".jpg", ".png")
_EDITED = "The file {} has been updated successfully."
_CREATED = "File created successfully at: {}"
_TODOS = (
    "Todos have been modified successfully. Ensure that you continue to use the todo list to track your progress. "
    "Please proceed with the current tasks if applicable"
)


def call_input(step: Step, story: Story, stories: dict[str, Story]) -> dict[str, Any]:
    """The ``input`` of the tool call. Raises StoryError for a tool it does not know."""
    if step.kind == "shell":
        return {"command": command_and_output(step)[0]}
    target = step.rest
    if step.word == "Read":
        path, first, last = _range(target)
        wanted: dict[str, Any] = {"file_path": _absolute(path, story)}
        return wanted | ({"offset": first, "limit": last - first + 1} if last else {})
    if step.word == "Edit":
        old, new = sides(step.body)
        return {
            "file_path": _absolute(target, story),
            "old_string": old,
            "new_string": new,
            "replace_all": False,
        }
    if step.word == "Write":
        return {"file_path": _absolute(target, story), "content": step.body + "\n"}
    if step.word == "Grep":
        pattern, _, path = target.rpartition(" in ")
        return {"pattern": pattern or target, "path": path or ".", "output_mode": "content", "-n": True}
    if step.word == "Glob":
        return {"pattern": target}
    if step.word == "TodoWrite":
        return {"todos": list(_todos(step.body))}
    if step.word == "ExitPlanMode":
        return {"plan": step.body}
    if step.word == "WebSearch":
        return {"query": target}
    if step.word == "AskUserQuestion":
        choices = [{"label": label, "description": ""} for label in step.body.splitlines()[1:]]
        return {
            "questions": [{"question": target, "header": "Choice", "options": choices, "multiSelect": False}]
        }
    if step.word == "Task":
        child = _child(step, stories)
        kind = child.facts.get("agent-type", "general-purpose")
        return {"description": child.title, "prompt": child.steps[0].text, "subagent_type": kind}
    raise StoryError(f"{story.name}: no such tool: {step.word}")


def answer(step: Step, story: Story, stories: dict[str, Story], arguments: dict[str, Any]) -> tuple[Any, Any]:
    """The content of the tool result, and ``toolUseResult``, its structured twin."""
    if step.kind == "shell":
        return _shell_answer(step)
    if step.code:
        error = f"<tool_use_error>{step.body}</tool_use_error>"
        return error, f"Error: {step.body}"
    path = arguments.get("file_path", "")
    if step.word == "Read":
        return _read_answer(step, path, int(arguments.get("offset", 1)))
    if step.word == "Edit":
        changed = {
            "filePath": path,
            "oldString": arguments["old_string"],
            "newString": arguments["new_string"],
        }
        return _EDITED.format(path), changed | {"userModified": False, "replaceAll": False}
    if step.word == "Write":
        created = {"type": "create", "filePath": path, "content": arguments["content"], "structuredPatch": []}
        return _CREATED.format(path), created
    if step.word == "TodoWrite":
        return _TODOS, {"oldTodos": [], "newTodos": arguments["todos"]}
    if step.word == "ExitPlanMode":
        return "User has approved your plan. You can now start coding.", {"plan": step.body, "isAgent": False}
    if step.word == "AskUserQuestion":
        chosen = step.body.splitlines()[0]
        told = f'User has answered your questions: "{step.rest}"="{chosen}". You can now continue.'
        return told, {"questions": arguments["questions"], "answers": {step.rest: chosen}}
    if step.word == "Task":
        return _task_answer(step, stories, arguments)
    found = [line.split(":", 1)[0] for line in step.body.splitlines() if line]
    names = sorted(set(found))
    structured = {"mode": "content", "filenames": names, "numFiles": len(names), "content": step.body}
    return step.body or "No matches found", structured


def _shell_answer(step: Step) -> tuple[Any, Any]:
    output = command_and_output(step)[1]
    if step.code:
        text = f"Exit code {step.code}\n{output}"
        return text, f"Error: {text}"
    structured = {"stdout": output, "stderr": "", "interrupted": False, "isImage": False}
    return output or "(Bash completed with no output)", structured


def _read_answer(step: Step, path: str, first: int) -> tuple[Any, Any]:
    if path.endswith(_PICTURES):
        return _picture_answer(path)
    lines = step.body.split("\n")
    numbered = "\n".join(f"{number:>6}→{line}" for number, line in enumerate(lines, first))
    file = {"filePath": path, "content": step.body, "numLines": len(lines), "startLine": first}
    return numbered, {"type": "text", "file": file | {"totalLines": first + len(lines) - 1}}


def _picture_answer(path: str) -> tuple[Any, Any]:
    raw = png(path)
    data = base64.b64encode(raw).decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    file = {"base64": data, "type": "image/png", "originalSize": len(raw)}
    return [{"type": "image", "source": source}], {"type": "image", "file": file}


def _task_answer(step: Step, stories: dict[str, Story], arguments: dict[str, Any]) -> tuple[Any, Any]:
    child = _child(step, stories)
    agent = ids.session_id(child).removeprefix("agent-")
    content = [{"type": "text", "text": step.body}]
    calls = sum(1 for part in child.steps if part.kind in ("shell", "tool"))
    structured = {
        "status": "completed",
        "prompt": arguments["prompt"],
        "agentId": agent,
        "content": content,
        "totalDurationMs": 41_000 + 3_700 * calls,
        "totalTokens": 16_000 + 2_100 * calls,
        "totalToolUseCount": calls,
    }
    return [
        *content,
        {"type": "text", "text": f"agentId: {agent} (for resuming to continue this agent's work)"},
    ], structured


def _child(step: Step, stories: dict[str, Story]) -> Story:
    if step.rest not in stories:
        raise StoryError(f"no sub-agent session is named {step.rest!r}")
    return stories[step.rest]


def _absolute(path: str, story: Story) -> str:
    return str(PurePosixPath(story.project) / path)


def _range(target: str) -> tuple[str, int, int]:
    """``src/doors.py:12-40`` -> path, first line, last line (1, 0: the whole file)."""
    path, _, lines = target.partition(":")
    first, _, last = lines.partition("-")
    return path, int(first or 1), int(last or 0)


def _todos(body: str) -> list[dict[str, str]]:
    todos = []
    for line in body.splitlines():
        content = line[4:]
        todos.append({"content": content, "status": _TODO_STATES[line[:3]], "activeForm": content})
    return todos
