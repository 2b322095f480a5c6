"""The demo: an invented library of some forty sessions, to look around in before pointing tapedeck at one's own.

``open_demo`` writes invented source files in their real formats into a private temporary folder and builds a
library from them, exactly as it would from a user's own. It reads nothing of the user's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tapedeck_tui.errors import Busy, StorageError
from tapedeck_tui.events import Event, Progress
from tapedeck_tui.paths import Home

if TYPE_CHECKING:
    from tapedeck_tui.demo.folder import Shelf

__all__ = ["enter", "open_demo"]

PATIENCE = 60.0
"""Seconds to wait for another process that builds the demo; a build takes two to five."""

_PLACES = ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME")


def open_demo(
    progress: Callable[[Event], None] | None = None, *, now: float | None = None, parent: Path | None = None
) -> Home:
    """The home of the demo library, built when there is no fresh one.

    Two processes may call it at once: the second waits and opens what the first has built. Ids do not depend
    on ``now``, times do.

    Args:
        progress: is called with the events of the work; not at all when nothing needs building.
        now: Unix seconds the sessions' times count back from; None for the present.
        parent: the folder to make the demo's folder in; None for the system's temporary folder.

    Raises:
        StorageError: the folder cannot be made or written, or belongs to somebody else.
        Busy: another process has been building it for longer than PATIENCE.
    """
    from filelock import FileLock, Timeout

    from tapedeck_tui.demo import folder, sources

    private = folder.private_folder(parent)
    try:
        with FileLock(private / "demo.lock", timeout=PATIENCE):
            shelf = folder.pick(private, sources.content_hash(), now)
            if not shelf.is_complete:
                shelf.clear()
                _build(shelf, progress)
                shelf.finish()
                folder.prune(private, keep=shelf)
    except Timeout as exc:
        what = (
            f"Another process has been building the demo in {private} for more than {PATIENCE:.0f} seconds."
        )
        raise Busy(what, "Try again in a moment, or end that process.") from exc
    except OSError as exc:
        what = f"Cannot write the demo below {private}: {exc.strerror or exc}."
        raise StorageError(what, "Make room there, or set TMPDIR to another folder.") from exc
    return Home(shelf.home)


def enter(home: Home) -> None:
    """Make this process (and its children) live on the demo's machine: its home folder is the invented user's, and
    so is the working directory. So sources show the demo's places and whatever is promoted stays in the demo.

    Args:
        home: what ``open_demo`` gave.
    """
    from tapedeck_tui.demo.folder import Shelf

    machine = Shelf(home.root.parent, now=0.0).machine
    for name in _PLACES:
        os.environ.pop(name, None)
    os.environ["HOME"] = os.environ["USERPROFILE"] = str(machine)
    os.chdir(machine)


def _build(shelf: Shelf, progress: Callable[[Event], None] | None) -> None:
    from tapedeck_tui.deck import Deck
    from tapedeck_tui.demo import sources

    def tell(event: Event) -> None:
        if progress is not None:
            progress(event)

    paths = []
    for path in sources.write_sources(shelf.machine, shelf.now):
        paths.append(path)
        tell(Progress("writing", len(paths), note=path.name))
    home = Home(shelf.home).make()
    with Deck(home, clock=lambda: shelf.now) as deck:
        for event in deck.sync([shelf.machine / name for name in sources.FOLDERS.values()]):
            tell(event)
