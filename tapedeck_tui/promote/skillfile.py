"""Reading and writing SKILL.md: frontmatter by the public rules (agentskills.io specification), and its lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

KEYS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
"""The only frontmatter keys the specification knows."""
MAX_NAME = 64
MAX_DESCRIPTION = 1024
MAX_COMPATIBILITY = 500
MAX_LINES = 500
MAX_TOKENS = 5000
"""Recommended limits of the body."""
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)(?:\r?\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_NOT_IN_NAMES = frozenset(
    {"anthropic", "claude", "let's", "lets", "i'm", "i'd", "i'll", "i've", "it's", "don't", "want"}
)
"""Words that say nothing in a name, and two that some harnesses refuse."""
UNNAMED = "from-my-sessions"
"""The name where no text gives one."""
_EMPTY_PROCEDURE = re.compile(r"^## Procedure\s*(?:\d+[.)]\s*)*(?=^#|\Z)", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(.*\S)\s*$")


def render(front: Mapping[str, Any], body: str) -> str:
    """A SKILL.md. Every value is quoted by a YAML writer, so no text can become structure.

    Args:
        front: key -> text, or key -> (key -> text).
        body: Markdown.
    """
    import yaml

    def quoted(value: str) -> yaml.ScalarNode:
        return yaml.ScalarNode("tag:yaml.org,2002:str", value, style='"')

    def plain(key: str) -> yaml.ScalarNode:
        return yaml.ScalarNode("tag:yaml.org,2002:str", key)

    def mapping(values: Mapping[str, Any]) -> yaml.MappingNode:
        pairs = [
            (plain(k), mapping(v) if isinstance(v, Mapping) else quoted(str(v))) for k, v in values.items()
        ]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)

    written = yaml.serialize(mapping(front), Dumper=yaml.SafeDumper, allow_unicode=True, width=1_000_000)
    return f"---\n{written}---\n{body.rstrip()}\n"


def split(text: str) -> tuple[dict[str, Any], str, str]:
    """A SKILL.md as (frontmatter, body, problem); ``problem`` is "" when the frontmatter can be read."""
    import yaml

    match = _FRONT.match(text.lstrip("\ufeff"))
    if match is None:
        return {}, text, "It must begin with frontmatter between two lines of three dashes."
    body = text.lstrip("\ufeff")[match.end() :]
    try:
        front = yaml.safe_load(match[1])
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = f" (line {mark.line + 2})" if mark is not None else ""
        return {}, body, f"The frontmatter is not valid YAML{line}: put the value in double quotes."
    if not isinstance(front, dict):
        return {}, body, "The frontmatter must be a list of keys and values."
    return front, body, ""


def problems(front: Mapping[str, Any], body: str) -> list[str]:
    """What the specification and the stricter public validators would say, in words."""
    out = [f"The frontmatter may not hold {key!r}." for key in front if key not in KEYS]
    name = front.get("name")
    if name in (None, ""):
        out.append("It needs a name.")
    elif not isinstance(name, str):
        out.append(f"The name {name!r} must be text: put it in quotes.")
    elif not is_name(name):
        out.append(
            f"The name {name[:70]!r} must be 1–{MAX_NAME} lower-case letters, digits and single hyphens, "
            "with a letter or digit at both ends."
        )
    out += _description(front.get("description"))
    compatibility = front.get("compatibility", "-")
    if not isinstance(compatibility, str) or not 1 <= len(compatibility) <= MAX_COMPATIBILITY:
        out.append(f"compatibility must be text of at most {MAX_COMPATIBILITY} characters.")
    out += [
        f"{key} must be text."
        for key in ("license", "allowed-tools")
        if not isinstance(front.get(key, ""), str)
    ]
    metadata = front.get("metadata", {})
    if not isinstance(metadata, dict) or not all(
        isinstance(k, str) and isinstance(v, str) for k, v in metadata.items()
    ):
        out.append("metadata must hold text keys with text values (put numbers in quotes).")
    if not body.strip():
        out.append("There are no instructions below the frontmatter.")
    elif _EMPTY_PROCEDURE.search(body):
        out.append("The procedure is empty: write at least one step.")
    return out


def is_name(name: str) -> bool:
    """Whether a skill may be called so. Such a name is also a safe folder name."""
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


def _description(value: object) -> list[str]:
    if not isinstance(value, str) or not value.strip():
        return ["It needs a description that says what it does and when to use it."]
    if len(value) > MAX_DESCRIPTION:
        return [f"The description has {len(value):,} characters; {MAX_DESCRIPTION:,} are allowed."]
    return ["The description may not hold < or >."] if re.search(r"[<>]", value) else []


def lines(body: str) -> list[tuple[str, str]]:
    """The list lines of a body as (anchor, line): ("procedure[0]", "Run …"). Code blocks are left out."""
    out: list[tuple[str, str]] = []
    section, count, fenced = "body", 0, False
    for line in body.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif fenced:
            continue
        elif line.startswith("#"):
            section = re.sub(r"[^a-z0-9]+", "-", line.lstrip("# ").lower()).strip("-") or "body"
            count = 0
        elif item := _ITEM.match(line):
            out.append((f"{section}[{count}]", item[1]))
            count += 1
    return out


MOST_WORDS, FEWEST_WORDS = 5, 2
"""Words of a name that is made."""


def name_of(sources: Sequence[str]) -> str:
    """A valid skill name from the first of these texts that give enough words that carry meaning."""
    words = slug(sources[0]).split("-") if _named(sources[0]) else []
    for more in sources[1:]:
        if len(words) >= FEWEST_WORDS:
            break
        words += [w for w in slug(more).split("-") if _named(more) and w not in words]
    return slug(" ".join(words[:MOST_WORDS]))


def _named(words: str) -> bool:
    return slug(words) != UNNAMED


def slug(words: str, most: int = MOST_WORDS) -> str:
    """A valid skill name from words: the first ``most`` that carry meaning."""
    import unicodedata

    from tapedeck_tui.ask.sentences import STOP_WORDS

    plain = (
        unicodedata.normalize("NFKD", words.replace("’", "'").replace("ß", "ss"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    parts = re.findall(r"[a-z0-9]+(?:'[a-z]+)?", plain)
    found = [w.replace("'", "") for w in parts if w not in STOP_WORDS | _NOT_IN_NAMES and len(w) > 1]
    name = ""
    for word in found[:most]:
        longer = f"{name}-{word}" if name else word
        if len(longer) > MAX_NAME:
            break
        name = longer
    return name or (found[0][:MAX_NAME] if found else UNNAMED)
