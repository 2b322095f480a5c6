"""The one error boundary: details to the log, one sentence to the user."""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import Path
from typing import Any

from tapedeck_tui.text import one_line

_LOG = logging.getLogger("tapedeck")


class Crash(Exception):
    """What is printed when the app fails: one sentence, and where the log is."""

    def __init__(self, error: BaseException, log: str) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.log = log

    def __rich__(self) -> Any:
        from rich.text import Text

        what = one_line(str(self), 160)
        return Text(f"tapedeck stopped because of an error of its own ({what}). Details are in {self.log}")


def crash_of(error: Exception, log: Path) -> Crash:
    """Write the error to the log and make the sentence."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(
                time.strftime("%Y-%m-%d %H:%M:%S ") + "".join(traceback.format_exception(error)) + "\n"
            )
    except OSError:
        _LOG.exception("The log cannot be written.")
    crash = Crash(error, str(log))
    crash.__cause__ = error
    return crash
