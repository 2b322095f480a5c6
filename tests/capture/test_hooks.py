"""Claude Code's settings with and without our hooks: nothing else in the file moves."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapedeck_tui.capture import hooks, splice
from tapedeck_tui.errors import NotFound, Refused
from tapedeck_tui.paths import Home

OTHERS = """{
    "model": "opus",
    "permissions": { "allow": ["Bash(ls:*)", "Read"], "deny": [] },
    "hooks": {
        "Stop": [
            {"matcher": "", "hooks": [{"type": "command", "command": "afplay done.aiff"}]}
        ],
        "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "./check.sh \\u00e9"}]}]
    },
    "big": 1.50e3,
    "env": {"A": "ä"}
}
"""
FORMS = {
    "others": OTHERS,
    "tabs": '{\n\t"hooks": {\n\t\t"Stop": []\n\t},\n\t"z": 1\n}',
    "windows": '{\r\n  "model": "opus"\r\n}\r\n',
    "one line": '{"model": "opus", "hooks": {"Stop": [{"hooks": []}]}}',
    "empty object": "{}\n",
    "no hooks": '{\n  "model": "opus"\n}\n',
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "it's a home").make()


@pytest.fixture
def settings() -> Path:
    (path,) = hooks.settings_files()
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_installing_adds_and_removing_takes_exactly_that(form: str, home: Home, settings: Path) -> None:
    """Every line of the file stays as it is written; after removing, the file is byte for byte what it was."""
    before = FORMS[form]
    settings.write_bytes(before.encode())
    edit = hooks.installing(home, settings)
    assert edit.after is not None
    gone = [line for line in edit.diff().splitlines()[2:] if line.startswith("-")]
    kept = [line[1:].rstrip(",") for line in gone]
    assert all(any(k.strip(" \t}]\r") in line for line in edit.after.splitlines()) for k in kept)
    made = json.loads(edit.after)
    for event in hooks.EVENTS:
        assert made["hooks"][event][-1]["hooks"][0]["command"] == hooks.command(home)
    saved = edit.apply(0)
    assert saved is not None
    assert saved.read_bytes().decode() == before
    assert hooks.installed(home, settings)
    assert not hooks.installing(home, settings).is_change
    hooks.removing(settings).apply(0)
    assert json.loads(settings.read_text()) == {
        k: v for k, v in json.loads(before).items() if k != "hooks" or v != {"Stop": []}
    }
    if form != "tabs":
        assert settings.read_bytes().decode() == before
    assert not hooks.removing(settings).is_change


def test_the_lines_of_others_are_untouched(home: Home, settings: Path) -> None:
    """Only lines are added (and a comma behind the one before); order, numbers, escapes and indentation stay."""
    settings.write_text(OTHERS, "utf-8")
    edit = hooks.installing(home, settings)
    lines = edit.diff().splitlines()[2:]
    removed = [line[1:] for line in lines if line.startswith("-")]
    added = [line[1:] for line in lines if line.startswith("+")]
    assert all(line + "," in added for line in removed)
    assert "            {" in added
    assert "\t" not in (edit.after or "")


def test_a_file_that_is_not_there_is_made(home: Home, settings: Path) -> None:
    edit = hooks.installing(home, settings)
    assert edit.before is None
    assert edit.apply(0) is None
    assert set(json.loads(settings.read_text())["hooks"]) == set(hooks.EVENTS)
    assert settings.stat().st_mode & 0o777 == 0o600


def test_without_claude_code_there_is_nothing_to_do(home: Home) -> None:
    with pytest.raises(NotFound, match="not used here"):
        hooks.installing(home, hooks.settings_files()[0])


@pytest.mark.parametrize(
    "text", ['{"a": 1,}', "// settings\n{}", "[]", '{"hooks": []}', '{"hooks": {"Stop": {}}}', "\ufeff{}"]
)
def test_what_is_no_settings_file_is_refused(text: str, home: Home, settings: Path) -> None:
    settings.write_text(text, "utf-8")
    with pytest.raises(Refused):
        hooks.installing(home, settings)
    assert settings.read_text("utf-8") == text


def test_a_changed_home_changes_the_hook(home: Home, settings: Path, tmp_path: Path) -> None:
    hooks.installing(home, settings).apply(0)
    other = Home(tmp_path / "other")
    assert not hooks.installed(other, settings)
    hooks.installing(other, settings).apply(0)
    assert hooks.installed(other, settings)
    assert str(home.root) not in settings.read_text()


def test_our_hook_among_others_in_one_group_is_taken_alone(home: Home, settings: Path) -> None:
    ours = {"type": "command", "command": hooks.command(home)}
    theirs = {"type": "command", "command": "say done"}
    settings.write_text(json.dumps({"hooks": {"Stop": [{"hooks": [ours, theirs]}, "odd"], "Odd": 1}}))
    edit = hooks.removing(settings)
    assert json.loads(edit.after or "") == {"hooks": {"Stop": [{"hooks": [theirs]}, "odd"], "Odd": 1}}


def test_a_link_stays_a_link_and_rights_stay(home: Home, settings: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.json"
    real.write_text("{}\n")
    real.chmod(0o640)
    settings.symlink_to(real)
    hooks.installing(home, settings).apply(0)
    assert settings.is_symlink()
    assert "hooks" in json.loads(real.read_text())
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_file_changed_meanwhile_is_not_touched(home: Home, settings: Path) -> None:
    settings.write_text("{}")
    edit = hooks.installing(home, settings)
    settings.write_text('{"model": "opus"}')
    with pytest.raises(Refused, match="changed meanwhile"):
        edit.apply(0)
    assert settings.read_text() == '{"model": "opus"}'


def test_the_folders_of_the_environment_are_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/a,/b")
    assert hooks.settings_files() == [Path("/a/settings.json"), Path("/b/settings.json")]
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    assert hooks.settings_files() == [Path.home() / ".claude" / "settings.json"]


@pytest.mark.skipif(os.name != "posix", reason="a shell command")
def test_the_command_touches_its_file_and_never_speaks_or_fails(home: Home) -> None:
    """Whatever the home is called and whether it is there: no output, no error, and no other program is started."""
    given_in = b'{"hook_event_name": "Stop"}'
    words = ["/bin/sh", "-c", hooks.command(home)]
    first = subprocess.run(words, input=given_in, capture_output=True, check=True, env={"PATH": ""})
    assert (first.stdout, first.stderr) == (b"", b"")
    home.signals.mkdir()
    subprocess.run(words, input=given_in, capture_output=True, check=True, env={"PATH": ""})
    assert (home.signals / hooks.SIGNAL).exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(max_size=8), JSON, max_size=4),
    st.sampled_from([None, 1, 2, "\t"]),
    st.booleans(),
    JSON,
)
def test_any_text_with_one_more_item_and_without_it_again(
    value: dict[str, object], indent: int | str | None, escaped: bool, extra: object
) -> None:
    """Adding a member changes nothing else, and taking it away gives the very text there was."""
    value.pop("new key", None)
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)
    more = splice.append(text, (), extra, "new key")
    assert json.loads(more) == {**value, "new key": extra}
    assert splice.remove(more, ("new key",)) == text
