"""Reading story files: the invented sessions of the demo, as people write them.

A story file holds any number of sessions. Lines before the first one are remarks.

    === door-bounce                     a session; the word is its stable name, ids are made from it
    source: claude-code                 claude-code, codex or chatgpt
    project: /home/mira/code/bluedoor   working directory (coding agents)
    at: -166d 20:14                     days before the day of ``now``, UTC; or ``-5h`` before ``now``
    title: Doors throw the player back
    model: claude-opus-4-5              also: branch, version, fork-of + fork-at, agent-of, headless
                                        (an empty line ends the header)
    > a prompt                          what the user typed
    < an answer                         what the model wrote
    ~ a thought                         thinking, where the format keeps it
    $ pytest -q                         a shell command; what follows is its output (a here-document, or a
                                        double quote at the end, goes on)
    $!2 make                            the same, failed with exit code 2 (``$!`` alone: 1)
    @ Read src/doors.py:12              another tool; see the renderers for those they know
    @! Edit src/doors.py                a tool call that failed
    % wait 20m                          a directive; see ``DIRECTIVES``
    ^ door-cause                        names the next step, for questions.json

A sign counts only at the start of a line, followed by one space and a character; every other line goes on
with the step before it. A backslash before a sign makes it ordinary text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

KINDS = {">": "typed", "<": "assistant", "~": "thinking", "$": "shell", "@": "tool", "%": "directive"}

DIRECTIVES = {
    "wait": "time passes: ``% wait 20m``",
    "command": "a slash command; its body is what it expands to (none: a built-in one)",
    "compact": "the harness ran out of context; the body is its summary",
    "interrupt": "the user stopped the model",
    "reject": "the user refused the tool call before, with a reason",
    "image": "the next prompt has a pasted image",
    "queued": "the next prompt was typed while the model worked",
    "again": "the answer before was regenerated; the next one replaces it",
    "torn": "the next step is still being written: its record is cut in the middle",
}

_STEP = re.compile(r"^(?P<sign>[><$@~%^])(?:!(?P<code>\d*))? (?P<head>\S.*)$")
_HERE = re.compile(r"<<-?'?(?P<word>[A-Z]+)'?")
_ESCAPED = re.compile(r"^\\(?=[><$@~%^=\\])")
_AT = re.compile(r"^-(?P<count>\d+)(?P<unit>[dh])(?: (?P<hour>\d\d):(?P<minute>\d\d))?$")


class StoryError(ValueError):
    """A story file that cannot be read: where, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a session and what belongs to it.

    kind   "typed", "assistant", "thinking", "shell", "tool" or "directive"
    head   the rest of the first line: the first line of the text, the command, the tool and its target
    body   the following lines
    code   exit code of a command, 1 for any other tool call that failed, else 0
    marks  names that questions.json knows this step by
    """

    kind: str
    head: str
    body: str = ""
    code: int = 0
    marks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"{self.head}\n{self.body}" if self.body else self.head

    @property
    def word(self) -> str:
        """The tool or directive."""
        return self.head.split(" ", 1)[0]

    @property
    def rest(self) -> str:
        """What stands after the tool or directive."""
        return self.head.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class Story:
    """One session as it is told."""

    name: str
    facts: dict[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def source(self) -> str:
        return self.facts["source"]

    @property
    def title(self) -> str:
        return self.facts.get("title", "")

    @property
    def project(self) -> str:
        return self.facts.get("project", "")

    @property
    def model(self) -> str:
        return self.facts.get("model", "")

    def start(self, now: float) -> float:
        """When it begins, Unix seconds. ``-12d 20:14`` counts from the midnight (UTC) before ``now``."""
        found = _AT.match(self.facts["at"])
        if found is None:  # pragma: no cover - ``parse`` has checked it
            raise StoryError(f"{self.name}: at: {self.facts['at']}")
        back = int(found["count"]) * SECONDS[found["unit"]]
        if found["hour"] is None:
            return now - back
        midnight = now - now % 86400
        return midnight - back + int(found["hour"]) * 3600 + int(found["minute"]) * 60


def parse(text: str, where: str) -> Iterator[Story]:
    """The sessions of one story file. Raises StoryError with the line that is wrong."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("=== ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        name = lines[start][4:].strip()
        yield _session(name, lines[start + 1 : end], f"{where}, line {start + 1}")


def _session(name: str, lines: list[str], where: str) -> Story:
    facts: dict[str, str] = {}
    head = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    for line in lines[:head]:
        key, colon, value = line.partition(": ")
        if not colon:
            raise StoryError(f"{where}: {name}: expected 'key: value', found {line!r}")
        facts[key] = value.strip()
    for key in ("source", "at", "title"):
        if key not in facts:
            raise StoryError(f"{where}: {name}: no {key!r} in the header")
    if _AT.match(facts["at"]) is None:
        raise StoryError(f"{where}: {name}: 'at' should look like '-12d 20:14' or '-5h', not {facts['at']!r}")
    return Story(name, facts, tuple(_steps(lines[head + 1 :], f"{where}: {name}")))


def _steps(lines: list[str], where: str) -> Iterator[Step]:
    marks: list[str] = []
    open_step: re.Match[str] | None = None
    body: list[str] = []
    for line in [*lines, "^ end"]:
        found = _STEP.match(line)
        if found is None:
            body.append(_ESCAPED.sub("", line))
            continue
        if open_step is not None:
            yield _step(open_step, body, tuple(marks), where)
            marks, open_step = [], None
        elif any(part.strip() for part in body):
            raise StoryError(f"{where}: text before the first step: {body[0]!r}")
        body = []
        if found["sign"] == "^":
            marks.append(found["head"].strip())
        else:
            open_step = found


def _step(found: re.Match[str], body: list[str], marks: tuple[str, ...], where: str) -> Step:
    kind = KINDS[found["sign"]]
    head = found["head"]
    if kind == "directive" and head.split(" ", 1)[0] not in DIRECTIVES:
        raise StoryError(f"{where}: unknown directive {head!r}")
    code = 0 if found["code"] is None else int(found["code"] or 1)
    return Step(kind, head, "\n".join(body).rstrip(), code, marks)


def command_and_output(step: Step) -> tuple[str, str]:
    """The parts of a shell step. A here-document goes on to its end word, a ``"`` at its end to its partner."""
    lines = step.text.split("\n")
    here = _HERE.search(lines[0])
    last = 0
    if here is not None:
        last = lines.index(here["word"])
    elif lines[0].endswith(' "'):
        last = next(n for n, line in enumerate(lines) if n and line.count('"') % 2)
    return "\n".join(lines[: last + 1]), "\n".join(lines[last + 1 :])


def load() -> list[Story]:
    """All stories of the demo, oldest first. Raises StoryError; two of one name are an error too."""
    found: list[Story] = []
    for name in story_files():
        found.extend(parse(_folder().joinpath(name).read_text("utf-8"), name))
    names = [story.name for story in found]
    for name in names:
        if names.count(name) > 1:
            raise StoryError(f"two stories are named {name!r}")
    reference = 200 * 86400.0
    return sorted(found, key=lambda story: (story.start(reference), story.name))


def story_files() -> list[str]:
    """Names of the story files, sorted."""
    return sorted(entry.name for entry in _folder().iterdir() if entry.name.endswith(".story"))


def _folder() -> Traversable:
    return files("tapedeck_tui.demo") / "stories"
