"""Writing stories as a ChatGPT data export: one ``conversations.json`` with a tree each (FORMATS 3)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tapedeck_tui.demo import ids
from tapedeck_tui.demo.clock import Clock
from tapedeck_tui.demo.story import Story, StoryError

_ROOT = "client-created-root"


def write_chatgpt(stories: list[Story], folder: Path, now: float) -> list[Path]:
    """Write the stories as one export into ``folder``; the newest conversation comes first, as there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "conversations.json"
    ordered = sorted(stories, key=lambda story: -story.start(now))
    path.write_text(json.dumps([_conversation(story, now) for story in ordered], ensure_ascii=False), "utf-8")
    return [path]


def _conversation(story: Story, now: float) -> dict[str, Any]:
    clock = Clock(story, now)
    identity = ids.session_id(story)
    created = clock.at
    hidden = ids.random_uuid(story.name, "system")
    mapping: dict[str, Any] = {
        _ROOT: {"id": _ROOT, "message": None, "parent": None, "children": [hidden]},
        hidden: _hidden(hidden),
    }
    current, replaced = hidden, ""
    for number, step in enumerate(story.steps):
        at = clock.pass_for(step)
        if step.kind == "directive":
            if step.word == "again":
                replaced = current
            elif step.word != "wait":
                raise StoryError(f"{story.name}: a ChatGPT conversation has no {step.word!r}")
            continue
        if step.kind not in ("typed", "assistant"):
            raise StoryError(f"{story.name}: a ChatGPT conversation has no {step.kind} step")
        node = ids.random_uuid(story.name, number)
        parent = mapping[replaced]["parent"] if replaced else current
        replaced = ""
        mapping[node] = _node(node, parent, step.kind, step.text, at, story)
        mapping[parent]["children"].append(node)
        current = node
    return {
        "title": story.title,
        "create_time": created,
        "update_time": clock.at,
        "mapping": mapping,
        "moderation_results": [],
        "current_node": current,
        "plugin_ids": None,
        "conversation_id": identity,
        "conversation_template_id": None,
        "gizmo_id": None,
        "gizmo_type": None,
        "is_archived": False,
        "is_starred": None,
        "safe_urls": [],
        "default_model_slug": story.model,
        "conversation_origin": None,
        "voice": None,
        "async_status": None,
        "id": identity,
    }


def _hidden(node: str) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": node,
        "author": {"role": "system", "name": None, "metadata": {}},
        "create_time": None,
        "update_time": None,
        "content": {"content_type": "text", "parts": [""]},
        "status": "finished_successfully",
        "end_turn": True,
        "weight": 0.0,
        "metadata": {"is_visually_hidden_from_conversation": True},
        "recipient": "all",
        "channel": None,
    }
    return {"id": node, "message": message, "parent": _ROOT, "children": []}


def _node(node: str, parent: str, kind: str, text: str, at: float, story: Story) -> dict[str, Any]:
    from_user = kind == "typed"
    metadata: dict[str, Any] = {"timestamp_": "absolute", "message_type": None}
    if not from_user:
        metadata |= {"model_slug": story.model, "finish_details": {"type": "stop"}, "citations": []}
    message = {
        "id": node,
        "author": {"role": "user" if from_user else "assistant", "name": None, "metadata": {}},
        "create_time": at,
        "update_time": None,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "end_turn": None if from_user else True,
        "weight": 1.0,
        "metadata": metadata,
        "recipient": "all",
        "channel": None,
    }
    return {"id": node, "message": message, "parent": parent, "children": []}
