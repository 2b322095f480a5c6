"""The one door front ends go through. Short methods, no logic; plain frozen data out.

A ``Deck`` may be used from any thread (each thread gets its own read connection). Everything here may
touch the disk: front ends call it from workers, never from the event loop.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from tapedeck_tui import model
from tapedeck_tui.events import Event
from tapedeck_tui.paths import Home


class Deck:
    """Everything tapedeck can do.

    Args:
        home: where the library is; it is created when missing.
    """

    def __init__(self, home: Home) -> None:
        self.home = home

    # keeping
    def sync(self, paths: Sequence[Path] = ()) -> Iterator[Event]:
        """Keep and index what is new below ``paths`` (default: every importer's homes)."""

    def sources(self) -> list[model.SourceRow]: ...
    def problems(self, limit: int = 500) -> list[model.ProblemRow]: ...
    def status(self) -> model.Status: ...
    def doctor(self) -> list[model.Check]: ...

    # browsing
    def session_order(self, only: model.BrowseFilter = model.BrowseFilter()) -> array[int]:
        """Row numbers of the sessions to list, newest first. 200,000 take one query."""

    def session_rows(self, rows: Sequence[int]) -> list[model.SessionRow]:
        """The sessions with these row numbers, in this order (missing ones are left out)."""

    def session(self, session_id: str) -> model.SessionView:
        """Raises NotFound. Accepts an id, a unique prefix of an id, or the harness's own id."""

    def turn_count(self, session_id: str) -> int: ...
    def turns(self, session_id: str, start: int = 0, limit: int = 100) -> list[model.TurnView]:
        """Turns ``start`` .. ``start+limit-1`` by position."""

    def turn(self, turn_id: str) -> model.TurnView:
        """Raises NotFound. Accepts an id or a unique prefix of one."""

    def whole_turn(self, turn_id: str) -> model.TurnView:
        """The turn with its long tool results whole, read from the tape. Raises NotFound, StorageError."""

    def projects(self) -> list[tuple[str, int]]:
        """Projects with their session counts, most first."""

    # finding
    def search(self, query: str, limit: int = 50, semantic: bool = True) -> model.SearchResult:
        """Raises QueryError. ``semantic=False`` never touches the vectors (typing before they are warm)."""

    def find_in_session(self, session_id: str, words: str) -> list[int]:
        """Positions of the turns of a session that hold all the words, in order."""

    def warm(self) -> None:
        """Open the indexes so that the next search is fast. For an idle thread after first paint."""

    # asking
    def models(self) -> model.Models: ...
    def choose_model(self, name: str) -> None: ...
    def ask(
        self, question: str, session_id: str = "", with_model: str | None = None
    ) -> Iterator[model.AskEvent]:
        """Streams an answer; closing the iterator stops the model. Without a model: passages.

        ``with_model`` names the model of this one question ("": none; None: the chosen one)."""

    def answers(self, limit: int = 50) -> list[model.Answer]:
        """Kept answers, newest first."""

    def example_questions(self) -> list[str]:
        """Up to three questions made from this library's own titles."""

    # what the user makes
    def star(self, session_id: str, on: bool) -> None: ...
    def label(self, session_id: str, label: str, on: bool) -> None: ...

    # promoting
    def draft_skill(self, turn_ids: Sequence[str], answer_id: str = "") -> model.Draft: ...
    def draft_observation(self, turn_ids: Sequence[str], answer_id: str = "") -> model.Draft: ...
    def check_draft(self, draft: model.Draft) -> model.Draft:
        """The same draft with ``problems`` and ``path`` filled for its present text and target."""

    def publish(self, draft: model.Draft) -> model.Promoted:
        """Write it. Raises Refused when the name exists or the draft is not valid."""

    def promoted(self, limit: int = 200) -> list[model.Promoted]: ...

    # small memory of the app
    def recall(self, key: str, default: str = "") -> str:
        """A small remembered setting of this machine ("last-session", "model")."""

    def remember(self, key: str, value: str) -> None: ...
