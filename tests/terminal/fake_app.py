"""Run the app on invented sessions in a real terminal: ``python -m tests.terminal.fake_app [hostile name]``."""

from __future__ import annotations

import sys

from tapedeck_tui.tui.app import TapedeckApp
from tests.tui.driver import make_app
from tests.tui.hostile import HOSTILE


def app(hostile: str) -> TapedeckApp:
    if not hostile:
        return make_app()
    from tests.tui.test_hostile import hostile_deck

    return make_app(hostile_deck(HOSTILE[hostile], cleaned=False))


if __name__ == "__main__":
    sys.exit(app(*sys.argv[1:2] or [""]).run() or 0)
