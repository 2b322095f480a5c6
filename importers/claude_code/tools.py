"""Tool calls as a person would read them: the command, the path and the change, the question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from importers.readers import as_dict, as_list, as_text, compact_json

_PATH_KEYS = ("file_path", "notebook_path", "path", "filePath")
MAX_PATHS = 20


def call_text(name: str, given: object) -> str:
    """The arguments of a call as readable text; compact JSON for tools not known here."""
    if not isinstance(given, dict):
        return given if isinstance(given, str) else compact_json(given) if given is not None else ""
    render = _RENDER.get(name)
    text = render(given) if render else ""
    return text or (compact_json(given) if given else "")


def call_paths(given: object) -> tuple[str, ...]:
    """The file names a call names, as written."""
    found = [as_text(as_dict(given).get(key)) for key in _PATH_KEYS]
    return tuple(dict.fromkeys(path for path in found if path))[:MAX_PATHS]


def answers_text(result: dict[str, Any]) -> str:
    """The user's answers to the questions of an AskUserQuestion result, "" when there are none."""
    answers = result.get("answers")
    if not isinstance(answers, dict):
        return ""
    notes = as_dict(result.get("annotations"))
    lines = []
    for question, answer in answers.items():
        said = ", ".join(as_text(each) for each in answer) if isinstance(answer, list) else as_text(answer)
        note = as_text(as_dict(notes.get(question)).get("notes"))
        if said or note:
            lines.append("\n".join(part for part in (question, f"→ {said}", note) if part))
    return "\n".join(lines)


def _words(*keys: str) -> Callable[[dict[str, Any]], str]:
    """The named fields that are text, each on a line of its own."""
    return lambda given: "\n".join(part for key in keys if (part := as_text(given.get(key))))


def _shell(given: dict[str, Any]) -> str:
    command = as_text(given.get("command"))
    about = as_text(given.get("description"))
    return f"{command}\n# {about}" if command and about else command


def _change(old: str, new: str) -> str:
    lines = [f"- {line}" for line in old.split("\n")] if old else []
    return "\n".join(lines + ([f"+ {line}" for line in new.split("\n")] if new else []))


def _edit(given: dict[str, Any]) -> str:
    edits = [as_dict(each) for each in as_list(given.get("edits"))] or [given]
    changes = [_change(as_text(e.get("old_string")), as_text(e.get("new_string"))) for e in edits]
    return "\n".join([as_text(given.get("file_path")), *(change for change in changes if change)]).strip()


def _read(given: dict[str, Any]) -> str:
    path, first, count = as_text(given.get("file_path")), given.get("offset"), given.get("limit")
    told = [f"{count} lines"] if isinstance(count, int) else []
    told += [f"from line {first}"] if isinstance(first, int) else []
    return f"{path} ({' '.join(told)})" if path and told else path


def _search(given: dict[str, Any]) -> str:
    pattern, where = as_text(given.get("pattern")), as_text(given.get("path"))
    only = as_text(given.get("glob")) or as_text(given.get("type"))
    return pattern + (f" in {where}" if where else "") + (f" ({only})" if only else "") if pattern else ""


def _agent(given: dict[str, Any]) -> str:
    about, kind = as_text(given.get("description")), as_text(given.get("subagent_type"))
    head = f"{about} ({kind})" if about and kind else about or kind
    return "\n\n".join(part for part in (head, as_text(given.get("prompt"))) if part)


def _todos(given: dict[str, Any]) -> str:
    marks = {"completed": "[x]", "in_progress": "[~]"}
    lines = []
    for each in as_list(given.get("todos")):
        todo = as_dict(each)
        what = as_text(todo.get("content")) or as_text(each)
        if what:
            lines.append(f"{marks.get(as_text(todo.get('status')), '[ ]')} {what}")
    return "\n".join(lines)


def _questions(given: dict[str, Any]) -> str:
    lines = []
    for each in as_list(given.get("questions")):
        lines.append(as_text(as_dict(each).get("question")))
        options = (as_dict(option) for option in as_list(as_dict(each).get("options")))
        for option in options:
            about = as_text(option.get("description"))
            lines.append(f"- {as_text(option.get('label'))}" + (f": {about}" if about else ""))
    return "\n".join(line for line in lines if line)


def _skill(given: dict[str, Any]) -> str:
    name = as_text(given.get("skill")) or as_text(given.get("command"))
    return f"{name} {as_text(given.get('args'))}".strip()


_RENDER: dict[str, Callable[[dict[str, Any]], str]] = {
    "Bash": _shell,
    "PowerShell": _shell,
    "Monitor": _shell,
    "Edit": _edit,
    "MultiEdit": _edit,
    "Write": _words("file_path", "content"),
    "NotebookEdit": _words("notebook_path", "new_source"),
    "Read": _read,
    "LS": _words("path"),
    "Grep": _search,
    "Glob": _search,
    "Task": _agent,
    "Agent": _agent,
    "TodoWrite": _todos,
    "TaskCreate": _words("subject", "description"),
    "WebFetch": _words("url", "prompt"),
    "WebSearch": _words("query"),
    "ToolSearch": _words("query"),
    "Skill": _skill,
    "AskUserQuestion": _questions,
    "ExitPlanMode": _words("plan"),
    "exit_plan_mode": _words("plan"),
}
