"""What the watcher is told from other threads, and the only place it waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from tapedeck_tui.errors import StorageError
from tapedeck_tui.paths import FOLDER_MODE, Home

APP = "app"
"""Name of the file with which the app and commands signal."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Something was made, changed, moved or removed. ``is_folder`` as the system said it."""

    path: str
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """Events were lost: only looking at everything tells what happened."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The watcher is to end."""


Message = Touched | Lost | Stop


class Inbox:
    """A queue that any thread and any signal handler may put into; one thread waits.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = clock
        self._queue: SimpleQueue[Message] = SimpleQueue()

    def put(self, message: Message) -> None:
        self._queue.put(message)

    def wait(self, seconds: float) -> list[Message]:
        """All that is there; when nothing is, the first that comes within so many seconds (and what came with
        it); empty when nothing came. Costs nothing while it waits."""
        try:
            found = [self._queue.get(timeout=max(0.0, seconds))]
        except Empty:
            return []
        while True:
            try:
                found.append(self._queue.get_nowait())
            except Empty:
                return found

    @property
    def is_empty(self) -> bool:
        return self._queue.empty()


def signal(home: Home) -> None:
    """Touch a file that every watcher of this home sees; it then looks at everything. Raises StorageError."""
    try:
        home.make().signals.mkdir(mode=FOLDER_MODE, exist_ok=True)
        (home.signals / APP).write_text("look\n")
    except OSError as exc:
        raise StorageError(
            f"Cannot write below {home.signals}: {exc.strerror or exc}.", "Check its permissions."
        ) from exc
