"""Claude Code's files: the nastiest real cases, each with what one should see (GOTCHAS by number)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.check import merge_records
from importers.claude_code import ClaudeCode
from importers.contract import Cursor, FileSource, Session, Turn
from tests.importers.claude_script import Script, call, line_bytes, text, uuid
from tests.importers.reading import FIXTURES, Seen, fixtures, in_stages, seen

CLAUDE = ClaudeCode()
HERE = FIXTURES / "claude-code"


def fixture(folder: str) -> Path:
    (path,) = (HERE / folder).glob("*.jsonl")
    return path


def read(folder: str) -> Seen:
    return seen(CLAUDE, fixture(folder))


def wrote(folder: Path, script: Script, name: str = "") -> Path:
    path = folder / f"{name or script.session}.jsonl"
    path.write_bytes(script.bytes())
    return path


def test_half_of_the_user_records_are_not_the_user() -> None:
    """GOTCHAS 1: only what was typed is typed; commands and shell lines are the user's too, and marked."""
    found = read("authors")
    assert found.by("typed") == [
        "/brew-review only the lid sensor",
        "why does the lid sensor bounce?",
        "set this to 20 ms",
        "!ls sensors",
        "keep going",
        "My notes quote <command-name>/brew</command-name> and <system-reminder>old text</system-reminder> "
        "in the middle, please keep both.",
    ]
    assert found.flagged("command") == ["/brew-review only the lid sensor", "!ls sensors"]
    assert len(found.by("machine")) == 9
    assert found.session["title"] == "why does the lid sensor bounce?"


def test_built_in_commands_are_markers() -> None:
    """GOTCHAS 1: ``/model opus`` steers the program; it is shown as a mark, not as words of the user."""
    assert [part["text"] for part in read("authors").parts("marker")] == [
        "/model opus",
        "[Request interrupted by user]",
    ]


def test_usage_is_counted_once_per_message() -> None:
    """GOTCHAS 3: four lines of one message repeat its usage and its output grows: the maximum counts."""
    usage = read("plain").merged["usage"]
    assert len(usage) == 5
    assert [usage[0][name] for name in ("input", "output", "cache_read", "cache_write")] == [9, 98, 1200, 300]
    assert sum(each["output"] for each in usage) == 98 + 133 + 12 + 30 + 6


def test_lines_of_one_message_are_one_turn() -> None:
    """GOTCHAS 3: text and two parallel calls on three lines are three parts of one turn, results apart."""
    turns = read("plain").turns
    assert [part["kind"] for part in turns[1]["parts"]] == ["text", "tool_call", "tool_call"]
    assert turns[1]["key"] == f"claude-code:{uuid(2, 0x7C)}"
    assert [turn["author"] for turn in turns[:4]] == ["typed", "assistant", "tool", "tool"]


def test_two_records_on_one_line_are_both_read() -> None:
    """GOTCHAS 4: the answer and the summary glued to it; the summary's leaf is here, so it is the title."""
    found = read("glued")
    assert found.by("assistant") == ["Measured once.", "Measured twice."]
    assert (found.session["title"], found.session["title_rank"]) == ("Measuring", 20)
    assert found.merged["problems"] == []


@pytest.mark.parametrize("reverse", [False, True])
def test_a_session_in_two_files_gives_the_same_turns(reverse: bool) -> None:
    """GOTCHAS 6: a fork repeats its original's records; whatever the order, shared turns share their keys."""
    paths = [fixture("plain"), fixture("fork")]
    found = seen(CLAUDE, *(reversed(paths) if reverse else paths))
    keys = [{t["key"] for t in found.turns if t["session"] == p.stem} for p in paths]
    assert len(keys[0] & keys[1]) == 5
    assert len({u["key"] for u in found.merged["usage"]}) == len(found.merged["usage"]) == 6


def test_a_fork_of_the_sdk_keeps_the_original_keys() -> None:
    """GOTCHAS 6: the SDK gives new uuids; ``forkedFrom`` says which turn it really is."""
    found = read("sdk-fork")
    assert found.turns[0]["key"] == f"claude-code:{uuid(1, 0x7C)}"
    assert found.links("forked-from") == [fixture("plain").stem]


@pytest.mark.parametrize("path", fixtures("claude-code"), ids=lambda p: p.parent.name)
def test_a_growing_file_is_read_exactly_once(path: Path) -> None:
    """GOTCHAS 7: imported after every line, the whole is what one import of the last stage gives."""
    ends = [at + 1 for at, byte in enumerate(path.read_bytes()) if byte == 10]
    staged = merge_records(in_stages(CLAUDE, path, [*ends, path.stat().st_size]))
    assert staged == merge_records(CLAUDE.read(FileSource(path)))


@given(st.data())
def test_a_file_cut_anywhere_goes_on_exactly(data: st.DataObject) -> None:
    """GOTCHAS 7: cut inside a line, a character, an object: nothing is lost and nothing comes twice."""
    path = data.draw(st.sampled_from(fixtures("claude-code")))
    size = path.stat().st_size
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=5)))
    staged = merge_records(in_stages(CLAUDE, path, [*cuts, size]))
    assert staged == merge_records(CLAUDE.read(FileSource(path)))


@given(st.data())
def test_a_prefix_gives_a_prefix_of_the_turns(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(fixtures("claude-code")))
    cut = data.draw(st.integers(0, path.stat().st_size))
    whole = [turn["key"] for turn in merge_records(CLAUDE.read(FileSource(path)))["turns"]]
    part = merge_records(CLAUDE.read(FileSource(path, cut)))
    assert [turn["key"] for turn in part["turns"]] == whole[: len(part["turns"])]
    assert part["problems"] == []


def test_parallel_calls_keep_all_their_results() -> None:
    """GOTCHAS 8: the chain from the last leaf would lose a result; file order loses none."""
    found = read("plain")
    assert [p["call_id"] for p in found.parts("tool_result")] == [
        "toolu_plain_2",
        "toolu_plain_1",
        "toolu_plain_3",
        "toolu_plain_4",
    ]
    assert [p["name"] for p in found.parts("tool_result")] == ["Read", "Bash", "Edit", "Bash"]


def test_nothing_before_a_compaction_is_lost() -> None:
    """GOTCHAS 8: the boundary cuts the chain; the turns before it stay, the summary is the machine's."""
    found = read("compaction")
    assert found.by("typed") == ["Rewrite the brew scheduler.", "and the queue?"]
    assert len(found.flagged("compaction")) == 1
    assert "While you were away: the timer was rewritten." in found.by("machine")


def test_a_second_compaction_that_repeats_history_adds_nothing(tmp_path: Path) -> None:
    """GOTCHAS 8: old records appended again under the same uuids are the same turns."""
    script = Script()
    script.user("Polish the spout.")
    script.assistant("Polished.", "msg_1", (1, 2, 3, 4))
    once = seen(CLAUDE, wrote(tmp_path, script, uuid(1)))
    script.lines *= 2
    twice = seen(CLAUDE, wrote(tmp_path, script, uuid(1)))
    assert twice.merged["turns"] == once.merged["turns"]
    assert twice.merged["usage"] == once.merged["usage"]
    assert twice.links("abandoned") == []


def test_what_was_rewound_is_abandoned() -> None:
    """GOTCHAS 9: red was rewound for blue: the red branch stays, flagged; the trunk and blue are not."""
    found = read("rewind")
    assert found.flagged("abandoned") == ["Paint it red.", "paint red", "painted", "It is red now."]


def test_a_prompt_after_an_abandoned_answer(tmp_path: Path) -> None:
    """GOTCHAS 9: one prompt has an answer and a second prompt as children: the answer is abandoned."""
    script = Script()
    asked = script.user("Boil.")
    script.assistant("Boiling milk.", "msg_1")
    script.last = asked
    script.user("Boil water, I mean.")
    script.assistant("Boiling water.", "msg_2")
    found = seen(CLAUDE, wrote(tmp_path, script, uuid(1)))
    assert found.flagged("abandoned") == ["Boiling milk."]


def test_mechanical_branches_are_not_rewinds() -> None:
    """GOTCHAS 9: parallel calls and hooks branch the chain everywhere; none of it is abandoned."""
    for folder in ("plain", "answers", "queued", "compaction", "old"):
        assert read(folder).links("abandoned") == []


def test_a_rewind_is_found_again_after_any_append(tmp_path: Path) -> None:
    """GOTCHAS 9: the second prompt comes in a later import than the branch it leaves."""
    path = fixture("rewind")
    at = path.read_bytes().index(b"Paint it blue")
    staged = Seen(merge_records(in_stages(CLAUDE, path, [at, path.stat().st_size])))
    assert len(staged.flagged("abandoned")) == 4


def test_helpers_inside_the_session_file() -> None:
    """GOTCHAS 10: the sub-agent's prompt was written by a model; its turns are marked, the session's are not."""
    found = read("old")
    assert found.by("parent-model") == ["List all modules below src/."]
    assert len(found.flagged("sidechain")) == 4
    assert found.by("typed") == ["List every teapot module, use helpers."]


def test_helpers_in_files_of_their_own() -> None:
    """GOTCHAS 10: the records carry the parent's session id, yet the file is a session of its own, linked
    from both sides, with the title and kind that its card tells."""
    main = HERE / "agents" / "e2a70b5c-9d14-4c83-b6f0-1a2b3c4d5e6f.jsonl"
    agent = main.with_suffix("") / "subagents" / "agent-a4f09c1d2e3b4a5f6.jsonl"
    found = seen(CLAUDE, main, agent)
    parent, child = found.merged["sessions"]
    assert (child["id"], child["parent"]) == (agent.stem, parent["id"])
    assert (child["title"], child["extra"]["agent"]) == ("Research descaling", "general-purpose")
    assert set(found.links("spawned")) == {agent.stem}
    assert {turn["session"] for turn in found.turns} == {main.stem, agent.stem}
    assert found.by("parent-model") == ["Find out how to descale a kettle."]


def test_a_helper_beside_the_session() -> None:
    """GOTCHAS 10, the layout of 2.0: ``agent-….jsonl`` beside the sessions."""
    found = seen(CLAUDE, HERE / "agents" / "agent-1a2b3c4d.jsonl")
    assert found.session["id"] == "agent-1a2b3c4d"
    assert found.session["parent"] == uuid(7, 0xD0)


def test_pictures_and_documents_are_markers() -> None:
    """GOTCHAS 11: media type and size, never the data, wherever the picture stands."""
    found = read("media")
    assert [(p["name"], p["size"]) for p in found.parts("image")] == [("image/png", 2160)] * 2
    pdf, plain = found.parts("document")
    assert (pdf["name"], pdf["text"]) == (
        "application/pdf",
        "[document: application/pdf, 2,160 bytes, manual.pdf]",
    )
    assert plain["text"] == "Fill. Close the lid. Switch on."
    assert b"iVBORw0KGgo" not in orjson.dumps(found.merged)


def test_empty_thinking_is_no_part() -> None:
    """GOTCHAS 12: since 2.1.7x only the signature is kept. Thinking with words stays."""
    assert read("plain").parts("thinking") == []
    assert [p["text"] for p in read("media").parts("thinking")] == ["The lid is open in the picture."]


def test_spilled_output_from_its_file_then_the_copy_then_the_preview() -> None:
    """GOTCHAS 13: three results too long for the log, each as whole as it can still be had."""
    first, second, third = (p["text"] for p in read("spilled").parts("tool_result"))
    assert first.splitlines()[-1] == "reading 79: 59.5 degrees"
    assert second.splitlines()[-2:] == ["lid 89", "lid sensor noisy"]
    assert third.startswith("<persisted-output>")


def test_a_spilled_file_is_found_from_a_helper(tmp_path: Path) -> None:
    """GOTCHAS 13: a sub-agent's outputs lie beside its folder; no name leads out of ``tool-results``."""
    script = Script(uuid(1), isSidechain=True)
    script.user("Read the log.")
    saved = "<persisted-output>\nOutput too large (60KB). Full output saved to: /x/tool-results/{}\n\nPreview"
    script.result("toolu_1", saved.format("big.txt"))
    script.result("toolu_2", saved.format("../../secret.txt"))
    agents = tmp_path / uuid(1) / "subagents"
    agents.mkdir(parents=True)
    (agents.parent / "tool-results").mkdir()
    (agents.parent / "tool-results" / "big.txt").write_text("all of it")
    (tmp_path / "secret.txt").write_text("not of this session")
    first, second = seen(CLAUDE, wrote(agents, script, "agent-1")).parts("tool_result")
    assert first["text"] == "all of it"
    assert second["text"].startswith("<persisted-output>")


def test_time_runs_backwards_and_order_stays() -> None:
    """GOTCHAS 17: the answer is stamped four seconds before its question; it still comes after it."""
    first, second = read("glued").turns[:2]
    assert (first["author"], second["author"]) == ("typed", "assistant")
    assert second["at"] < first["at"]


def test_a_summary_of_another_session_is_no_title() -> None:
    """GOTCHAS 18: two summaries at the head; only the one whose leaf is in this file counts."""
    session = read("old").session
    assert (session["title"], session["title_rank"]) == ("Teapot inventory with helpers", 20)


def test_prompts_typed_while_the_agent_works() -> None:
    """GOTCHAS 19: one came again as an attachment, one as a message, one was lost and is told with doubt;
    notifications in the same queue are nobody's words."""
    found = read("queued")
    assert sorted(found.flagged("queued")) == [
        "<task-notification>\n<task-id>b9</task-id>\n</task-notification>",
        "and check the lid",
        "draft the report meanwhile",
        "is it warm?",
    ]
    assert found.flagged("low-confidence") == ["draft the report meanwhile"]
    assert found.by("typed").count("and check the lid") == 1
    assert found.by("typed").count("is it warm?") == 1


def test_the_session_id_inside_may_flip() -> None:
    """GOTCHAS 20: records carry two ids; the file's name says which session this is."""
    found = read("glued")
    assert found.session["id"] == fixture("glued").stem
    assert {turn["session"] for turn in found.turns} == {fixture("glued").stem}


@pytest.mark.parametrize(
    ("name", "session"),
    [
        (uuid(5), uuid(5)),
        ("agent-0f1e2d3c", "agent-0f1e2d3c"),
        (f"2026-01-19-{uuid(5)}", uuid(9)),
        ("chat", uuid(9)),
    ],
)
def test_which_session_a_file_is(tmp_path: Path, name: str, session: str) -> None:
    """GOTCHAS 20: the id in the name where the name is one, else the first record's."""
    script = Script(uuid(9))
    script.user("Which kettle?")
    assert seen(CLAUDE, wrote(tmp_path, script, name)).session["id"] == session


def test_a_file_whose_records_name_no_session(tmp_path: Path) -> None:
    """GOTCHAS 20: then the last UUID in the name, else the name."""
    script = Script(sessionId=None)
    script.user("Which kettle?")
    assert seen(CLAUDE, wrote(tmp_path, script, f"{uuid(4)}-copy-{uuid(5)}-2")).session["id"] == uuid(5)
    assert seen(CLAUDE, wrote(tmp_path, script, "kettle")).session["id"] == "kettle"


def test_files_without_a_conversation_are_no_sessions(tmp_path: Path) -> None:
    """GOTCHAS 21: empty and summary-only files give no session and no problem, only where they were read to."""
    empty = tmp_path / f"{uuid(1)}.jsonl"
    empty.write_bytes(b"")
    for path in (empty, fixture("summaries")):
        assert list(CLAUDE.read(FileSource(path)))[:-1] == []
    assert not CLAUDE.sniff(empty)
    assert CLAUDE.sniff(fixture("summaries"))


def test_torn_bare_and_mistyped_records() -> None:
    """GOTCHAS 22: bare strings count as text, what is no message gives no turn, the torn tail waits."""
    found = seen(CLAUDE, FIXTURES / "hostile" / "wrong-types.jsonl")
    assert "bare string" in found.by("typed")
    assert "plain words" in found.by("assistant")
    assert "kept" in "".join(found.by("tool"))
    assert read("glued").merged["cursor"]["pending"] > 500
    assert read("glued").by("assistant")[-1] == "Measured twice."


def test_nul_and_lone_surrogates_come_through(tmp_path: Path) -> None:
    """GOTCHAS 23: both are handed on in the text, and neither gets into the cursor, which is stored as JSON."""
    path = tmp_path / f"{uuid(1)}.jsonl"
    broken = {"id": "msg_\ud83d", "content": [call("toolu_\ud83d", "B\ud83d"), text("hot \ud83d\0")]}
    script = Script()
    script.user("tea \ud83d\0", parentUuid="\ud83d", cwd="/\ud83d", gitBranch="\ud83d")
    script.chain("assistant", message=broken, uuid="\ud83d")
    script.meta("queue-operation", operation="enqueue", content="\ud83d")
    path.write_bytes(
        b"".join(
            orjson.dumps(_escape(line)).replace(b"\xef\xbf\xbd", b"\\ud83d") + b"\n" for line in script.lines
        )
    )
    records = in_stages(CLAUDE, path, [path.stat().st_size] * 2)
    turns = [record for record in records if isinstance(record, Turn)]
    assert turns[0].parts[0].text == "tea \ud83d\0"
    assert turns[1].parts[-1].text == "hot \ud83d\0"


def _escape(value: Any) -> Any:
    """The value with U+FFFD in place of the surrogate, so that it can be written and then replaced."""
    if isinstance(value, str):
        return value.replace("\ud83d", "\ufffd")
    if isinstance(value, dict):
        return {k: _escape(v) for k, v in value.items()}
    return [_escape(v) for v in value] if isinstance(value, list) else value


def test_an_editor_tag_takes_nothing_from_a_prompt() -> None:
    """GOTCHAS 24: the tag goes, the words glued to it or beside it stay."""
    typed = read("authors").by("typed")
    assert "why does the lid sensor bounce?" in typed
    assert "set this to 20 ms" in typed
    assert not any("ide_" in each for each in typed)


def test_kinds_of_records_nobody_knows_are_counted() -> None:
    """GOTCHAS 26: new kinds come every week: told with the session, and the turns around them are whole."""
    found = read("census")
    assert found.session["extra"]["unknown records"] == "steam-report 2, untyped 2"
    assert found.merged["problems"] == []
    assert [turn["author"] for turn in found.turns] == ["typed", "assistant"]


def test_a_made_up_uuid_that_repeats_is_no_identity(tmp_path: Path) -> None:
    """GOTCHAS 26: two prompts share the uuid "u1", one is its own parent: both are kept, each once."""
    script = Script()
    script.user("First.", uuid="u1")
    script.user("Second.", uuid="u1", parentUuid="u1")
    script.user("Second.", uuid="u1", parentUuid="u1", timestamp=script.lines[1]["timestamp"])
    found = seen(CLAUDE, wrote(tmp_path, script, uuid(1)))
    assert found.by("typed") == ["First.", "Second.", "Second."]
    assert len({turn["key"] for turn in found.turns}) == 3


def test_long_files_are_covered_by_cursors_on_the_way(tmp_path: Path) -> None:
    """A reader that stops in the middle of 20 MB has lost at most a few; the state stays a few KB."""
    script = Script()
    for number in range(400):
        script.user(f"Prompt {number} " + "x" * 20_000)
        script.assistant([call(f"toolu_{number}", "Bash", command="ls")], f"msg_{number}", (1, 2, 3, 4))
        script.result(f"toolu_{number}", "y" * 20_000)
    path = wrote(tmp_path, script, uuid(1))
    cursors = [record for record in CLAUDE.read(FileSource(path)) if isinstance(record, Cursor)]
    assert len(cursors) >= path.stat().st_size // (5 * 1024 * 1024)
    assert max(len(orjson.dumps(cursor.state)) for cursor in cursors) < 8 * 1024


def test_the_first_record_of_a_session_is_the_session(tmp_path: Path) -> None:
    """Whoever stores records one after the other needs the session before its turns and links."""
    for path in fixtures("claude-code"):
        records = [r for r in CLAUDE.read(FileSource(path)) if not isinstance(r, Cursor)]
        assert not records or isinstance(records[0], Session)


def test_line_bytes_is_what_the_program_writes() -> None:
    assert line_bytes({"a": "é"}) == '{"a":"é"}\n'.encode()
