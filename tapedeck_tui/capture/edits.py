"""Changes to files that belong to other programs: shown first, backed up, written whole or not at all."""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tapedeck_tui.errors import Refused, StorageError
from tapedeck_tui.paths import FILE_MODE, shorten


@dataclass(frozen=True, slots=True)
class Edit:
    """A file as it is and as it shall be.

    before  its text, None when it is not there
    after   what shall be in it, None when it shall be removed
    """

    path: Path
    before: str | None
    after: str | None

    @property
    def is_change(self) -> bool:
        return self.before != self.after

    def diff(self) -> str:
        """The change as a unified diff."""
        name = shorten(str(self.path), 0)
        lines = difflib.unified_diff(
            (self.before or "").splitlines(),
            (self.after or "").splitlines(),
            name if self.before is not None else "/dev/null",
            name if self.after is not None else "/dev/null",
            lineterm="",
        )
        return "\n".join(lines)

    def apply(self, now: float, backup: bool = True) -> Path | None:
        """Make the change. Returns where the old file was copied to, None when there was none.

        A link stays a link: the file it leads to is changed. Rights are kept.

        Raises:
            Refused: the file is not what ``before`` says any more.
            StorageError: it cannot be written.
        """
        target = Path(os.path.realpath(self.path))
        if read(target) != self.before:
            raise Refused(f"{self.path} was changed meanwhile and was not touched.", "Try again.")
        try:
            saved = _copy(target, now) if backup and self.before is not None else None
            if self.after is None:
                target.unlink(missing_ok=True)
            else:
                _replace(target, self.after)
        except OSError as exc:
            raise StorageError(
                f"Cannot write {self.path}: {exc.strerror or exc}.", "Check the rights of its folder."
            ) from exc
        return saved


def read(path: Path) -> str | None:
    """The text of a file as it is (line ends kept), None when there is none.

    Raises Refused when it is no UTF-8, StorageError when it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as exc:
        raise Refused(
            f"{path} is no UTF-8 text (byte {exc.start:,}) and was not touched.", "Mend it first."
        ) from exc
    except OSError as exc:
        raise StorageError(
            f"{path} cannot be read: {exc.strerror or exc}.", "Check that it may be read by you."
        ) from exc


def _copy(path: Path, now: float) -> Path:
    """A copy beside the file, with a name not taken."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    number = 0
    while True:
        name = f"{path.name}.before-tapedeck-{stamp}" + (f"-{number}" if number else "")
        saved = path.with_name(name)
        if not os.path.lexists(saved):
            shutil.copy2(path, saved)
            return saved
        number += 1


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else FILE_MODE
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".tapedeck-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
