"""Messages stand twice in a rollout: as an item and as an event (FORMATS 2.4).

The item is the message. An event is needed only to know what was typed, and where a file has the event
alone (paginated histories): then it stands in for the item. Items and events of one author come in the
same order, so they are paired by order; the texts may differ (citations and context are left out of events).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from importers.codex import authors
from importers.codex.state import State
from importers.contract import Part, Span

ITEM = "item_completed"
"""The event that tells a completed item; in numbered histories there may be nothing else."""
_RECENT = 4
_ALIKE = 60
"""Characters in which a completed item and its message agree."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The event of a message whose item was not seen (yet). ``kind`` is the event's. ``number`` is the position
    the message takes in its Codex turn, where the event may be all there is; None where its item is sure."""

    kind: str
    role: str
    text: str
    images: tuple[Part, ...]
    at: float | None
    span: Span
    number: int | None = None


class Twins:
    """Pairs items with events. ``waiting`` holds what has no item yet; the counts live in the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.waiting: list[Waiting] = []

    def says(self, texts: Sequence[str]) -> bool:
        """Whether an event that waits says that the user typed these texts."""
        return any(e.role == "user" and authors.says_the_same(texts, e.text) for e in self.waiting)

    def item(self, role: str, text: str) -> Waiting | None:
        """An item came: the event that waited for it, else None (then its event is still to come)."""
        for number, event in enumerate(self.waiting):
            if event.role == role and (event.kind != ITEM or _begin_alike(event.text, text)):
                self._state.paired = True
                return self.waiting.pop(number)
        self._state.ahead[role] = self._state.ahead.get(role, 0) + 1
        return None

    def event(self, event: Waiting) -> bool:
        """An event came; True when it has to ``wait`` for its item."""
        if self._is_repeat(event):
            return False
        ahead = self._state.ahead.get(event.role, 0)
        if ahead > 0:
            self._state.ahead[event.role] = ahead - 1
            self._state.paired = True
            return False
        return bool(event.text.strip())

    def wait(self, event: Waiting) -> None:
        self.waiting.append(event)

    def take(self, role: str, kind: str = "") -> list[Waiting]:
        """The messages of a role whose item will not come any more, so that the event stands for it.

        ``kind`` limits it to events of one kind. In a file whose items and events repeat each other, an event alone is no message of anyone: the prompt
        of a review, which the program writes and its own thread keeps.
        """
        gone = [e for e in self.waiting if e.role == role and kind in ("", e.kind)]
        if gone:
            self.waiting = [event for event in self.waiting if event not in gone]
        return [event for event in gone if event.kind == ITEM or not self._state.paired]

    def boundary(self) -> None:
        """A Codex turn begins or ends: what is unpaired stays so."""
        self._state.ahead.clear()
        self._state.events.clear()

    def _is_repeat(self, event: Waiting) -> bool:
        """Whether an event of another kind said this just now."""
        digest = hashlib.blake2b(
            f"{event.role}\n{event.text.strip()}".encode("utf-8", "replace"), digest_size=6
        )
        name = digest.hexdigest()
        recent = self._state.events
        if any(one.endswith(name) and one != f"{event.kind}:{name}" for one in recent):
            return True
        recent.append(f"{event.kind}:{name}")
        del recent[:-_RECENT]
        return False


def _begin_alike(event: str, item: str) -> bool:
    """Whether two texts are the same message; either may leave something out further on."""
    one, other = event.strip()[:_ALIKE], item.strip()[:_ALIKE]
    return one.startswith(other) or other.startswith(one)
