"""Errors a person can act on.

TapedeckError                 every error of ours; message + hint
  UsageError                  the request makes no sense as given (exit code 2)
    QueryError                a search query that cannot be read; knows the column
  NotFound                    no such session, turn, file (exit code 3)
  Busy                        another process is ingesting (exit code 4)
  StorageError                the home cannot be read or written, or is damaged (exit code 5)
  ModelUnavailable            no chat model can be reached (exit code 6)
  Refused                     we will not do this: it would overwrite or lose something (exit code 7)
"""

from __future__ import annotations


class TapedeckError(Exception):
    """What happened, where, and what to do next.

    Args:
        what: one sentence: what happened and where.
        hint: one sentence: what to do next; may be empty.
    """

    exit_code = 1

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what} {self.hint}".strip()


class UsageError(TapedeckError):
    exit_code = 2


class QueryError(UsageError):
    """A query that cannot be read. ``column`` is the 0-based character it went wrong at."""

    def __init__(self, what: str, column: int, hint: str = "") -> None:
        super().__init__(what, hint)
        self.column = column


class NotFound(TapedeckError):
    exit_code = 3


class Busy(TapedeckError):
    exit_code = 4


class StorageError(TapedeckError):
    exit_code = 5


class ModelUnavailable(TapedeckError):
    exit_code = 6


class Refused(TapedeckError):
    exit_code = 7
