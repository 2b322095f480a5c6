"""Codex rollouts: who said what, once each. Case numbers are those of the list of nasty files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from importers.codex import Codex
from importers.contract import (
    FLAG_ABANDONED,
    FLAG_COMMAND,
    FLAG_COMPACTION,
    FLAG_FAILED,
    FLAG_HEADLESS,
    FLAG_SIDECHAIN,
)
from tests.importers.codex_script import PROJECT, Rollout, iso, read, v4, v7

MAIN = "/root"
"""The path of the first agent of a team."""
ONE, TWO, THREE = v7(10), v7(500), v7(900)


def small() -> Rollout:
    """A prompt, some work, an answer."""
    rollout = Rollout().turn(ONE).environment()
    rollout.user("Why does the kettle whistle twice?").think("**Reading the valve code**")
    rollout.call("exec_command", cmd="rg -n whistle src", workdir=PROJECT).ran("src/valve.py:12: whistle()\n")
    return rollout.say("It is called from two places.").tokens(900, 100, 40).tokens(900, 100, 40, again=True)


def test_the_assistant_side_is_one_turn_until_a_result(tmp_path: Path) -> None:
    """Reasoning and the call it led to are one turn; the result is a turn of its own; the answer starts anew."""
    got = small().read(tmp_path)
    assert [(t.author, [p.kind for p in t.parts]) for t in got.turns] == [
        ("machine", ["text"]),
        ("typed", ["text"]),
        ("assistant", ["thinking", "tool_call"]),
        ("tool", ["tool_result"]),
        ("assistant", ["text"]),
    ]
    assert got.turns[2].parts[1].text == "rg -n whistle src"
    assert got.turns[3].parts[0].text == "src/valve.py:12: whistle()\n"
    assert got.turns[3].parts[0].name == "exec_command"
    assert {t.model for t in got.turns if t.author == "assistant"} == {"gpt-5.4"}


def test_keys_are_thread_turn_and_position(tmp_path: Path) -> None:
    """A key holds the thread, the Codex turn and the number of the item in it, so every copy agrees."""
    got = small().read(tmp_path)
    assert [t.key for t in got.turns] == [f"codex:{v7(0)}:{ONE}:{n}" for n in (0, 1, 2, 4, 5)]


def test_session_row(tmp_path: Path) -> None:
    """The session shows its folder, branch, model, version and, as title, the first thing typed."""
    session = small().read(tmp_path).sessions[-1]
    assert session.id == v7(0)
    assert (session.project, session.branch, session.model) == (PROJECT, "main", "gpt-5.4")
    assert (session.title, session.title_rank) == ("Why does the kettle whistle twice?", 10)
    assert dict(session.extra)["version"] == "0.121.0"
    assert session.headless is False


@pytest.mark.parametrize(
    "text",
    [
        f"# AGENTS.md instructions for {PROJECT}\n\n<INSTRUCTIONS>\nUse tabs.\n</INSTRUCTIONS>",
        "<user_instructions>\nUse tabs.\n</user_instructions>",
        "<turn_aborted>\nThe user interrupted the previous turn.\n</turn_aborted>",
        '<subagent_notification>\n{"agent_id":"x","status":"done"}\n</subagent_notification>',
        "<skill>\n<name>brew</name>\n</skill>",
        "<recommended_plugins>\nnone\n</recommended_plugins>",
        "<user_action>\n  <context>User ran a review.</context>\n</user_action>",
        "<some_new_wrapper>\nnobody has seen this kind yet\n</some_new_wrapper>",
    ],
)
def test_injected_text_is_not_the_user(tmp_path: Path, text: str) -> None:
    """Case 1: half of the user records are not the user. One sees them as machine text, the prompt as typed."""
    got = Rollout().turn(ONE).user(text, event=False).user("Descale it.").read(tmp_path)
    assert got.said == [("machine", text), ("typed", "Descale it.")]


def test_the_event_says_that_a_quoted_wrapper_was_typed(tmp_path: Path) -> None:
    """Case 1: a prompt that quotes a wrapper is still the user's, because the event repeats it."""
    quoted = "<environment_context> what is this tag in my log?"
    got = Rollout().turn(ONE).user(quoted).say("The harness writes it.").read(tmp_path)
    assert got.said[0] == ("typed", quoted)


def test_the_event_may_come_first(tmp_path: Path) -> None:
    """Some writers put the event before the message: one sees one prompt, typed."""
    quoted = "<skill> is not a tag I know"
    rollout = Rollout().turn(ONE).event("user_message", message=quoted, images=[])
    got = rollout.user(quoted, event=False).say("Nor I.").read(tmp_path)
    assert got.said == [("typed", quoted), ("assistant", "Nor I.")]


def test_a_shell_command_of_the_user_is_marked(tmp_path: Path) -> None:
    """What the user ran with ``!`` is no prompt but is shown as a command."""
    text = "<user_shell_command>\n<command>\nls\n</command>\n</user_shell_command>"
    got = Rollout().turn(ONE).user("Look around.").user(text, event=False).say("Done.").read(tmp_path)
    assert got.turns[1].author == "machine"
    assert FLAG_COMMAND in got.turns[1].flags


def test_desktop_prompts_lose_their_wrapper(tmp_path: Path) -> None:
    """IDE and desktop put files and selections in front: one sees only what stands under the last request
    heading, and the picture as a marker of its size."""
    wrapped = (
        "\n# Files mentioned by the user:\n\n## valve.png: /home/mira/valve.png\n"
        "\n## My request for Codex:\nWhy is the valve red?\n"
    )
    content = [
        {"type": "input_text", "text": wrapped},
        {"type": "input_text", "text": "<image name=[Image #1]>"},
        {"type": "input_image", "image_url": "data:image/png;base64," + "A" * 4000},
        {"type": "input_text", "text": "</image>"},
    ]
    rollout = Rollout().turn(ONE).item("message", role="user", content=content)
    got = rollout.event("user_message", message=wrapped, images=["data:image/png;base64,AAAA"]).read(tmp_path)
    assert len(got.turns) == 1
    text, image = got.turns[0].parts
    assert text.text == "Why is the valve red?"
    assert (image.kind, image.name, image.size) == ("image", "image/png", 3000)
    assert "AAAA" not in image.text


def forked(parent: Rollout, thread: str, at: float) -> Rollout:
    """A sub-agent forked from the parent: its history again, then its own task."""
    spawn = {
        "parent_thread_id": parent.thread,
        "depth": 1,
        "agent_nickname": "Brunel",
        "agent_role": "explorer",
    }
    fork = Rollout(thread, at, forked_from_id=parent.thread, source={"subagent": {"thread_spawn": spawn}})
    return fork.replay(parent)


def test_a_fork_does_not_repeat_its_parent(tmp_path: Path) -> None:
    """Case 2: a forked sub-agent repeats its parent with new times. One sees only its own turns, by the
    parent model, only its own tokens, where it came from, and no turn that both files share."""
    parent = small().call("spawn_agent", message="Check the lid.").output('{"agent_id":"x"}')
    fork = forked(parent, v7(400), 400).turn(TWO)
    fork.user("Check the lid.").say("The lid is fine.").tokens(50, 10, 7)
    first, second = parent.read(tmp_path), fork.read(tmp_path)
    assert second.said == [("parent-model", "Check the lid."), ("assistant", "The lid is fine.")]
    assert not {t.key for t in first.turns} & {t.key for t in second.turns}
    assert [(u.input, u.cache_read, u.output) for u in second.usage] == [(50, 10, 7)]
    assert [(link.kind, link.target) for link in second.links] == [("forked-from", parent.thread)]
    assert second.sessions[-1].parent == parent.thread
    assert all(FLAG_SIDECHAIN in turn.flags for turn in second.turns)


def test_a_fork_with_random_ids_ends_its_replay_by_time(tmp_path: Path) -> None:
    """Case 2 before time-ordered ids: what was written within a second of the header is the parent's."""
    parent = Rollout(v4(1)).user("Boil.").say("Boiling.")
    fork = Rollout(v4(2), forked_from_id=v4(1))
    fork.now = 0.0
    fork.replay(parent)
    fork.now = 30.0
    got = fork.user("Now cool it.").say("Cooling.").read(tmp_path)
    assert got.said == [("typed", "Now cool it."), ("assistant", "Cooling.")]


def test_a_fork_without_the_parents_header(tmp_path: Path) -> None:
    """A fork that leaves the parent's header out repeats its turns all the same: they are dropped too."""
    parent = small()
    fork = Rollout(v7(400), forked_from_id=parent.thread)
    fork.now = 400
    for line in parent.lines[1:]:
        fork.lines.append(line)
    got = fork.turn(TWO).user("Only this.").say("Yes.").read(tmp_path)
    assert got.said == [("typed", "Only this."), ("assistant", "Yes.")]


def test_spawned_without_fork_keeps_everything(tmp_path: Path) -> None:
    """A sub-agent that was not forked has only records of its own: nothing is dropped."""
    spawn = {"thread_spawn": {"parent_thread_id": v7(0), "depth": 1}}
    rollout = Rollout(v7(400), source={"subagent": spawn}).environment().turn(TWO)
    got = rollout.user("Count the spoons.").say("Seven.").read(tmp_path)
    assert got.said[1:] == [("parent-model", "Count the spoons."), ("assistant", "Seven.")]
    assert got.sessions[-1].parent == v7(0)


def test_glued_records_are_both_read(tmp_path: Path) -> None:
    """Case 4: two objects on one line. One sees both answers and no problem."""
    rollout = Rollout().turn(ONE).user("Tea?").say("Yes.").say("Green.")
    last = rollout.lines.pop()
    rollout.lines[-1] += last
    got = rollout.read(tmp_path)
    assert got.texts("assistant") == ["Yes. / Green."]
    assert got.problems == []


def test_the_oldest_generation(tmp_path: Path) -> None:
    """Case 14: bare items without envelope and times. One sees the conversation, the folder out of the
    environment text, no times on turns, the header's time on the session, and nothing for state lines."""
    lines = [
        {"id": v4(7), "timestamp": iso(0), "instructions": "Be brief.", "git": {"branch": "trunk"}},
        {"record_type": "state"},
        {
            "type": "message",
            "role": "user",
            "content": [
                {
                    "type": "input_text",
                    "text": f"<environment_context>\n<cwd>{PROJECT}</cwd>\n</environment_context>",
                }
            ],
        },
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "List the files"}]},
        {"record_type": "state"},
        {"type": "reasoning", "id": "rs_1", "summary": [], "content": None, "encrypted_content": "gAAAA"},
        {
            "type": "function_call",
            "name": "shell",
            "arguments": json.dumps({"command": ["bash", "-lc", "ls -a"]}),
            "call_id": "call_1",
        },
        {
            "type": "function_call_output",
            "call_id": "call_1",
            "output": json.dumps(
                {"output": "lid.py\n", "metadata": {"exit_code": 2, "duration_seconds": 0.1}}
            ),
        },
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "One file."}]},
    ]
    path = tmp_path / "old.jsonl"
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\r\n" for line in lines))
    got = read(path)
    assert [t.author for t in got.turns] == ["machine", "typed", "assistant", "tool", "assistant"]
    assert got.turns[2].parts[0].text == "ls -a"
    assert got.turns[3].parts[0].text == "lid.py\n"
    assert FLAG_FAILED in got.turns[3].flags
    assert {t.at for t in got.turns} == {None}
    assert got.turns[0].key == f"codex:{v4(7)}::0"
    session = got.sessions[-1]
    assert (session.id, session.project, session.branch) == (v4(7), PROJECT, "trunk")
    assert session.started_at is not None
    assert got.problems == []


def test_repeated_totals_count_once(tmp_path: Path) -> None:
    """Case 15: the token event comes twice. One sees the final total: cached tokens apart from input."""
    got = small().tokens(10, 5, 2).tokens(10, 5, 2, again=True).read(tmp_path)
    assert [(u.input, u.cache_read, u.output) for u in got.usage] == [(910, 105, 42)]
    assert got.usage[0].key == f"codex:{v7(0)}"


def test_the_first_header_wins(tmp_path: Path) -> None:
    """Case 16: a resumed session writes its header again. One sees one session, as the first header says."""
    rollout = small().header(cwd="/elsewhere", cli_version="0.130.0")
    session = rollout.turn(TWO).user("And now?").say("Still twice.").read(tmp_path).sessions[-1]
    assert session.project == PROJECT
    assert dict(session.extra)["version"] == "0.121.0"


def test_file_order_is_kept_when_time_runs_backwards(tmp_path: Path) -> None:
    """Case 17: times run backwards. One sees the order of the file, the times as written."""
    rollout = Rollout().turn(ONE).user("First.")
    rollout.now = -3600
    got = rollout.say("Second.").read(tmp_path)
    assert got.texts("typed") + got.texts("assistant") == ["First.", "Second."]
    assert [t.author for t in got.turns] == ["typed", "assistant"]
    assert got.turns[1].at is not None
    assert got.turns[0].at is not None
    assert got.turns[1].at < got.turns[0].at


@pytest.mark.parametrize("lines", [0, 1, 4])
def test_a_file_without_conversation_is_no_session(tmp_path: Path, lines: int) -> None:
    """Case 21: an empty file, a header alone, a header with machine text. One sees no session and no error."""
    rollout = Rollout().turn(ONE).environment()
    rollout.lines = rollout.lines[:lines]
    path = rollout.save(tmp_path)
    got = read(path)
    assert (got.sessions, got.turns, got.problems) == ([], [], [])
    assert got.cursor.offset == path.stat().st_size


def test_a_conversation_that_starts_later_is_whole(tmp_path: Path) -> None:
    """Case 21: when the first prompt comes after the first read, the machine text before it is there too."""
    rollout = Rollout().turn(ONE).environment()
    first = rollout.read(tmp_path)
    path = rollout.user("Hello?").save(tmp_path)
    assert read(path, first.cursor).said[-1] == ("typed", "Hello?")
    assert [t.author for t in read(path, first.cursor).turns] == ["machine", "typed"]


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"source": "exec", "originator": "codex_exec"}, "program"),
        ({"source": {"subagent": "review"}, "parent_thread_id": v7(-9)}, "program"),
        ({"source": {"subagent": {"other": "guardian"}}}, "program"),
        ({"source": "vscode", "originator": "ws-client"}, "program"),
        ({"source": "vscode", "originator": "Codex Desktop"}, "typed"),
    ],
)
def test_runs_without_a_human(tmp_path: Path, meta: dict[str, object], said: str) -> None:
    """Case 21: exec runs, reviews, guardians and connection tests are programs. One sees their sessions marked
    headless, so that they stay out of the user's own."""
    got = Rollout(**meta).turn(ONE).user("reply OK", event=False).say("OK").read(tmp_path)
    assert got.turns[0].author == said
    assert got.sessions[-1].headless is (said == "program")
    assert all((FLAG_HEADLESS in turn.flags) is (said == "program") for turn in got.turns)


def test_a_program_may_wrap_its_prompt(tmp_path: Path) -> None:
    """A program's prompt in a wrapper of its own is its prompt all the same: runs of programs may have no
    events that say so."""
    wrapped = "<release_check>\nRead the notes.\n</release_check>"
    got = (
        Rollout(source="exec").turn(ONE).environment().user(wrapped, event=False).say("Read.").read(tmp_path)
    )
    assert [author for author, _ in got.said] == ["machine", "program", "assistant"]


def test_damage_is_told_and_passed_over(tmp_path: Path) -> None:
    """Case 22: a broken line, a line that is no object, a bare string and nulls in content. One sees every
    readable turn, a problem for each unreadable line, and no problem for the torn last one."""
    rollout = Rollout().turn(ONE).user("Before.")
    rollout.raw(rb'{"timestamp":"2026-03-02T09:00:09Z","type":"response_item","payload":{"type":"message",')
    rollout.raw(b'["not", "an object"]')
    rollout.item(
        "message",
        role="assistant",
        content=["A bare string.", None, 7, {"type": "output_text", "text": None}],
    )
    rollout.item("message", role="assistant", content=None).item("reasoning", summary=None)
    rollout.item("function_call", name=None, arguments=None, call_id=None).item(
        "function_call_output", output=None
    )
    path = rollout.save(tmp_path)
    with path.open("ab") as file:
        file.write(b'{"timestamp":"2026-03-02T09:01:00Z","type":"respo')
    got = read(path)
    assert got.said[:2] == [("typed", "Before."), ("assistant", "A bare string. / ")]
    assert sorted(problem.kind for problem in got.problems) == ["unknown-record", "unreadable-bytes"]
    assert got.cursor.pending == 49
    assert got.cursor.offset + got.cursor.pending == path.stat().st_size


def test_nul_and_surrogates_do_not_break_anything(tmp_path: Path) -> None:
    """Case 23: NUL and half a surrogate pair inside strings. One sees the text as it stands; the cursor is
    valid UTF-8 all the same."""
    text = "broken \\ud83d and \\u0000 here"
    rollout = Rollout().turn(ONE)
    rollout.raw(
        b'{"timestamp":"2026-03-02T09:00:05Z","type":"response_item","payload":{"type":"message","role":"user",'
        b'"content":[{"type":"input_text","text":"' + text.encode() + b'"}]}}'
    )
    got = rollout.say("Seen.").read(tmp_path)
    assert got.turns[0].parts[0].text == "broken \ud83d and \0 here"
    json.dumps(got.cursor.state, ensure_ascii=False).encode()


def test_everything_twice_is_read_once(tmp_path: Path) -> None:
    """Case 25: message and event, output and exec_command_end, reasoning and its event. One sees each once,
    even when the event leaves something out."""
    rollout = small().event("exec_command_end", call_id="call_001", stdout="src/valve.py:12", exit_code=0)
    rollout.event("agent_message", message="Twice, as said.")
    text = "Twice, as said.<oai-mem-citation>x</oai-mem-citation>"
    rollout.item("message", role="assistant", content=[{"type": "output_text", "text": text}])
    got = rollout.read(tmp_path)
    assert got.texts("typed") == ["Why does the kettle whistle twice?"]
    assert got.texts("assistant")[-1] == f"It is called from two places. / {text}"
    assert len(got.texts("tool")) == 1


def test_a_review_prompt_that_is_only_an_event_is_nobodys(tmp_path: Path) -> None:
    """Case 25: a review writes its prompt as an event, twice, into the thread that asked for it. The review
    has a thread of its own, so one does not see the prompt here."""
    rollout = small()
    for _ in range(2):
        rollout.event("user_message", message="Review the current code changes.", images=[])
    assert rollout.done(ONE).read(tmp_path).texts("typed") == ["Why does the kettle whistle twice?"]


def test_unknown_kinds_are_told_once(tmp_path: Path) -> None:
    """Case 26: kinds nobody knows. One sees the conversation, and one line for each kind, not for each record."""
    rollout = small()
    for _ in range(3):
        rollout.line("tea_leaves", {"a": 1}).event("steam_changed", level=3).item("crystal_ball", x=2)
    got = rollout.read(tmp_path)
    assert len(got.turns) == 5
    assert [problem.kind for problem in got.problems] == ["unknown-record"] * 3
    assert "event_msg/steam_changed" in got.problems[1].what


def test_numbered_history_has_messages_as_completed_items(tmp_path: Path) -> None:
    """Case 26: in numbered histories the messages are completed items. One sees them where no message item
    says the same, in their place, and only once where one does."""
    rollout = Rollout(history_mode="paginated").turn(ONE)
    user = {"type": "UserMessage", "id": "u1", "content": [{"type": "text", "text": "Is the lid on?"}]}
    agent = {"type": "AgentMessage", "id": "a1", "content": [{"type": "Text", "text": "It is."}]}
    rollout.event("item_completed", thread_id=v7(0), turn_id=ONE, item=user)
    rollout.call("exec_command", cmd="look lid").ran("on\n")
    rollout.event(
        "item_completed", turn_id=ONE, item={"type": "CommandExecution", "command": ["look", "lid"]}
    )
    rollout.event("item_completed", thread_id=v7(0), turn_id=ONE, item=agent).done(ONE)
    got = rollout.read(tmp_path)
    expected = [
        ("typed", "Is the lid on?"),
        ("assistant", "look lid"),
        ("tool", "on\n"),
        ("assistant", "It is."),
    ]
    assert got.said == expected
    rollout.turn(TWO).event("item_completed", turn_id=TWO, item=user).user("Is the lid on?", event=False)
    rollout.say("Still.").event(
        "item_completed", turn_id=TWO, item={**agent, "content": [{"text": "Still."}]}
    )
    got = rollout.done(TWO).read(tmp_path)
    assert got.said == [*expected, ("typed", "Is the lid on?"), ("assistant", "Still.")]


def test_a_completed_item_stays_in_its_place(tmp_path: Path) -> None:
    """Case 26: a remark that is only a completed item stands before the call it announces; a file that ends
    right after it shows it, under the key it keeps."""
    rollout = Rollout(history_mode="paginated").turn(ONE).user("Is the lid on?", event=False)
    agent = {"type": "AgentMessage", "id": "a1", "content": [{"type": "Text", "text": "I look."}]}
    rollout.event("item_completed", turn_id=ONE, item=agent)
    early = rollout.read(tmp_path)
    late = rollout.call("exec_command", cmd="look lid").ran("on\n").read(tmp_path)
    assert early.said == [("typed", "Is the lid on?"), ("assistant", "I look.")]
    assert late.said == [("typed", "Is the lid on?"), ("assistant", "I look. / look lid"), ("tool", "on\n")]
    assert early.turns[1].key == late.turns[1].key


def test_numbered_history_links_to_what_it_continues(tmp_path: Path) -> None:
    """A numbered fork holds only its own records: nothing is dropped, and one sees what it continues."""
    base = {"thread_id": v7(-900), "end_ordinal_exclusive": 40, "end_byte_offset": 9000}
    rollout = Rollout(history_mode="paginated", forked_from_id=v7(-900), history_base=base)
    got = rollout.turn(ONE).user("Go on.").say("Going on.").read(tmp_path)
    assert got.said == [("typed", "Go on."), ("assistant", "Going on.")]
    assert {(link.kind, link.target) for link in got.links} == {("forked-from", v7(-900))}


def test_rolled_back_turns_are_abandoned(tmp_path: Path) -> None:
    """Case 9: the user goes back two turns. One sees them still, marked abandoned, with their answers."""
    rollout = (
        small()
        .done(ONE)
        .turn(TWO)
        .user("Paint it red.")
        .say("Painted.")
        .call("exec_command", cmd="dry")
        .ran("")
    )
    rollout.done(TWO).turn(THREE).user("Now blue.").say("Blue.").done(THREE)
    got = (
        rollout.event("thread_rolled_back", num_turns=2)
        .turn(v7(950))
        .user("Leave it.")
        .say("Left.")
        .read(tmp_path)
    )
    undone = {link.target for link in got.links if link.kind == FLAG_ABANDONED}
    keys = {turn.key: text for turn, (_, text) in zip(got.turns, got.said, strict=True)}
    assert {keys[key] for key in undone} == {"Paint it red.", "Painted. / dry", "", "Now blue.", "Blue."}


def test_compaction_is_a_machine_turn(tmp_path: Path) -> None:
    """The summary of a compaction is machine text; the history it replaces is not read again."""
    rollout = small()
    history = [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Why twice?"}]}]
    rollout.line("compacted", {"message": "They spoke of whistles.", "replacement_history": history})
    rollout.line("compacted", {"message": "", "replacement_history": history})
    got = rollout.read(tmp_path)
    assert (got.turns[-1].author, got.turns[-1].parts[0].text) == ("machine", "They spoke of whistles.")
    assert FLAG_COMPACTION in got.turns[-1].flags


def test_names_of_a_thread(tmp_path: Path) -> None:
    """A name given in the terminal is the user's (50); one the app made is a model's (40); both beat the prompt."""
    named = small().event("thread_name_updated", thread_id=v7(0), thread_name="Whistles")
    session = named.read(tmp_path).sessions[-1]
    assert (session.title, session.title_rank) == ("Whistles", 50)
    app = (
        Rollout(originator="Codex Desktop")
        .turn(ONE)
        .user("Why?")
        .event("thread_name_updated", thread_name="Why")
    )
    session = app.read(tmp_path).sessions[-1]
    assert (session.title, session.title_rank) == ("Why", 40)


def test_spawned_agents_are_linked_once(tmp_path: Path) -> None:
    """A spawned agent is told by an event, by its activity, or only by the call's result: one link each time."""
    rollout = (
        small()
        .call("spawn_agent", message="Check.")
        .event("collab_agent_spawn_end", new_thread_id=v7(60), new_agent_nickname="Brunel", prompt="Check.")
    )
    rollout.output(json.dumps({"agent_id": v7(60), "nickname": "Brunel"}))
    rollout.event("sub_agent_activity", agent_thread_id=v7(61), agent_path=f"{MAIN}/lid", kind="started")
    rollout.event("sub_agent_activity", agent_thread_id=v7(61), agent_path=f"{MAIN}/lid", kind="completed")
    links = {(link.kind, link.target, link.note) for link in rollout.read(tmp_path).links}
    assert links == {("spawned", v7(60), "Brunel"), ("spawned", v7(61), f"{MAIN}/lid")}


def test_messages_between_agents(tmp_path: Path) -> None:
    """A sub-agent's report stands under its name; one whose payload is encrypted is left out."""
    head = f"Message Type: FINAL_ANSWER\nTask name: {MAIN}\nSender: {MAIN}/lid\nPayload:\n"
    rollout = small().item(
        "agent_message",
        author=f"{MAIN}/lid",
        recipient=MAIN,
        content=[{"type": "input_text", "text": head + "Fine."}],
    )
    rollout.item(
        "agent_message", author=f"{MAIN}/lid", recipient=MAIN, content=[{"type": "input_text", "text": head}]
    )
    turn = rollout.read(tmp_path).turns[-1]
    assert (turn.author, turn.speaker, turn.parts[0].text) == ("assistant", f"{MAIN}/lid", head + "Fine.")


def test_where_codex_keeps_its_sessions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``$CODEX_HOME`` when it is set, else the home folder; live and archived, never the folder itself."""
    monkeypatch.setenv("CODEX_HOME", str(tmp_path))
    assert list(Codex().homes()) == [tmp_path / "sessions", tmp_path / "archived_sessions"]
    monkeypatch.delenv("CODEX_HOME")
    assert next(iter(Codex().homes())) == Path(os.environ["HOME"]) / ".codex" / "sessions"
