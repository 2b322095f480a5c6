"""Fields that hold clean text only: what is pasted may come from an archive, too."""

from __future__ import annotations

from textual import events
from textual.widgets import Input, TextArea
from textual.widgets.text_area import Edit, EditResult

from tapedeck_tui.text import clean, one_line

MOST = 20_000
"""Characters of a pasted line that are taken."""


class CleanInput(Input):
    """A line. Pasted lines become one line instead of only the first."""

    def validate_value(self, value: str) -> str:
        """No escape sequence, control character or line break, however it came here."""
        return clean(value).replace("\n", " ")

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        line = one_line(event.text, MOST)
        if self.selection.is_empty:
            self.insert_text_at_cursor(line)
        else:
            self.replace(line, *self.selection)


class CleanArea(TextArea):
    """An editor of several lines."""

    def edit(self, edit: Edit) -> EditResult:
        edit.text = clean(edit.text)
        return super().edit(edit)
