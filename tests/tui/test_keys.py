"""The one table of keys: what it refuses, what it promises, and how a user changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tapedeck_tui.tui import keys
from tapedeck_tui.tui.screens.help import page
from tests.tui.driver import press, running
from tests.tui.fake_deck import FakeDeck


def test_no_forbidden_key_is_bound() -> None:
    """Terminals send ctrl+m as enter, ctrl+h as backspace, and so on; tmux takes ctrl+a and ctrl+b."""
    for key in keys.KEYS:
        names = {name.strip() for name in key.keys.split(",")}
        assert not names & keys.FORBIDDEN, key.id
        assert not any(name.startswith("alt+") for name in names), key.id


def test_ctrl_z_only_suspends() -> None:
    bound = [key for key in keys.KEYS if "ctrl+z" in key.keys]
    assert [key.action for key in bound] == ["app.suspend_process"]


def test_every_key_explains_itself() -> None:
    for key in keys.KEYS:
        assert key.description == key.description.lower().strip(), key.id
        assert key.tooltip.endswith("."), key.id
        assert key.places, key.id
        assert set(key.places) <= set(keys.CONTEXTS), key.id


@pytest.mark.parametrize("place", sorted(keys.CONTEXTS))
def test_a_key_has_one_meaning_in_a_place(place: str) -> None:
    """In one place no key stands for two things."""
    seen: dict[str, str] = {}
    for key in keys.keys_for(place):
        for name in key.keys.split(","):
            assert name not in seen, f"{name} is both {seen.get(name)} and {key.id} in {place}"
            seen[name] = key.id


def test_the_promised_keys_are_there() -> None:
    """The table of the manual: vi, less and browser habits."""
    bound = {name for key in keys.KEYS for name in key.keys.split(",")}
    promised = (
        "j k g G ctrl+d ctrl+u space b enter l h tab shift+tab 1 2 3 4 left_square_bracket right_square_bracket "
        "x X v a r slash n N escape q ctrl+q ctrl+c question_mark f1 ctrl+p y o asterisk t p u home end pageup "
        "pagedown up down left right"
    )
    assert set(promised.split()) <= bound


def test_every_name_is_on_the_help_page() -> None:
    """Whoever wants another key finds its name in the help, not in the source."""
    names = page("help").split()
    assert not [key.id for key in keys.KEYS if key.id not in names]


def test_names_for_people() -> None:
    assert keys.name_of("question_mark") == "?"
    assert keys.name_of("ctrl+d") == "ctrl+d"
    assert keys.first_key("open") == "enter"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_no_config_is_no_change(tmp_path: Path) -> None:
    assert keys.read_keymap(tmp_path / "config.toml") == ({}, "")


def test_good_lines_count_and_the_first_bad_one_is_named(tmp_path: Path) -> None:
    """One wrong line does not cost the others, and the message names file, key and the nearest known one."""
    path = write(tmp_path, '[keys]\nopen = "o"\nserch = "f"\nstar = 3\n')
    keymap, wrong = keys.read_keymap(path)
    assert keymap == {"open": "o"}
    assert "config.toml" in wrong
    assert "serch" in wrong
    assert "search" in wrong


def test_a_forbidden_key_is_refused_in_the_config(tmp_path: Path) -> None:
    keymap, wrong = keys.read_keymap(write(tmp_path, '[keys]\nstar = "ctrl+m"\n'))
    assert keymap == {}
    assert "ctrl+m" in wrong


@pytest.mark.parametrize("text", ["[keys", "keys = 3", "\x00", '[keys]\nopen = ""\n'])
def test_a_broken_config_is_said_not_raised(tmp_path: Path, text: str) -> None:
    keymap, wrong = keys.read_keymap(write(tmp_path, text))
    assert keymap == {}
    assert "config.toml" in wrong


async def test_a_user_changes_a_key(tmp_path: Path) -> None:
    """``[keys] down = "e"``: e moves down, j no longer does."""
    write(tmp_path, '[keys]\ndown = "e"\n')
    async with running(FakeDeck(tmp_path)) as (app, pilot):
        rows = app.screen.query_one("#rows")
        await press(pilot, "e")
        assert rows.cursor == 1  # type: ignore[attr-defined]
        await press(pilot, "j")
        assert rows.cursor == 1  # type: ignore[attr-defined]


async def test_a_wrong_config_gives_one_toast(tmp_path: Path) -> None:
    write(tmp_path, '[keys]\nnonsense = "e"\n')
    async with running(FakeDeck(tmp_path)) as (app, _):
        said = [n.message for n in app._notifications]
        assert len(said) == 1
        assert "nonsense" in said[0]
