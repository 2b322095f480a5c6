"""The thread that asks, and what it tells the screen.

It is a daemon thread of its own and no worker: a model that is still being loaded can be silent for a
minute, and quitting the app must not wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from tapedeck_tui import model

if TYPE_CHECKING:
    from tapedeck_tui.deck import Deck


class AskMoved(Message):
    """One step of a run. ``event`` is None when the run is over; ``text`` is the whole answer so far.

    A newer text of the same run replaces an older one that is still waiting: nothing is lost by that.
    """

    def __init__(
        self,
        run: int,
        event: model.AskEvent | None = None,
        *,
        text: str = "",
        error: Exception | None = None,
        kept: model.Answer | None = None,
    ) -> None:
        super().__init__()
        self.run = run
        self.event = event
        self.text = text
        self.error = error
        self.kept = kept

    @property
    def is_text(self) -> bool:
        return isinstance(self.event, model.AskToken)

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, AskMoved) and message.run == self.run and message.is_text and self.is_text


class Asking:
    """One question being answered.

    Args:
        deck: who is asked.
        run: number of this question; every message carries it.
        question, session_id: as ``Deck.ask`` takes them.
        post: takes the messages, from any thread.
    """

    def __init__(
        self, deck: Deck, run: int, question: str, session_id: str, post: Callable[[AskMoved], object]
    ) -> None:
        self._deck = deck
        self._run = run
        self._question = question
        self._session_id = session_id
        self._post = post
        self._stopped = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._work, name=f"ask-{self._run}", daemon=True).start()

    def stop(self) -> None:
        """Close the generator at its next step. Safe from any thread, and twice."""
        self._stopped.set()

    def _work(self) -> None:
        """Every event becomes a message, the last one without an event. An error travels with it: the screen
        shows one of ours and raises any other, which ends the app the usual way."""
        text = ""
        kept: model.Answer | None = None
        try:
            text, done = self._follow()
            if not done:
                kept = self._kept()
        except Exception as exc:  # noqa: BLE001 - not swallowed: the screen raises it
            self._post(AskMoved(self._run, text=text, error=exc))
        else:
            self._post(AskMoved(self._run, text=text, kept=kept))

    def _follow(self) -> tuple[str, bool]:
        """Iterate the answer until its end or a stop. Returns its text so far, and whether it is complete."""
        pieces: list[str] = []
        done = False
        events = self._deck.ask(self._question, self._session_id)
        try:
            for event in events:
                if self._stopped.is_set():
                    break
                if isinstance(event, model.AskToken):
                    pieces.append(event.text)
                done = isinstance(event, model.AskDone)
                self._post(AskMoved(self._run, event, text="".join(pieces)))
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()
        return "".join(pieces), done

    def _kept(self) -> model.Answer | None:
        """The stopped answer as it was kept, when it was."""
        newest = self._deck.answers(1)
        return next((a for a in newest if a.question == self._question and a.stopped), None)
