"""Files beside a session: kept, and read from their tapes when the source is gone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tapedeck_tui.deck import Deck
from tapedeck_tui.paths import Home
from tapedeck_tui.tapes.store import TapeStore
from tests.capture.test_sync import everything
from tests.sources import ClaudeFile

SESSION = "77777777-aaaa-4bbb-8ccc-000000000007"
OUTPUT = "\n".join(f"line {n} of the long build" for n in range(3000))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a session whose tool output was spilled, and a sub-agent with its card."""
    config = tmp_path / "config"
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(config))
    folder = config / "projects" / "-p"
    file = ClaudeFile(folder, SESSION)
    file.user("build it")
    file.call("Bash", {"command": "make"}, "call_1", "msg_1")
    spilled = folder / SESSION / "tool-results" / "b1.txt"
    spilled.parent.mkdir(parents=True)
    spilled.write_text(OUTPUT)
    preview = f"<persisted-output>\nOutput too large (60KB). Full output saved to: {spilled}\n\nPreview (first 2KB):\nline 0"
    file.result("call_1", preview)
    file.lines[-1] = json.dumps(
        {**json.loads(file.lines[-1]), "toolUseResult": {"persistedOutputPath": str(spilled)}}
    )
    file.write()
    agent = ClaudeFile(folder / SESSION / "subagents", "agent-0123abc")
    agent.session = SESSION
    agent.user("look around", isSidechain=True, agentId="0123abc")
    agent.assistant("there is a door", isSidechain=True, agentId="0123abc")
    agent.write()
    card = {"agentType": "Explore", "description": "Look for doors"}
    agent.path.with_name("agent-0123abc.meta.json").write_text(json.dumps(card))
    return folder


def test_spilled_outputs_and_cards_survive_their_source(folder: Path, tmp_path: Path) -> None:
    """After the source is deleted and the library made again, the whole output and the sub-agent's name are there."""
    home = Home(tmp_path / "home")
    with Deck(home) as deck:
        list(deck.sync())
        wanted = everything(deck)
        assert deck.session(SESSION).children[0].title == "Look for doors"
        result = deck.turns(SESSION, 0, 10)[-1]
        assert result.parts[0].text.endswith("line 2999 of the long build")
    shutil.rmtree(folder)
    for path in home.root.glob("library.db*"):
        path.unlink()
    with Deck(home) as deck:
        list(deck.sync())
        assert everything(deck) == wanted
        assert deck.session(SESSION).children[0].title == "Look for doors"


def test_they_are_no_sessions_and_are_kept_once(folder: Path, tmp_path: Path) -> None:
    """They count neither as sessions nor as files read, and an unchanged one is not read again."""
    with Deck(Home(tmp_path / "home")) as deck:
        list(deck.sync())
        assert (deck.status().files, deck.status().sessions) == (2, 2)
        with (folder / f"{SESSION}.jsonl").open("a") as file:
            file.write(
                json.dumps(
                    {
                        "type": "user",
                        "uuid": "u9",
                        "sessionId": SESSION,
                        "message": {"role": "user", "content": "thanks"},
                    }
                )
                + "\n"
            )
        list(deck.sync())
        store = TapeStore(deck.home, deck.keep.machine_id())
        beside = [t for t in store.tapes() if t.importer == "claude-code+beside"]
        assert sorted(t.path.name for t in beside) == ["agent-0123abc.meta.json", "b1.txt"]
        assert all(len(t.takes) == 1 for t in beside)
        store.close()
