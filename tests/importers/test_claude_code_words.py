"""What stands in the parts: commands, edits, questions and answers as a person reads them; titles; homes."""

from __future__ import annotations

from pathlib import Path

import pytest

from importers.claude_code import ClaudeCode
from importers.claude_code.authors import own_words, who
from importers.claude_code.tools import call_paths, call_text
from tests.importers.claude_script import Script, text, uuid
from tests.importers.reading import FIXTURES, seen

CLAUDE = ClaudeCode()


@pytest.mark.parametrize(
    ("tool", "given", "shown"),
    [
        ("Bash", {"command": "make tea", "description": "Make tea"}, "make tea\n# Make tea"),
        ("Edit", {"file_path": "/k.py", "old_string": "a\nb", "new_string": "c"}, "/k.py\n- a\n- b\n+ c"),
        ("Edit", {"file_path": "/k.py", "old_string": "", "new_string": "c"}, "/k.py\n+ c"),
        (
            "MultiEdit",
            {"file_path": "/k.py", "edits": [{"old_string": "a", "new_string": "b"}, {"old_string": "c"}, 5]},
            "/k.py\n- a\n+ b\n- c",
        ),
        ("Write", {"file_path": "/k.py", "content": "x = 1\n"}, "/k.py\nx = 1\n"),
        ("Read", {"file_path": "/k.py"}, "/k.py"),
        ("Read", {"file_path": "/k.py", "offset": 10, "limit": 5}, "/k.py (5 lines from line 10)"),
        ("Grep", {"pattern": "boil", "path": "src", "glob": "*.py"}, "boil in src (*.py)"),
        ("Glob", {"pattern": "**/*.py"}, "**/*.py"),
        ("Task", {"description": "Look", "prompt": "Look well.", "subagent_type": "Explore"}, "Look (Explore)\n\nLook well."),
        ("Agent", {"prompt": "Look well."}, "Look well."),
        ("WebFetch", {"url": "https://example.com", "prompt": "What?"}, "https://example.com\nWhat?"),
        ("Skill", {"skill": "brew", "args": "strong"}, "brew strong"),
        ("ExitPlanMode", {"plan": "# Plan"}, "# Plan"),
        ("TodoWrite", {"todos": ["loose", {"content": "Pour", "status": "in_progress"}]}, "[ ] loose\n[~] Pour"),
        ("mcp__shop__buy", {"item": "cup", "count": 2}, '{"item":"cup","count":2}'),
        ("Bash", {"odd": 1}, '{"odd":1}'),
        ("Bash", "just text", "just text"),
        ("EnterPlanMode", {}, ""),
        ("Bash", None, ""),
    ],
)  # fmt: skip
def test_calls_are_readable(tool: str, given: object, shown: str) -> None:
    assert call_text(tool, given) == shown


def test_the_files_a_call_touches() -> None:
    assert call_paths({"file_path": "/a.py", "path": "/b", "other": "/c"}) == ("/a.py", "/b")
    assert call_paths({"file_path": 5}) == call_paths("text") == ()


def test_answers_and_reasons_are_the_users() -> None:
    """The choice and the reason of a rejection are the user's words; a bare rejection holds none; text beside
    a result is a prompt."""
    found = seen(CLAUDE, *(FIXTURES / "claude-code" / "answers").glob("*.jsonl"))
    assert found.flagged("answer") == ["Which colour?\n→ Copper", "keep the steel paint, only move it"]
    assert found.by("typed")[-1] == "use the small brush"
    assert len(found.flagged("failed")) == 2


def test_a_run_of_a_program_is_marked() -> None:
    """Headless prompts are a program's; the session says so and keeps out of statistics."""
    found = seen(CLAUDE, *(FIXTURES / "claude-code" / "headless").glob("*.jsonl"))
    assert found.session["headless"] is True
    assert found.by("program") == ["Summarise the diff in one sentence."]
    assert len(found.flagged("headless")) == 2


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"entrypoint": "sdk-py"}, "program"),
        ({"promptSource": "sdk"}, "program"),
        ({"promptSource": "sdk", "entrypoint": "claude-vscode"}, "typed"),
        ({"entrypoint": "claude-desktop"}, "typed"),
        ({"isMeta": True}, "machine"),
        ({"promptSource": "system"}, "machine"),
        ({"origin": {"kind": "task-notification"}}, "machine"),
        ({"origin": {"kind": "human"}}, "typed"),
        ({"isCompactSummary": True}, "machine"),
    ],
)
def test_who_wrote_it(fields: dict[str, object], author: str) -> None:
    assert who(fields, "make tea", sidechain=False).author == author


def test_injected_text_in_a_helper_is_not_its_parents() -> None:
    assert who({}, "look around", sidechain=True).author == "parent-model"
    assert who({"isMeta": True}, "Base directory for this skill", sidechain=True).author == "machine"
    assert who({}, "[Request interrupted by user for tool use]", sidechain=True).kind == "marker"


def test_tags_that_never_end_stay() -> None:
    """An unclosed tag is what the user typed; many of them cost no more than their length."""
    assert own_words("<ide_selection>never closed") == "<ide_selection>never closed"
    assert own_words("<system-reminder>never closed") == "<system-reminder>never closed"
    many = "<ide_selection>" * 20_000
    assert own_words(many) == many


def test_titles_by_rank(tmp_path: Path) -> None:
    """The user's title beats the model's, which beats the last prompt; of equals the later one counts; the
    first prompt stays the title until something better comes; one line, 200 characters at most."""
    path = tmp_path / f"{uuid(1)}.jsonl"
    script = Script()

    def title() -> tuple[str, int]:
        path.write_bytes(script.bytes())
        session = seen(CLAUDE, path).session
        return session["title"], session["title_rank"]

    script.user("<command-message>brew</command-message>\n<command-name>/brew</command-name>")
    assert title() == ("/brew", 5)
    script.user("First   prompt\n" + "x" * 300)
    script.user("Second prompt")
    assert title()[0].startswith("First prompt xxx")
    assert len(title()[0]) <= 600
    script.meta("last-prompt", lastPrompt="Second prompt", sessionId=script.session)
    assert title() == ("Second prompt", 30)
    script.meta("ai-title", aiTitle="Tea", sessionId=script.session)
    script.meta("ai-title", aiTitle="Green tea", sessionId=script.session)
    script.meta("last-prompt", lastPrompt="Third prompt", sessionId=script.session)
    assert title() == ("Green tea", 40)
    script.meta("custom-title", customTitle="My tea", sessionId=script.session)
    script.meta("ai-title", aiTitle="Black tea", sessionId=script.session)
    assert title() == ("My tea", 50)


def test_facts_of_a_session(tmp_path: Path) -> None:
    """The first folder, the latest branch (a detached HEAD tells nothing), the latest model and version."""
    script = Script()
    script.user("one")
    script.assistant("two", "msg_1", model="claude-opus-4-1")
    script.user("three", cwd="/elsewhere", gitBranch="steam", version="2.1.109")
    script.assistant("four", "msg_2", gitBranch="HEAD")
    path = tmp_path / f"{uuid(1)}.jsonl"
    path.write_bytes(script.bytes())
    session = seen(CLAUDE, path).session
    assert (session["project"], session["branch"]) == ("/home/mira/kettle", "steam")
    assert (session["model"], session["extra"]["version"]) == ("claude-sonnet-4-5-20250929", "2.1.108")


def test_links_of_a_session() -> None:
    """A pull request and an edited file, each once, however often the file repeats them."""
    found = seen(CLAUDE, *(FIXTURES / "claude-code" / "plain").glob("*.jsonl"))
    assert found.links("pull-request") == ["https://example.com/mira/kettle/pull/12"]
    assert found.links("file") == ["boil.py"]


def test_synthetic_answers_are_marked_and_cost_nothing() -> None:
    found = seen(CLAUDE, *(FIXTURES / "claude-code" / "authors").glob("*.jsonl"))
    assert found.flagged("synthetic") == ["No response requested."]
    assert found.merged["usage"] == []


def test_homes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    assert list(CLAUDE.homes()) == [tmp_path / "claude" / "projects"]
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    home = Path.home()
    assert list(CLAUDE.homes()) == [home / ".claude" / "projects", home / ".config" / "claude" / "projects"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("history.jsonl", b'{"display":"make tea","pastedContents":{},"timestamp":1,"project":"/k","sessionId":"s"}\n'),
        ("journal.jsonl", b'{"type":"started","key":"v2:x","agentId":"a1"}\n'),
        ("qwen.jsonl", b'{"uuid":"u","parentUuid":null,"sessionId":"s","type":"user","message":{"role":"user","parts":[]}}\n'),
        ("codex.jsonl", b'{"timestamp":"t","type":"session_meta","payload":{"id":"x"}}\n'),
        ("gemini.jsonl", b'{"id":"1","timestamp":"t","type":"user","content":[{"text":"hi"}]}\n'),
        ("lines.jsonl", b'{"role":"user","message":{"content":[{"type":"text","text":"x"}]}}\n'),
        ("empty.jsonl", b""),
        ("binary.jsonl", bytes(range(256))),
    ],
)  # fmt: skip
def test_files_that_are_not_ours(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert not CLAUDE.sniff(path)


def test_a_first_line_longer_than_what_is_sniffed(tmp_path: Path) -> None:
    """A picture of a megabyte in the first record: its head still tells."""
    script = Script()
    data = "A" * 300_000
    script.user([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}])
    path = tmp_path / "x.jsonl"
    path.write_bytes(script.bytes())
    assert CLAUDE.sniff(path)
    assert not CLAUDE.sniff(tmp_path / "gone.jsonl")
    assert not CLAUDE.sniff(tmp_path)


def test_what_a_command_expanded_to_is_not_typed(tmp_path: Path) -> None:
    """The body of a command that stands beside it in one record is its file's text, not the user's."""
    script = Script()
    wrapper = "<command-message>brew</command-message>\n<command-name>/brew</command-name>"
    script.user([text(wrapper), text("# Brew\nBoil, pour, wait.")])
    path = tmp_path / f"{uuid(1)}.jsonl"
    path.write_bytes(script.bytes())
    assert seen(CLAUDE, path).by("typed") == ["/brew"]
