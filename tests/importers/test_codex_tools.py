"""Tool calls and results of every age of Codex, as a person would read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from importers.codex.calls import call_part
from importers.codex.results import result_parts
from importers.codex.script import commands, readable
from importers.contract import Span
from tests.importers.codex_script import Rollout, v7

PATCH = "*** Begin Patch\n*** Update File: src/lid.py\n@@\n-a\n+b\n*** Move to: src/cover.py\n*** End Patch"


def function(name: str, arguments: Any, **more: Any) -> dict[str, Any]:
    return {"type": "function_call", "name": name, "arguments": arguments, "call_id": "c", **more}


@pytest.mark.parametrize(
    ("item", "name", "text"),
    [
        (function("shell", '{"command":["bash","-lc","ls -la | head"]}'), "shell", "ls -la | head"),
        (function("shell", '{"command":["git","commit","-m","a b"]}'), "shell", "git commit -m 'a b'"),
        (function("shell_command", '{"command":"make tea","workdir":"/x"}'), "shell_command", "make tea"),
        (function("exec_command", '{"cmd":"make tea","yield_time_ms":1000}'), "exec_command", "make tea"),
        (function("exec_command", '{"cmd":["make","tea"]}'), "exec_command", "make tea"),
        (function("write_stdin", '{"session_id":7,"chars":"y\\n"}'), "write_stdin", "y\n"),
        (function("write_stdin", '{"session_id":7,"chars":""}'), "write_stdin", "(waits for session 7)"),
        (function("spawn_agent", '{"message":"Check the lid."}'), "spawn_agent", "Check the lid."),
        (function("brew", '{"cups": 2'), "brew", '{"cups": 2'),
        (function("brew", '{"cups": 2}'), "brew", '{"cups":2}'),
        (function("brew", None), "brew", ""),
        (function("_pour", '{"cups":2}', namespace="mcp__kettle"), "mcp__kettle_pour", '{"cups":2}'),
        (function("pour", '{"cups":2}', namespace="mcp__kettle"), "mcp__kettle__pour", '{"cups":2}'),
        ({"type": "local_shell_call", "action": {"type": "exec", "command": ["ls"]}}, "shell", "ls"),
        (
            {"type": "web_search_call", "action": {"type": "search", "query": "descale"}},
            "web_search",
            "descale",
        ),
        ({"type": "tool_search_call", "arguments": {"query": "kettle"}}, "tool_search", "kettle"),
        ({"type": "tool_call", "function": {"name": "run"}, "arguments": {"command": "ls"}}, "run", "ls"),
    ],
)
def test_calls_read_like_what_was_run(item: dict[str, Any], name: str, text: str) -> None:
    part = call_part(item, Span())
    assert (part.kind, part.name, part.text) == ("tool_call", name, text)


@pytest.mark.parametrize(
    "item",
    [
        {"type": "custom_tool_call", "name": "apply_patch", "input": PATCH, "call_id": "c"},
        function("apply_patch", json.dumps({"input": PATCH})),
        function("apply_patch", {"patch": PATCH}),
        function("shell", json.dumps({"command": ["apply_patch", PATCH]})),
        function("shell", json.dumps({"command": ["bash", "-lc", f"apply_patch <<'EOF'\n{PATCH}\nEOF"]})),
        {
            "type": "custom_tool_call",
            "name": "exec",
            "input": f"await tools.apply_patch(`{PATCH}`)",
            "call_id": "c",
        },
    ],
)
def test_a_patch_shows_its_change_and_files(item: dict[str, Any]) -> None:
    part = call_part(item, Span())
    assert PATCH in part.text
    assert part.paths == ("src/lid.py", "src/cover.py")


def test_patched_files_are_linked(tmp_path: Path) -> None:
    """The session is linked to each file it edits, once."""
    rollout = Rollout().turn(v7(9)).user("Rename it.")
    for number in range(2):
        rollout.item(
            "custom_tool_call", name="apply_patch", input=PATCH, call_id=f"p{number}", status="completed"
        )
    links = [(link.kind, link.target) for link in rollout.read(tmp_path).links]
    assert links == [("file", "src/lid.py"), ("file", "src/cover.py")]


def test_a_plan_is_a_list() -> None:
    plan = [{"step": "Boil", "status": "completed"}, {"step": "Pour", "status": "pending"}]
    part = call_part(function("update_plan", json.dumps({"explanation": "Tea.", "plan": plan})), Span())
    assert part.text == "Tea.\n[completed] Boil\n[pending] Pour"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('const r = await tools.exec_command({"cmd":"rg -n \\"lid\\" src","workdir":"/x"});\ntext(r.output);', ['rg -n "lid" src']),
        ("await tools.exec_command({\n  cmd: `ls\n  -la`,\n  workdir: '/x'\n})", ["ls\n  -la"]),
        ("await tools.exec_command({ cmd: ['git', 'status'] })", ["git status"]),
        ("await tools.exec_command({workdir: '/x', cmd: 'a \\'b\\''}); tools.write_stdin({session_id: 1, chars: \"y\\n\"})", ["a 'b'", "y\n"]),
        ("for (const c of list) await tools.exec_command({cmd: c})", []),
        ("text(ALL_TOOLS.length)", []),
    ],
)  # fmt: skip
def test_commands_inside_javascript(source: str, found: list[str]) -> None:
    """Case 25: code mode hides commands in JavaScript. One sees the literal ones; computed ones are not guessed."""
    assert commands(source) == found


def test_a_script_that_is_only_a_command_is_the_command() -> None:
    """A script around one command reads as the command; one that does more keeps its source below."""
    short = 'const r = await tools.exec_command({cmd: "make tea"});\ntext(r.output);'
    assert readable(short) == "make tea"
    long = short + "\n// " + "measure twice " * 30
    assert readable(long) == f"make tea\n\n{long}"
    assert readable("text(1)") == "text(1)"


HEAD = "Chunk ID: 5d2c1f\nWall time: 0.05 seconds\nProcess exited with code {code}\nOriginal token count: 3\nOutput:\n"


@pytest.mark.parametrize(
    ("output", "text", "failed"),
    [
        ("plain", "plain", False),
        ("", "", False),
        (None, "", False),
        (HEAD.format(code=0) + "three\nlines\n", "three\nlines\n", False),
        (HEAD.format(code=1) + "no lid\n", "no lid\n", True),
        ("Command: /bin/zsh -lc 'ls\n-la'\n" + HEAD.format(code=127) + "x", "x", True),
        ("Exit code: 0\nWall time: 0.1 seconds\nOutput:\nDone.\n", "Done.\n", False),
        ("Wall time: 2 seconds\nProcess running with session ID 9\nOutput:\nboiling", "boiling", False),
        ("Output: 3 cups\n", "Output: 3 cups\n", False),
        ('{"output":"ok\\n","metadata":{"exit_code":0,"duration_seconds":0.1}}', "ok\n", False),
        ('{"output":"bad\\n","metadata":{"exit_code":2}}', "bad\n", True),
        ('{"output":"a field of its own","cups":3}', '{"output":"a field of its own","cups":3}', False),
        ({"content": "ok", "success": True}, "ok", False),
        ({"content": "no", "success": False}, "no", True),
        ({"type": "input_text", "text": "a.txt\n"}, "a.txt\n", False),
        ({"stdout": "out", "stderr": "err", "exitCode": 3}, "out\nerr", True),
        ([{"type": "input_text", "text": "Script completed\nWall time 0.1 seconds\nOutput:\n"},
          {"type": "input_text", "text": '{"exit_code":2,"output":"command failed"}'}], "command failed", True),
        ([{"type": "input_text", "text": "Script failed\nWall time 0.1 seconds\nOutput:\n"},
          {"type": "input_text", "text": "Script error:\nboom"}], "Script error:\nboom", True),
        ('[{"text":"from a server","type":"text"}]', "from a server", False),
        ("failed in sandbox MacosSeatbelt with execution error: denied", "failed in sandbox MacosSeatbelt with execution error: denied", True),
        ("apply_patch verification failed: no such line", "apply_patch verification failed: no such line", True),
        ("aborted by user after 6.2s", "aborted by user after 6.2s", True),
    ],
)  # fmt: skip
def test_results_are_their_output(output: object, text: str, failed: bool) -> None:
    """Both shapes of result, old and new: one sees the output without its header, and whether it failed."""
    (part,) = result_parts(
        {"type": "function_call_output", "call_id": "c", "output": output}, "shell", Span()
    )
    assert (part.text, part.error, part.call_id) == (text, failed, "c")


def test_images_in_results_are_markers() -> None:
    image = {"type": "input_image", "image_url": "data:image/webp;base64," + "A" * 400}
    output = [{"type": "input_text", "text": "seen"}, image]
    text, marker = result_parts({"call_id": "c", "output": output}, "view_image", Span())
    assert text.text == "seen"
    assert (marker.kind, marker.name, marker.size) == ("image", "image/webp", 300)
