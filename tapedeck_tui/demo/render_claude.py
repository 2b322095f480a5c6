"""Writing a story as Claude Code writes a session (FORMATS 1.1-1.7): one JSON line per content block."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from tapedeck_tui.demo import ids
from tapedeck_tui.demo.claude_tools import answer, call_input
from tapedeck_tui.demo.clock import Clock, iso
from tapedeck_tui.demo.picture import png
from tapedeck_tui.demo.story import Step, Story

_SUMMARY = (
    "This session is being continued from a previous conversation that ran out of context. "
    "The conversation is summarized below:\n"
)
_REFUSED = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, "
    "the new_string was NOT written to the file). To tell you how to proceed, the user said:\n"
)


def write_claude(stories: list[Story], root: Path, now: float) -> list[Path]:
    """Write the stories below ``root`` (a ``.claude`` folder) and give the session files."""
    by_name = {story.name: story for story in stories}
    written: dict[str, _Transcript] = {}
    paths = []
    for story in sorted(stories, key=lambda s: "fork-of" in s.facts):  # originals before their forks
        transcript = _Transcript(story, now, by_name)
        if "fork-of" in story.facts:
            transcript.copy(written[story.facts["fork-of"]], story.facts["fork-at"])
        transcript.tell()
        written[story.name] = transcript
        paths.append(transcript.save(root))
    return paths


def project_folder(cwd: str) -> str:
    """Claude Code's folder name for a working directory."""
    return re.sub(r"[^A-Za-z0-9]", "-", cwd)


class _Transcript:
    """One session file in the making."""

    def __init__(self, story: Story, now: float, stories: dict[str, Story]) -> None:
        self.story = story
        self.stories = stories
        self.parent = stories.get(story.facts.get("agent-of", ""))
        self.clock = Clock(story, now)
        self.id = ids.session_id(story)
        self.lines: list[dict[str, Any]] = []
        self.marks: dict[str, int] = {}
        self.torn = ""
        self.before = ""
        self.message = ("", "")
        self.last_uuid: str | None = None
        self.call: tuple[str, Step] | None = None
        self.context = self.clock.number(14_000, 22_000)
        self.image = False
        self.queued = False
        self.last_prompt = ""

    def copy(self, other: _Transcript, mark: str) -> None:
        """Begin with the other's lines up to a marked step, as a fork does: only ``sessionId`` differs."""
        for line in other.lines[: other.marks[mark]]:
            if "uuid" in line:
                self.lines.append({**line, "sessionId": self.id})
                self.last_uuid = line["uuid"]

    def tell(self) -> None:
        """Render every step."""
        steps = self.story.steps
        first = next(n for n, step in enumerate(steps) if step.kind not in ("typed", "directive"))
        for number, step in enumerate(steps):
            if step.kind == "directive" and step.word == "torn":
                self._tear(steps[number + 1])
                return
            self._step(step)
            if number == first:
                self._title()
            self.before = step.kind
            self.marks.update(dict.fromkeys(step.marks, len(self.lines)))
        if self.parent is None and "headless" not in self.story.facts:
            self.lines.append({"type": "last-prompt", "lastPrompt": self.last_prompt, "sessionId": self.id})
        self._title()

    def _title(self) -> None:
        """The title a model gave: written after the first answer and again at the end."""
        if self.parent is None and "headless" not in self.story.facts:
            self.lines.append({"type": "ai-title", "aiTitle": self.story.title, "sessionId": self.id})

    def save(self, root: Path) -> Path:
        """Write the file (for a sub-agent with its ``.meta.json``) and give its path."""
        folder = root / "projects" / project_folder(self.story.project)
        if self.parent is not None:
            folder = folder / ids.session_id(self.parent) / "subagents"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.id}.jsonl"
        path.write_text("".join(_json(line) + "\n" for line in self.lines) + self.torn, "utf-8")
        if self.parent is not None:
            kind = self.story.facts.get("agent-type", "general-purpose")
            path.with_suffix(".meta.json").write_text(
                _json({"agentType": kind, "description": self.story.title})
            )
        return path

    def _step(self, step: Step) -> None:
        if step.kind == "typed":
            self._typed(step)
        elif step.kind == "thinking":
            signature = ids.token("Er", 90, self.story.name, step.text)
            self._assistant(
                step, {"type": "thinking", "thinking": step.text, "signature": signature}, new=True
            )
        elif step.kind == "assistant":
            self._assistant(step, {"type": "text", "text": step.text}, new=self.before != "thinking")
        elif step.kind == "directive":
            self._directive(step)
        else:
            self._tool(step)

    def _typed(self, step: Step) -> None:
        at = self.clock.pass_for(step)
        self.last_prompt = step.text
        if self.queued:
            self.queued = False
            note = {"type": "queue-operation", "timestamp": iso(at), "sessionId": self.id}
            self.lines.append({**note, "operation": "enqueue", "content": step.text})
            self.lines.append({**note, "operation": "remove"})
            queued = {"type": "queued_command", "prompt": step.text, "commandMode": "prompt"}
            self._append("attachment", at, attachment=queued)
            return
        content: Any = step.text
        extra: dict[str, Any] = {"promptSource": "sdk"} if "headless" in self.story.facts else {}
        if self.image:
            self.image = False
            data = base64.b64encode(png(self.story.name)).decode()
            source = {"type": "base64", "media_type": "image/png", "data": data}
            content = [{"type": "text", "text": step.text}, {"type": "image", "source": source}]
            extra["imagePasteIds"] = [1]
        self._user(content, at, **extra)

    def _assistant(self, step: Step, block: dict[str, Any], new: bool) -> str:
        """One line of an assistant message; gives its uuid."""
        at = self.clock.pass_for(step)
        if new:
            seed = (self.story.name, len(self.lines))
            self.message = (ids.token("msg_01", 22, *seed), ids.token("req_011C", 20, *seed))
            self.context += self.clock.number(180, 2_400)
        cached = self.context * 9 // 10
        usage = {
            "input_tokens": self.clock.number(3, 12),
            "cache_creation_input_tokens": self.context - cached,
            "cache_read_input_tokens": cached,
            "output_tokens": max(8, len(step.text) // 4),
            "service_tier": "standard",
        }
        message = {
            "model": self.story.model,
            "id": self.message[0],
            "type": "message",
            "role": "assistant",
            "content": [block],
            "stop_reason": "tool_use" if block["type"] == "tool_use" else None,
            "stop_sequence": None,
            "usage": usage,
        }
        return self._append("assistant", at, message=message, requestId=self.message[1])

    def _tool(self, step: Step) -> None:
        name = "Bash" if step.kind == "shell" else step.word
        call_id = ids.token("toolu_01", 22, self.story.name, len(self.lines))
        arguments = call_input(step, self.story, self.stories)
        block = {"type": "tool_use", "id": call_id, "name": name, "input": arguments}
        caller = self._assistant(step, block, new=self.before not in ("assistant", "thinking"))
        self.call = (call_id, step)
        self.clock.ran()
        content, structured = answer(step, self.story, self.stories, arguments)
        self._result(call_id, content, step.code != 0, structured, caller)

    def _result(self, call_id: str, content: Any, failed: bool, structured: Any, caller: str) -> None:
        block: dict[str, Any] = {"tool_use_id": call_id, "type": "tool_result", "content": content}
        if failed:
            block["is_error"] = True
        self._user([block], self.clock.at, toolUseResult=structured, sourceToolAssistantUUID=caller)

    def _directive(self, step: Step) -> None:
        at = self.clock.pass_for(step)
        if step.word == "image":
            self.image = True
        elif step.word == "queued":
            self.queued = True
        elif step.word == "interrupt":
            self._user([{"type": "text", "text": "[Request interrupted by user]"}], at)
        elif step.word == "reject":
            self._reject(step)
        elif step.word == "command":
            self._command(step, at)
        elif step.word == "compact":
            self._compact(step, at)

    def _reject(self, step: Step) -> None:
        """Turn the result of the call before into the user's refusal."""
        line = self.lines[-1]
        reason = step.text.partition(" ")[2]
        line["message"]["content"][0].update(content=_REFUSED + reason, is_error=True)
        line["toolUseResult"] = "User rejected tool use"
        line["timestamp"] = iso(self.clock.at)

    def _command(self, step: Step, at: float) -> None:
        name, _, arguments = step.rest.partition(" ")
        tags = f"<command-message>{name[1:]}</command-message>\n<command-name>{name}</command-name>"
        if arguments:
            tags += f"\n<command-args>{arguments}</command-args>"
        self._user(tags, at)
        if step.body:
            self._user([{"type": "text", "text": step.body}], at, isMeta=True)
        else:
            self._user("<local-command-stdout></local-command-stdout>", at)

    def _compact(self, step: Step, at: float) -> None:
        boundary = {"trigger": "auto", "preTokens": 167_000 + self.clock.number(0, 900)}
        logical, self.last_uuid = self.last_uuid, None
        self._append(
            "system",
            at,
            subtype="compact_boundary",
            content="Conversation compacted",
            isMeta=False,
            level="info",
            logicalParentUuid=logical,
            compactMetadata=boundary,
        )
        self._user(_SUMMARY + step.body, at, isCompactSummary=True, isVisibleInTranscriptOnly=True)
        self.context = self.clock.number(18_000, 24_000)

    def _tear(self, step: Step) -> None:
        """The record that is being written right now: half of it, without a line end."""
        self._step(step)
        whole = _json(self.lines.pop())
        self.torn = whole[: len(whole) * 2 // 3]

    def _user(self, content: Any, at: float, **extra: Any) -> str:
        return self._append("user", at, message={"role": "user", "content": content}, **extra)

    def _append(self, kind: str, at: float, **payload: Any) -> str:
        uuid = ids.random_uuid(self.story.name, "line", len(self.lines))
        line: dict[str, Any] = {
            "parentUuid": self.last_uuid,
            "isSidechain": self.parent is not None,
            "userType": "external",
            "entrypoint": "sdk-cli" if "headless" in self.story.facts else "cli",
            "cwd": self.story.project,
            "sessionId": self.id,
            "version": self.story.facts.get("version", "2.1.42"),
            "gitBranch": self.story.facts.get("branch", "main"),
        }
        if self.parent is not None:
            line |= {"agentId": self.id.removeprefix("agent-"), "sessionId": ids.session_id(self.parent)}
        line |= {"type": kind, **payload, "uuid": uuid, "timestamp": iso(at)}
        self.lines.append(line)
        self.last_uuid = uuid
        return uuid


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
