"""What asking and promoting need from the library, as protocols: the deck satisfies them, tests fake them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tapedeck_tui.model import Answer, SearchResult, SessionView, SourceRow, Status, TurnView


class Turns(Protocol):
    """Reading turns and their sessions."""

    def turn(self, turn_id: str) -> TurnView:
        """Raises NotFound."""

    def turns(self, session_id: str, start: int = 0, limit: int = 100) -> list[TurnView]:
        """Turns ``start`` .. ``start+limit-1`` by position."""

    def session(self, session_id: str) -> SessionView:
        """Raises NotFound."""


class Finder(Turns, Protocol):
    """Searching the library."""

    def search(
        self, query: str, limit: int = 50, semantic: bool = True, per_session: int = 3
    ) -> SearchResult:
        """At most ``limit`` sessions with their ``per_session`` best turns. Raises QueryError."""

    def projects(self) -> Sequence[tuple[str, int]]:
        """Projects with their session counts, most first."""

    def sources(self) -> Sequence[SourceRow]:
        """One row per importer."""

    def status(self) -> Status:
        """The library in numbers."""


class AnswerKeeper(Protocol):
    """Where answers are kept, and small numbers learned about models."""

    def save_answer(self, answer: Answer) -> None: ...
    def recall(self, key: str, default: str = "") -> str: ...
    def remember(self, key: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AskSettings:
    """How to ask.

    url             of Ollama; "" = ``OLLAMA_HOST``, else the usual one on this machine
    context_tokens  the largest context to ask for; the model's own limit wins when smaller
    answer_tokens   room that is kept for the answer
    timeout         seconds without any byte from the model until it is given up (loading counts)
    units           how many found turns to take as evidence
    """

    url: str = ""
    context_tokens: int = 8192
    answer_tokens: int = 1024
    timeout: float = 300.0
    units: int = 10
