"""The only module that knows where our files live."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Home:
    """The folder everything of ours is in (``TAPEDECK_HOME``, else the platform's data folder).

    ``tapes``, ``keep_db``, ``journal`` and ``skills`` are durable; the rest can be remade from them.
    """

    root: Path

    @property
    def tapes(self) -> Path:
        return self.root / "tapes"

    @property
    def keep_db(self) -> Path:
        return self.root / "keep.db"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def skills(self) -> Path:
        return self.root / "skills"

    @property
    def library_db(self) -> Path:
        return self.root / "library.db"

    @property
    def tape_index_db(self) -> Path:
        return self.root / "tape-index.db"

    @property
    def lexical(self) -> Path:
        return self.root / "lexical"

    @property
    def vectors(self) -> Path:
        return self.root / "vectors"

    @property
    def config_file(self) -> Path:
        return self.root / "config.toml"

    @property
    def log_file(self) -> Path:
        return self.root / "tapedeck.log"

    @property
    def ingest_lock(self) -> Path:
        return self.root / "ingest.lock"

    @property
    def watch_lock(self) -> Path:
        """Held by the one of several watchers that works at once."""
        return self.root / "watch.lock"

    @property
    def signals(self) -> Path:
        """Hooks and the app touch a file in here to have the watcher look at once."""
        return self.root / "signals"

    def make(self) -> Home:
        """Create the home with private permissions; a folder that was there keeps its own. Raises StorageError
        when that is impossible."""
        from tapedeck_tui.errors import StorageError

        try:
            self.root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        except OSError as exc:
            raise StorageError(
                f"Cannot create or use the home folder {self.root}: {exc.strerror or exc}.",
                "Set TAPEDECK_HOME to a folder you can write to.",
            ) from exc
        if not os.access(self.root, os.R_OK | os.W_OK | os.X_OK):
            raise StorageError(
                f"The home folder {self.root} cannot be written.",
                "Give yourself the right to write there, or set TAPEDECK_HOME to another folder.",
            )
        return self


def find_home(explicit: Path | None = None) -> Home:
    """The home to use: the argument, else ``TAPEDECK_HOME``, else the platform's user data folder."""
    if explicit is not None:
        return Home(explicit.expanduser())
    named = os.environ.get("TAPEDECK_HOME", "")
    if named:
        return Home(Path(named).expanduser())
    import platformdirs  # 10 ms, and only when nothing was named

    return Home(Path(platformdirs.user_data_dir("tapedeck", appauthor=False)))


def shorten(path: str, width: int) -> str:
    """A path for people: ``~`` for the home, and an ellipsis in the middle when longer than width."""
    home = str(Path.home())
    if path == home or path.startswith(home + os.sep):
        path = "~" + path[len(home) :]
    if width <= 0 or len(path) <= width:
        return path
    if width < 5:
        return path[:width]
    tail = (width - 1) * 2 // 3
    return path[: width - 1 - tail] + "…" + path[-tail:]
