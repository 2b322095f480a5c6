"""The demo's folder: private, never somebody else's, reused while fresh, remade when not."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from tapedeck_tui.demo import folder
from tapedeck_tui.errors import StorageError

DAY = 86400.0


def shelf(root: Path, content: str, now: float) -> folder.Shelf:
    made = folder.Shelf(root / f"{content}-{now!r}", now)
    made.clear()
    made.finish()
    return made


def test_it_is_private(tmp_path: Path) -> None:
    path = folder.private_folder(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert folder.private_folder(tmp_path) == path


def test_another_users_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the folder and says what to do."""
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    with pytest.raises(StorageError, match=r"belongs to another user.*TMPDIR"):
        folder.private_folder(tmp_path)


def test_a_link_at_its_name_is_refused(tmp_path: Path) -> None:
    """Nothing is written where the link leads."""
    elsewhere = tmp_path / "elsewhere"
    path = folder.private_folder(tmp_path)
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    with pytest.raises(StorageError, match="is not a folder"):
        folder.private_folder(tmp_path)
    assert list(elsewhere.iterdir()) == []


def test_what_others_could_have_written_is_not_trusted(tmp_path: Path) -> None:
    """A folder that was open to others is closed and emptied; a link in it is removed, not followed."""
    path = folder.private_folder(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "letter").write_text("stays")
    (path / "planted").mkdir()
    (path / "link").symlink_to(outside)
    path.chmod(0o777)
    assert list(folder.private_folder(tmp_path).iterdir()) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert (outside / "letter").read_text() == "stays"


def test_a_folder_that_cannot_be_made_is_an_error_to_act_on(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Cannot make the demo's folder"):
        folder.private_folder(tmp_path / "missing")


def test_a_shelf_made_for_this_time_is_picked(tmp_path: Path) -> None:
    made = shelf(tmp_path, "abc", 5 * DAY)
    assert folder.pick(tmp_path, "abc", 5 * DAY) == made
    assert not folder.pick(tmp_path, "abc", 6 * DAY).is_complete
    assert not folder.pick(tmp_path, "other", 5 * DAY).is_complete


@pytest.mark.parametrize(
    ("age", "reused"), [(0.0, True), (19 * 3600.0, True), (21 * 3600.0, False), (-60.0, False)]
)
def test_without_a_time_a_fresh_one_is_picked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: float, reused: bool
) -> None:
    """Older than 20 hours, or from the future: a new one is made."""
    monkeypatch.setattr(time, "time", lambda: 100 * DAY)
    made = shelf(tmp_path, "abc", 100 * DAY - age)
    picked = folder.pick(tmp_path, "abc", None)
    assert (picked == made) is reused
    assert picked.is_complete is reused


def test_an_incomplete_one_is_not_picked(tmp_path: Path) -> None:
    folder.Shelf(tmp_path / f"abc-{5 * DAY!r}", 5 * DAY).clear()
    assert not folder.pick(tmp_path, "abc", 5 * DAY).is_complete


def test_old_and_left_over_ones_are_removed(tmp_path: Path) -> None:
    """The present one and one that another process may still show stay."""
    present, recent, old = (shelf(tmp_path, "abc", day * DAY) for day in (9, 8, 1))
    marker = old.root / "complete.json"
    os.utime(marker, (0, 0))
    left_over = folder.Shelf(tmp_path / "abc-2.0", 2.0)
    left_over.clear()
    (tmp_path / "demo.lock").touch()
    folder.prune(tmp_path, keep=present)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [present.root.name, recent.root.name, "demo.lock"]
    )
