"""Where the user left the app, so that it opens there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MODES = ("browse", "ask", "memory", "sources")
PLACE_KEY = "app-place"
"""What the place is remembered under."""
THEME_KEY = "app-theme"
"""What the chosen theme is remembered under."""


@dataclass(frozen=True, slots=True)
class Left:
    """mode: one of ``MODES``; query: the search line; session_id: the row the bar stood on;
    reading: the session open in the reader, "" if none; position: its turn."""

    mode: str = "browse"
    query: str = ""
    session_id: str = ""
    reading: str = ""
    position: int = 0

    def dump(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> Left:
        """The place, or the start when the text is not one (an older version, a damaged file)."""
        try:
            found = json.loads(text) if text else {}
        except ValueError:
            return cls()
        if not isinstance(found, dict):
            return cls()
        words = {
            k: v for k in ("mode", "query", "session_id", "reading") if isinstance(v := found.get(k), str)
        }
        position = found.get("position")
        if words.get("mode") not in MODES:
            words["mode"] = "browse"
        return cls(**words, position=position if isinstance(position, int) and position >= 0 else 0)
