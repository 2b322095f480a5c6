"""Writing a story as the Codex CLI writes a rollout of the envelope generation (FORMATS 2.2 B, 2.3, 2.4)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from tapedeck_tui.demo import ids, patch
from tapedeck_tui.demo.clock import Clock, iso
from tapedeck_tui.demo.story import Step, Story, StoryError, command_and_output

_VERSION = "0.121.0"
_WINDOW = 258_400
_BASE = "You are Codex, a coding agent based on GPT-5. You and the user share the same workspace."
_PERMISSIONS = (
    "<permissions instructions>\nFilesystem sandboxing defines which files can be read or written. "
    "`sandbox_mode` is `workspace-write`. Network access is restricted.\n</permissions instructions>"
)
_PLAN_STATES = {"[x]": "completed", "[~]": "in_progress", "[ ]": "pending"}


def write_codex(stories: list[Story], root: Path, now: float) -> list[Path]:
    """Write the stories below ``root`` (a ``.codex`` folder) and give the rollout files."""
    return [_Rollout(story, now).tell().save(root) for story in stories]


class _Rollout:
    """One rollout file in the making."""

    def __init__(self, story: Story, now: float) -> None:
        self.story = story
        self.clock = Clock(story, now)
        self.started = self.clock.at
        self.id = ids.session_id(story)
        self.lines: list[dict[str, Any]] = []
        self.turn = ""
        self.turns = 0
        self.said = ""
        self.total = {
            "input_tokens": 0,
            "cached_input_tokens": 0,
            "output_tokens": 0,
            "reasoning_output_tokens": 0,
        }
        self.context = self.clock.number(9_000, 13_000)

    def tell(self) -> _Rollout:
        """Render every step."""
        self._meta()
        for number, step in enumerate(self.story.steps):
            following = self.story.steps[number + 1 :]
            if step.kind == "typed":
                self._close()
                self._open(step)
            elif step.kind == "assistant":
                self._assistant(step, final=not following or following[0].kind in ("typed", "directive"))
            elif step.kind == "thinking":
                self._thinking(step)
            elif step.kind == "directive":
                self._directive(step)
            else:
                self._tool(step)
        self._close()
        return self

    def save(self, root: Path) -> Path:
        """Write the file where Codex would and give its path."""
        start = datetime.fromtimestamp(self.started, UTC)
        folder = root / "sessions" / start.strftime("%Y/%m/%d")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"rollout-{start.strftime('%Y-%m-%dT%H-%M-%S')}-{self.id}.jsonl"
        path.write_text("".join(_json(line) + "\n" for line in self.lines), "utf-8")
        return path

    def _meta(self) -> None:
        commit = ids.hexadecimal(40, self.story.name, "commit")
        meta = {
            "id": self.id,
            "timestamp": iso(self.started),
            "cwd": self.story.project,
            "originator": "codex-tui",
            "cli_version": self.story.facts.get("version", _VERSION),
            "source": "cli",
            "model_provider": "openai",
            "base_instructions": {"text": _BASE},
            "git": {"commit_hash": commit, "branch": self.story.facts.get("branch", "main")},
        }
        self._line("session_meta", meta)

    def _open(self, step: Step) -> None:
        """A new turn of the model: what the harness says first, then the prompt."""
        at = self.clock.pass_for(step)
        self.turns += 1
        self.turn = ids.ordered_uuid(self.story, self.turns)
        self._event(
            "task_started", turn_id=self.turn, model_context_window=_WINDOW, collaboration_mode_kind="default"
        )
        day = iso(at)[:10]
        if self.turns == 1:
            self._message("developer", "input_text", _PERMISSIONS)
            where = (
                f"<cwd>{self.story.project}</cwd>\n  <shell>zsh</shell>\n  <current_date>{day}</current_date>"
            )
            environment = (
                f"<environment_context>\n  {where}\n  <timezone>Etc/UTC</timezone>\n</environment_context>"
            )
            self._message("user", "input_text", environment)
        context = {
            "turn_id": self.turn,
            "cwd": self.story.project,
            "current_date": day,
            "timezone": "Etc/UTC",
            "approval_policy": "on-request",
            "sandbox_policy": {"type": "workspace-write", "network_access": False},
            "model": self.story.model,
            "effort": "medium",
            "summary": "auto",
        }
        self._line("turn_context", context)
        self._message("user", "input_text", step.text)
        self._event("user_message", message=step.text, images=[], local_images=[], text_elements=[])
        if self.turns == 1:
            self._event("thread_name_updated", thread_id=self.id, thread_name=self.story.title)

    def _close(self) -> None:
        if self.turn:
            self._tokens(len(self.said))
            self._event("task_complete", turn_id=self.turn, last_agent_message=self.said)
        self.turn = ""

    def _assistant(self, step: Step, final: bool) -> None:
        self.clock.pass_for(step)
        phase = "final_answer" if final else "commentary"
        self.said = step.text
        self._event("agent_message", message=step.text, phase=phase, memory_citation=None)
        self._message("assistant", "output_text", step.text, phase=phase)

    def _thinking(self, step: Step) -> None:
        self.clock.pass_for(step)
        self._event("agent_reasoning", text=step.text)
        summary = [{"type": "summary_text", "text": step.text}]
        self._item(type="reasoning", summary=summary, content=None, encrypted_content=None)

    def _tool(self, step: Step) -> None:
        self.clock.pass_for(step)
        call = ids.token("call_", 24, self.story.name, len(self.lines))
        if step.kind == "shell":
            self._shell(step, call)
        elif step.word in ("Edit", "Write"):
            self._patch(step, call)
        elif step.word == "TodoWrite":
            plan = [{"step": line[4:], "status": _PLAN_STATES[line[:3]]} for line in step.body.splitlines()]
            arguments = _json({"plan": plan})
            self._item(type="function_call", name="update_plan", arguments=arguments, call_id=call)
            self._item(type="function_call_output", call_id=call, output="Plan updated")
        elif step.word == "WebSearch":
            action = {"type": "search", "query": step.rest, "queries": [step.rest]}
            self._item(type="web_search_call", status="completed", action=action)
        else:
            raise StoryError(f"{self.story.name}: no such tool: {step.word}")
        self._tokens(len(step.text))

    def _shell(self, step: Step, call: str) -> None:
        command, printed = command_and_output(step)
        arguments = {
            "cmd": command,
            "workdir": self.story.project,
            "yield_time_ms": 1000,
            "max_output_tokens": 6000,
        }
        self._item(type="function_call", name="exec_command", arguments=_json(arguments), call_id=call)
        seconds = self.clock.ran()
        output = (
            f"Chunk ID: {ids.hexadecimal(6, call)}\nWall time: {seconds:.4f} seconds\n"
            f"Process exited with code {step.code}\nOriginal token count: {len(printed) // 4 + 1}\n"
            f"Output:\n{printed}\n"
        )
        self._item(type="function_call_output", call_id=call, output=output)

    def _patch(self, step: Step, call: str) -> None:
        path = str(PurePosixPath(self.story.project) / step.rest)
        text = patch.add(path, step.body) if step.word == "Write" else patch.update(path, step.body)
        self._item(type="custom_tool_call", status="completed", call_id=call, name="apply_patch", input=text)
        letter = "A" if step.word == "Write" else "M"
        done = {
            "output": f"Success. Updated the following files:\n{letter} {path}\n",
            "metadata": {"exit_code": 0, "duration_seconds": 0.0},
        }
        self._item(type="custom_tool_call_output", call_id=call, output=_json(done))

    def _directive(self, step: Step) -> None:
        self.clock.pass_for(step)
        if step.word == "interrupt":
            self._message(
                "user",
                "input_text",
                "<turn_aborted>\nThe user interrupted the previous turn on purpose.\n</turn_aborted>",
            )
            self._event("turn_aborted", turn_id=self.turn, reason="interrupted")
            self.turn = ""
        elif step.word == "compact":
            history = [
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": step.body}]}
            ]
            self._line("compacted", {"message": step.body, "replacement_history": history})
            self._event("context_compacted")
        elif step.word != "wait":
            raise StoryError(f"{self.story.name}: a Codex session has no {step.word!r}")

    def _tokens(self, written: int) -> None:
        """The running totals, as the event after each answer of the API carries them."""
        self.context += self.clock.number(150, 1_800)
        last = {
            "input_tokens": self.context,
            "cached_input_tokens": self.context * 8 // 10,
            "output_tokens": written // 4 + 20,
            "reasoning_output_tokens": self.clock.number(0, 200),
        }
        for key, value in last.items():
            self.total[key] += value
        info = {
            "total_token_usage": _summed(self.total),
            "last_token_usage": _summed(last),
            "model_context_window": _WINDOW,
        }
        self._event("token_count", info=info, rate_limits=None)

    def _message(self, role: str, kind: str, text: str, **extra: Any) -> None:
        self._item(type="message", role=role, content=[{"type": kind, "text": text}], **extra)

    def _item(self, **payload: Any) -> None:
        self._line("response_item", payload)

    def _event(self, kind: str, **payload: Any) -> None:
        self._line("event_msg", {"type": kind, **payload})

    def _line(self, kind: str, payload: dict[str, Any]) -> None:
        self.lines.append({"timestamp": iso(self.clock.move(0.001)), "type": kind, "payload": payload})


def _summed(usage: dict[str, int]) -> dict[str, int]:
    return {**usage, "total_tokens": usage["input_tokens"] + usage["output_tokens"]}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
