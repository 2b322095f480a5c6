"""A question answered with one line of text, at the bottom of the screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class LinePrompt(ModalScreen[str | None]):
    """Dismisses with the line, or with None on escape."""

    DEFAULT_CSS = """
    LinePrompt { align: center bottom; background: transparent; }
    LinePrompt #prompt-line { height: 1; width: 1fr; background: $panel; padding: 0 1; }
    LinePrompt #prompt-what { width: auto; color: $accent; padding: 0 1 0 0; }
    LinePrompt Input, LinePrompt Input:focus { border: none; height: 1; padding: 0; background: $panel; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel", show=False)]

    def __init__(self, what: str, placeholder: str = "", value: str = "") -> None:
        super().__init__()
        self._what = what
        self._placeholder = placeholder
        self._value = value

    def compose(self) -> ComposeResult:
        with Horizontal(id="prompt-line"):
            yield Static(self._what, id="prompt-what", markup=False)
            yield Input(self._value, placeholder=self._placeholder, compact=True, id="prompt-input")

    def on_mount(self) -> None:
        self.set_focus(self.query_one(Input))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)
