"""A message of role ``user``: what in it was typed, if anything (FORMATS 2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from importers.codex import authors, content
from importers.contract import FLAG_ANSWER, FLAG_COMMAND, Part, Span
from importers.readers import as_dict, as_list


@dataclass(frozen=True, slots=True)
class Prompt:
    """texts as written (frames of images left out), images as markers, when and where it stands.

    confirmed  the item itself says that the user typed it (0.146 on)
    guess      an unknown wrapper counts as injected: only where events say which prompts were typed
    """

    texts: tuple[str, ...]
    images: tuple[Part, ...]
    at: float | None
    span: Span
    confirmed: bool = False
    guess: bool = True

    @classmethod
    def of(cls, item: dict[str, Any], at: float | None, span: Span, guess: bool = True) -> Prompt:
        found = content.texts(item.get("content", item.get("message")))
        texts = tuple(text for text in found if not authors.is_image_tag(text))
        note = as_dict(item.get("internal_chat_message_metadata_passthrough"))
        confirmed = as_list(note.get("content_item_kinds")) == ["user.text"]
        return cls(texts, tuple(content.images(item.get("content"), span)), at, span, confirmed, guess)

    @property
    def is_empty(self) -> bool:
        return not self.images and not any(text.strip() for text in self.texts)

    @property
    def typed(self) -> list[str]:
        """The texts that do not look like something the harness wrote."""
        if self.confirmed:
            return list(self.texts)
        return [text for text in self.texts if not authors.is_injected(text, self.guess)]

    @property
    def looks_typed(self) -> bool:
        return bool(self.typed) or not self.texts

    @property
    def is_injected(self) -> bool:
        """Whether nothing that may follow can show that it was typed."""
        return bool(self.texts) and not self.confirmed and all(map(authors.is_wrapper, self.texts))

    def typed_parts(self, everything: bool) -> tuple[Part, ...]:
        """What the user typed; ``everything`` when the event says that all of it was."""
        texts = self.texts if everything else tuple(self.typed)
        wanted = (authors.request(text) for text in texts)
        return (*(Part("text", text, span=self.span) for text in wanted if text.strip()), *self.images)

    def machine_parts(self) -> tuple[Part, ...]:
        return (*(Part("text", text, span=self.span) for text in self.texts), *self.images)

    def machine_flags(self) -> set[str]:
        """A shell command and an answer to a question are the user's doing all the same."""
        flags = set()
        if any(text.lstrip().startswith(authors.SHELL) for text in self.texts):
            flags.add(FLAG_COMMAND)
        if any(text.lstrip().startswith(authors.REPLY) for text in self.texts):
            flags.add(FLAG_ANSWER)
        return flags
