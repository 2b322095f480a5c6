"""Writing files so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tapedeck_tui.errors import Refused, StorageError
from tapedeck_tui.paths import FILE_MODE, FOLDER_MODE


def write_atomic(path: Path, text: str, mode: int = FILE_MODE) -> None:
    """Replace a file by ``text`` (UTF-8, line ends as given): temporary file beside it, fsync, rename.

    Raises StorageError naming the file.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".tapedeck-")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as exc:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise StorageError(
            f"Cannot write {path}: {exc.strerror or exc}.", "Check the folder's permissions."
        ) from exc


def create_folder(folder: Path, files: Mapping[str, str], private: bool) -> None:
    """Make a folder with these files (relative path -> text), all of it or nothing.

    It is built beside its place and renamed into it, so nobody ever sees a part of it.

    Args:
        folder: must not exist.
        files: relative paths and their text.
        private: readable by the user only; else as the umask says.

    Raises:
        Refused: something of that name is there already; it was not touched.
        StorageError: it cannot be written.
    """
    building = ""
    made = False
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = tempfile.mkdtemp(dir=folder.parent, prefix=".tapedeck-")
        for name, text in files.items():
            path = Path(building) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            path.chmod(FILE_MODE if private else 0o644)
        os.chmod(building, FOLDER_MODE if private else 0o755)
        folder.mkdir()  # claims the name: fails when anything is there
        made = True
        os.rename(building, folder)  # onto the empty folder just made
        sync_folder(folder.parent)
    except FileExistsError as exc:
        shutil.rmtree(building, ignore_errors=True)
        raise Refused(f"{folder} exists already and was not touched.", "Choose another name.") from exc
    except OSError as exc:
        shutil.rmtree(building, ignore_errors=True)
        if made:
            with contextlib.suppress(OSError):  # only ours, and only while it is empty
                folder.rmdir()
        raise StorageError(
            f"Cannot write {folder}: {exc.strerror or exc}.", "Check its permissions."
        ) from exc


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable (POSIX)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
