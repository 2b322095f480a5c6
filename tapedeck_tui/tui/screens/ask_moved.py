"""What the thread that asks tells the screen."""

from __future__ import annotations

from textual.message import Message

from tapedeck_tui import model
from tapedeck_tui.errors import TapedeckError


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
        error: TapedeckError | None = None,
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
