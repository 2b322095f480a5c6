from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tapedeck_tui.library.keep import Keep
from tapedeck_tui.model import Promoted
from tapedeck_tui.paths import Home
from tapedeck_tui.promote import observe, skill
from tapedeck_tui.promote.publish import publish
from tapedeck_tui.promote.state import promoted_now
from tapedeck_tui.promote.targets import Environment
from tests.ask.world import DOORS, NOW, World

WORLD = World(DOORS)


@pytest.fixture(name="keep")
def _keep(tmp_path: Path) -> Keep:
    return Keep(tmp_path / "keep.db")


@pytest.fixture(name="made")
def _made(tmp_path: Path, keep: Keep) -> dict[str, Promoted]:
    home = Home(tmp_path / "home").make()
    where = Environment(tmp_path / "user", tmp_path)
    drafts = (skill.draft([DOORS[1][6]], None, WORLD), observe.draft([DOORS[1][9]], None, WORLD))
    return {d.kind: publish(d, home, keep, NOW, WORLD, where) for d in drafts}


def states(keep: Keep) -> dict[str, str]:
    return {p.kind: p.state for p in promoted_now(keep)}


def test_as_written(keep: Keep, made: dict[str, Promoted]) -> None:
    assert states(keep) == {"skill": "live", "observation": "live"}


def test_edited(keep: Keep, made: dict[str, Promoted]) -> None:
    """A changed skill and a changed line are the user's own now, and are shown as such."""
    for item in made.values():
        path = Path(item.path)
        path.write_text(path.read_text().replace("cooldown", "pause").replace("Keep 3", "Keep 4"))
    assert states(keep) == {"skill": "edited", "observation": "edited"}


def test_gone(keep: Keep, made: dict[str, Promoted]) -> None:
    shutil.rmtree(Path(made["skill"].path).parent)
    page = Path(made["observation"].path)
    page.write_text("\n".join(line for line in page.read_text().split("\n") if "ob_" not in line))
    assert states(keep) == {"skill": "gone", "observation": "gone"}
    page.unlink()
    assert states(keep)["observation"] == "gone"
