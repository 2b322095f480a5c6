"""The private temporary folder the demo lives in: ours alone, reused while it is fresh, remade otherwise."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tapedeck_tui import __version__
from tapedeck_tui.errors import StorageError
from tapedeck_tui.paths import FOLDER_MODE

FRESH = 20 * 3600.0
"""Seconds a demo stays recent enough to be opened again."""

KEPT = 3 * 86400.0
"""Seconds an older demo stays for a process that may still show it."""

_MARKER = "complete.json"


@dataclass(frozen=True, slots=True)
class Shelf:
    """One demo: the invented user's files in ``machine``, the library in ``home``.

    ``now`` is what its times count from (Unix seconds).
    """

    root: Path
    now: float

    @property
    def machine(self) -> Path:
        return self.root / "machine"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def is_complete(self) -> bool:
        return (self.root / _MARKER).is_file()

    def finish(self) -> None:
        """Say that everything is written. Until then the folder counts as left over."""
        part = self.root / (_MARKER + ".part")
        part.write_text(json.dumps({"now": self.now}) + "\n", "utf-8")
        part.replace(self.root / _MARKER)

    def clear(self) -> None:
        """Begin anew: an empty private folder."""
        remove(self.root)
        self.root.mkdir(mode=FOLDER_MODE)
        self.machine.mkdir(mode=FOLDER_MODE)


def private_folder(parent: Path | None = None) -> Path:
    """The folder of this user and version, made when missing, with mode 0700.

    Raises:
        StorageError: it cannot be made, or somebody else owns what stands at its name.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    path = parent / f"tapedeck-demo-{__version__}-{_user()}"
    hint = "Remove it, or set TMPDIR to a folder of your own."
    try:
        path.mkdir(mode=FOLDER_MODE)
    except FileExistsError:
        pass
    except OSError as exc:
        raise StorageError(f"Cannot make the demo's folder {path}: {exc.strerror or exc}.", hint) from exc
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise StorageError(f"The demo's folder {path} is not a folder.", hint)
    if os.name == "posix":
        if found.st_uid != os.getuid():
            raise StorageError(f"The demo's folder {path} belongs to another user.", hint)
        if stat.S_IMODE(found.st_mode) != FOLDER_MODE:
            # others could write here: what stands in it is not ours to trust
            path.chmod(FOLDER_MODE)
            for entry in path.iterdir():
                remove(entry)
    return path


def pick(folder: Path, content: str, now: float | None) -> Shelf:
    """The shelf to open: a complete one of this content that is fresh (or was made for this ``now``), else a
    new one that is yet to be filled. Call it under the folder's lock.

    Args:
        folder: from ``private_folder``.
        content: ``sources.content_hash()``.
        now: Unix seconds to count from; None for the present.
    """
    present = time.time() if now is None else now
    for shelf in sorted(_shelves(folder, content), key=lambda s: -s.now):
        wanted = 0 <= present - shelf.now < FRESH if now is None else shelf.now == now
        if wanted and shelf.is_complete:
            return shelf
    return Shelf(folder / f"{content}-{present!r}", present)


def prune(folder: Path, keep: Shelf) -> None:
    """Remove demos that nobody can still be looking at. Call it under the folder's lock."""
    for entry in folder.iterdir():
        if entry == keep.root or not entry.is_dir() or entry.is_symlink():
            continue
        marker = entry / _MARKER
        if not marker.is_file() or time.time() - marker.stat().st_mtime > KEPT:
            remove(entry)


def remove(path: Path) -> None:
    """Remove a file or a folder tree of ours; a link is removed itself, never followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _shelves(folder: Path, content: str) -> list[Shelf]:
    shelves = []
    for entry in folder.glob(f"{content}-*"):
        with suppress(ValueError):
            shelves.append(Shelf(entry, float(entry.name.removeprefix(f"{content}-"))))
    return shelves


def _user() -> str:
    return str(os.getuid()) if os.name == "posix" else getpass.getuser()
