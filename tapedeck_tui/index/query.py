"""The query language (DESIGN section 7). A plain question is a query too: nobody rewrites it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tapedeck_tui import when
from tapedeck_tui.errors import QueryError

FIELDS = (
    "source", "project", "author", "tool", "file", "label", "person", "model", "is",
    "after", "before", "on", "in",
)  # fmt: skip
IS_VALUES = ("starred", "failed", "gone", "headless", "child", "abandoned", "superseded", "command")
AUTHORS = ("typed", "assistant", "tool", "program", "parent-model", "machine", "person")
_ALIASES = {
    "claude": "claude-code",
    "cc": "claude-code",
    "cx": "codex",
    "gpt": "chatgpt",
    "me": "typed",
    "user": "typed",
}
_TOKEN = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)("?)|(\S+))')
_HALF = re.compile("[\ud800-\udfff]")
_EDGE = "?!,.;:()[]{}'`\u2018\u2019\u201c\u201d\u2026"

STOP_WORDS = frozenset(
    (
        "a about after again all also am an and any anyone anybody are as at be because been before being "
        "between both but by can could d did do does doing don done down each even ever every few for "
        "from further get gets getting gone got had has have having he her here hers him his how i if in "
        "into is isn it its itself just ll made make makes many me more most much my no nor not now of "
        "off on once one only or other our out over own re s same she should so some such t than that the "
        "their them then there these they this those through to too under until up us use used using ve "
        "very was we were what when where which while who whom whose why will with would you your yours "
    ).split()
)
"""English words that carry no meaning of their own in a question."""
MAX_WORDS = 100
"""Different words that are looked for: a pasted page is searched by its first ones, at the speed of typing."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A ``field:value`` of the query."""

    field: str
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    words     free words as typed (edge punctuation removed), in order
    phrases   quoted phrases that must stand in a hit
    prefixes  words ending in ``*``
    none      words that must not stand in a hit
    filters   fields, without the dates
    since, until   Unix seconds; the range of dates (until: the first second after it), empty = open
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    since: float | None = None
    until: float | None = None

    @property
    def text(self) -> str:
        """The words and phrases as one text, for embedding."""
        return " ".join((*self.words, *self.phrases))

    @property
    def content_words(self) -> tuple[str, ...]:
        """The different words that carry meaning; all of them when none does. At most MAX_WORDS."""
        different: dict[str, str] = {}
        for word in self.words:
            different.setdefault(word.casefold(), word)
        kept = [word for low, word in different.items() if low not in STOP_WORDS]
        return tuple(kept or different.values())[:MAX_WORDS]

    @property
    def is_empty(self) -> bool:
        return self == Query()

    def values(self, field: str, negated: bool = False) -> list[str]:
        return [f.value for f in self.filters if f.field == field and f.negated == negated]


def parse(text: str, now: float) -> Query:
    """Read a query. ``now`` (Unix seconds) is what relative dates count from.

    Raises QueryError, with the column, for a field value that makes no sense. An unknown field (``http://x``)
    is a plain word; an unclosed quote closes at the end; half a character (a byte that is no UTF-8) is none.
    """
    text = _HALF.sub("\ufffd", text)
    words: list[str] = []
    phrases: list[str] = []
    prefixes: list[str] = []
    none: list[str] = []
    filters: list[Filter] = []
    since: float | None = None
    until: float | None = None
    for match in _TOKEN.finditer(text):
        minus, field, quoted, _, bare = match.groups()
        value = quoted if quoted is not None else bare
        if field in FIELDS and value:
            column = match.start()
            if field in ("after", "before", "on", "in"):
                if minus:
                    raise QueryError(
                        f"{match.group()}: a time cannot be left out.", column, "Use before: and after:."
                    )
                low, high = _dates(field, value, now, column)
                since = low if since is None else max(since, low or since)
                until = high if until is None else min(until, high or until)
            else:
                filters.append(Filter(field, _value(field, value, column), bool(minus)))
            continue
        if field and quoted is None:
            value = f"{field}:{value}"
        elif field and quoted is not None:
            words.append(field)
        if quoted is not None:
            if quoted.strip():
                (none if minus else phrases).append(quoted.strip())
            continue
        word = value.strip(_EDGE)
        if not word:
            continue
        if minus:
            none.append(word)
        elif word.endswith("*") and word.rstrip("*"):
            prefixes.append(word.rstrip("*"))
        else:
            words.append(word)
    return Query(tuple(words), tuple(phrases), tuple(prefixes), tuple(none), tuple(filters), since, until)


def _dates(field: str, value: str, now: float, column: int) -> tuple[float | None, float | None]:
    found = when.parse(value, now)
    if found is None:
        hint = 'Try 2026-03-14, 2026-03, yesterday, 2w, or in:"last week".'
        raise QueryError(f"{field}:{value} is not a date I know.", column, hint)
    start, end = found
    if field == "after":
        return start, None
    if field == "before":
        return None, start
    return start, end


def _value(field: str, value: str, column: int) -> str:
    value = value.casefold()
    if field in ("source", "author"):
        value = _ALIASES.get(value, value)
    if field == "is" and value not in IS_VALUES:
        raise QueryError(f"is:{value} is not known.", column, "Known: " + ", ".join(IS_VALUES) + ".")
    if field == "author" and value not in AUTHORS:
        raise QueryError(f"author:{value} is not known.", column, "Known: " + ", ".join(AUTHORS) + ".")
    return value
