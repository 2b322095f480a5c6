"""The line a question is written in."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.widgets.clean_input import CleanInput


class QuestionInput(CleanInput):
    """One clean line; enter submits it, down leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("question")

    class Left(Message):
        """The user goes on to what stands below."""

    async def action_send(self) -> None:
        await self.action_submit()

    def action_to_answer(self) -> None:
        self.post_message(self.Left())
