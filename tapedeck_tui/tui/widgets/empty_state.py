"""What a pane says when it has nothing to show: one sentence, and the keys that help."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from tapedeck_tui.text import clean


class EmptyState(Widget):
    """A sentence and up to a few keys, centred.

    ``show(sentence, (("s", "sources"), ("?", "help")))`` shows it, ``hide()`` takes it away.
    """

    DEFAULT_CSS = """
    EmptyState { height: 1fr; width: 1fr; content-align: center middle; text-align: center; color: $text-muted;
                 display: none; padding: 0 4; }
    EmptyState.-shown { display: block; }
    """

    def __init__(
        self, sentence: str = "", keys: tuple[tuple[str, str], ...] = (), *, id: str | None = None
    ) -> None:
        super().__init__(id=id, classes="-shown" if sentence else None)
        self._sentence = sentence
        self._keys = keys

    def show(self, sentence: str, keys: tuple[tuple[str, str], ...] = ()) -> None:
        self._sentence = clean(sentence)
        self._keys = keys
        self.add_class("-shown")
        self.refresh()

    def hide(self) -> None:
        self.remove_class("-shown")

    def render(self) -> Text:
        text = Text(self._sentence, justify="center")
        if self._keys:
            text.append("\n\n")
            for number, (key, what) in enumerate(self._keys):
                text.append("   " if number else "")
                text.append(key, "bold")
                text.append(f" {what}")
        return text
