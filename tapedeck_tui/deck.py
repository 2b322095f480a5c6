"""The one door front ends go through. Short methods, no logic of its own; plain frozen data out.

A ``Deck`` may be used from any thread (each thread gets its own read connection). Everything here may
touch the disk: front ends call it from workers, never from the event loop.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tapedeck_tui import model
from tapedeck_tui.events import Event
from tapedeck_tui.library.browse import Browser
from tapedeck_tui.library.keep import Keep
from tapedeck_tui.paths import Home

if TYPE_CHECKING:
    from tapedeck_tui.capture.edits import Edit
    from tapedeck_tui.capture.follow import Watch
    from tapedeck_tui.capture.service import Service
    from tapedeck_tui.index.search import Searcher

CHOSEN_MODEL = "model"
"""Key under which the chosen chat model is remembered."""


class Deck:
    """Everything tapedeck can do.

    Args:
        home: where the library is; it is created when missing.
        clock: Unix seconds; given by tests and by the demo's screenshots.

    Raises:
        StorageError: the home cannot be used.
    """

    def __init__(self, home: Home, clock: Callable[[], float] = time.time) -> None:
        self.home = home.make()
        self.clock = clock
        self.keep = Keep(home.keep_db, clock)
        self._browser = Browser(home.library_db)

    def close(self) -> None:
        """Close what is open. Call when no other thread uses this deck any more."""
        if "_searcher" in self.__dict__:
            self._searcher.close()
        self.keep.close()

    @cached_property
    def _searcher(self) -> Searcher:
        from tapedeck_tui.index.search import Searcher

        return Searcher(self.home, self._browser, self.clock, self._session_set)

    def _session_set(self, name: str, value: str) -> Collection[str]:
        if name == "starred":
            return self.keep.starred()
        if name == "gone":
            return self._browser.gone()
        wanted = value.casefold()
        labels = self.keep.labels()
        return [s for s, names in labels.items() if any(n.casefold() == wanted for n in names)]

    # keeping

    def sync(self, paths: Sequence[Path] = ()) -> Iterator[Event]:
        """Keep and index what is new below ``paths`` (default: every importer's homes).

        Raises Busy when another process is doing it, StorageError when the home cannot be used.
        """
        from tapedeck_tui.capture.run import Sync

        return Sync(self.home, self.keep.machine_id(), paths, self.clock).events()

    def watcher(self) -> Watch:
        """Follows the sources: iterate its ``events()``, end it with ``stop()`` from anywhere."""
        from tapedeck_tui.capture.follow import Watch

        return Watch(self.home, self.keep.machine_id(), self.clock)

    def service(self) -> Service:
        """The background service that watches: plan, carry out, state. Raises Refused where there is none."""
        from tapedeck_tui.capture.service import Service

        return Service(self.home)

    def hook_edits(self, install: bool) -> list[Edit]:
        """The settings of Claude Code with our hooks, or without; nothing is written before ``apply``.

        Raises Refused, NotFound and StorageError, each saying why a settings file cannot be changed.
        """
        from tapedeck_tui.capture import hooks

        files = hooks.settings_files()
        return [hooks.installing(self.home, path) if install else hooks.removing(path) for path in files]

    def hook_states(self) -> list[tuple[str, bool]]:
        """(settings file, whether our hooks are in it). Raises as ``hook_edits``."""
        from tapedeck_tui.capture import hooks

        return [(str(path), hooks.installed(self.home, path)) for path in hooks.settings_files()]

    def signal(self) -> None:
        """Have a running watcher look at everything now. Raises StorageError when the home cannot be written."""
        from tapedeck_tui.capture.inbox import signal

        signal(self.home)

    def sources(self) -> list[model.SourceRow]:
        """One row per importer: where it looks and what is kept."""
        from tapedeck_tui.capture.report import sources

        return sources(self._browser)

    def problems(self, limit: int = 500) -> list[model.ProblemRow]:
        """What could not be read, newest first."""
        return self._browser.problems(limit)

    def status(self) -> model.Status:
        """The library in numbers."""
        from tapedeck_tui.capture.report import status

        return status(self.home, self._browser)

    def doctor(self) -> list[model.Check]:
        """How everything is, and the command that mends what is not well. Changes nothing."""
        from tapedeck_tui.recover.doctor import examine

        return examine(self.home, self._browser, self.models)

    # browsing

    def session_order(self, only: model.BrowseFilter | None = None) -> array[int]:
        """Row numbers of the sessions to list, newest first. 200,000 take one query."""
        only = only or model.BrowseFilter()
        among: Iterable[str] | None = None
        if only.starred:
            among = self.keep.starred()
        if only.label:
            labelled = self._session_set("label", only.label)
            among = labelled if among is None else set(among) & set(labelled)
        return self._browser.order(only, among)

    def session_rows(self, rows: Sequence[int]) -> list[model.SessionRow]:
        """The sessions with these row numbers, in this order (missing ones are left out)."""
        return self._dressed(self._browser.session_rows(rows))

    def session(self, session_id: str) -> model.SessionView:
        """Raises NotFound. Accepts an id, a unique prefix of an id, or the harness's own id."""
        found = self._browser.session(session_id)
        return replace(found, row=self._dressed([found.row])[0])

    def _dressed(self, rows: Sequence[model.SessionRow]) -> list[model.SessionRow]:
        """Rows with what the user made: stars, labels, own titles."""
        starred, labels, titles = set(self.keep.starred()), self.keep.labels(), self.keep.titles()
        return [
            replace(r, starred=r.id in starred, labels=labels.get(r.id, ()), title=titles.get(r.id, r.title))
            if r.id in starred or r.id in labels or r.id in titles
            else r
            for r in rows
        ]

    def turn_count(self, session_id: str) -> int:
        """Raises NotFound."""
        return self._browser.turn_count(session_id)

    def turns(self, session_id: str, start: int = 0, limit: int = 100) -> list[model.TurnView]:
        """Turns ``start`` .. ``start+limit-1`` by position. Raises NotFound."""
        return self._browser.turns(session_id, start, limit)

    def turn(self, turn_id: str) -> model.TurnView:
        """By id or unique prefix. Raises NotFound."""
        return self._browser.turn(turn_id)

    def whole(self, turn_id: str) -> model.TurnView:
        """The turn with its clipped parts read whole from the tape. Raises NotFound, StorageError."""
        from tapedeck_tui.capture.whole import whole_turn

        return whole_turn(self.home, self.keep.machine_id(), self._browser, turn_id)

    def projects(self) -> list[tuple[str, int]]:
        """Projects with their session counts, most first."""
        return self._browser.projects()

    # finding

    def search(
        self, query: str, limit: int = 50, semantic: bool = True, per_session: int = 3
    ) -> model.SearchResult:
        """At most ``limit`` sessions with their ``per_session`` best turns. ``semantic=False`` never touches the
        vectors (typing before they are warm). Raises QueryError."""
        found = self._searcher.search(query, limit, semantic, per_session)
        rows = {r.id: r for r in self._dressed([h.session for h in found.sessions])}
        return replace(found, sessions=tuple(replace(h, session=rows[h.session.id]) for h in found.sessions))

    def find_in_session(self, session_id: str, words: str) -> list[int]:
        """Positions of the turns of a session that hold all the words, in order."""
        return self._browser.positions_with(session_id, words.split())

    def warm(self, semantic: bool) -> None:
        """Open the indexes so that the next search is fast. For an idle thread.

        Args:
            semantic: the vectors, too. They take some 100 MB, so not before somebody is about to search or ask.
        """
        self._searcher.lexical()
        if semantic:
            self._searcher.vectors()

    # asking

    def models(self) -> model.Models:
        """The installed chat models and the one that will be asked. Never raises: it says what to do."""
        from tapedeck_tui.chat.models import list_models

        return list_models("", self.keep.recall(CHOSEN_MODEL))

    def choose_model(self, name: str) -> None:
        """Remember the chat model to ask."""
        self.keep.remember(CHOSEN_MODEL, name)

    def ask(
        self, question: str, session_id: str = "", model_name: str | None = None
    ) -> Iterator[model.AskEvent]:
        """Streams an answer; closing the iterator stops the model. Without a model: passages.

        Args:
            question: as typed.
            session_id: ask about this session only.
            model_name: None = the chosen one, "" = passages without a model.
        """
        from tapedeck_tui.ask.engine import ask
        from tapedeck_tui.ask.ports import AskSettings

        name = self.models().chosen if model_name is None else model_name
        return ask(question, self, self.keep, AskSettings(), name, session_id, self.clock())

    def answers(self, limit: int = 50) -> list[model.Answer]:
        """Kept answers, newest first."""
        return self.keep.answers(limit)

    def example_questions(self) -> list[str]:
        """Up to three questions made from this library's own titles."""
        from tapedeck_tui.ask.examples import examples

        return examples(self._browser.titles(40))

    # what the user makes

    def star(self, session_id: str, on: bool) -> None:
        """Star a session or take the star off."""
        self.keep.star(session_id, on)

    def label(self, session_id: str, label: str, on: bool) -> None:
        """Put a label on a session or take it off."""
        self.keep.label(session_id, label, on)

    # promoting

    def draft_skill(self, turn_ids: Sequence[str], answer_id: str = "") -> model.Draft:
        """A SKILL.md made from these turns or a kept answer, to be edited. Writes nothing."""
        from tapedeck_tui.promote.skill import draft

        turns, answer = self._evidence(turn_ids, answer_id)
        return self.check_draft(draft(turns, answer, self))

    def draft_observation(self, turn_ids: Sequence[str], answer_id: str = "") -> model.Draft:
        """One dated sentence made from these turns or a kept answer, to be edited. Writes nothing."""
        from tapedeck_tui.promote.observe import draft

        turns, answer = self._evidence(turn_ids, answer_id)
        return self.check_draft(draft(turns, answer, self))

    def _evidence(
        self, turn_ids: Sequence[str], answer_id: str
    ) -> tuple[list[model.TurnView], model.Answer | None]:
        answer = self.keep.answer(answer_id) if answer_id else None
        ids = list(turn_ids) or ([c.turn_id for c in answer.citations] if answer else [])
        return [self.turn(i) for i in dict.fromkeys(ids)], answer

    def check_draft(self, draft: model.Draft) -> model.Draft:
        """The same draft with ``problems`` and ``path`` filled for its present text and target."""
        from tapedeck_tui.promote.validate import check

        return check(draft, self.keep, self.home, self)

    def publish(self, draft: model.Draft) -> model.Promoted:
        """Write it. Raises Refused when the name exists or the draft is not valid."""
        from tapedeck_tui.promote.publish import publish

        return publish(draft, self.home, self.keep, self.clock(), self)

    def promoted(self, limit: int = 200) -> list[model.Promoted]:
        """What was promoted, newest first, with how each stands now: live, edited or gone."""
        from tapedeck_tui.promote.state import promoted_now

        return promoted_now(self.keep, limit)

    # small memory of the app

    def recall(self, key: str, default: str = "") -> str:
        """A small remembered setting of this machine ("last-session", "theme")."""
        return self.keep.recall(key, default)

    def remember(self, key: str, value: str) -> None:
        """Remember a small setting."""
        self.keep.remember(key, value)

    def __enter__(self) -> Deck:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
