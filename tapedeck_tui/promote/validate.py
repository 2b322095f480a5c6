"""Checking a draft before anything is written: the skill rules, secrets, home paths, collisions, evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tapedeck_tui import secrets
from tapedeck_tui.ask.pack import estimate_tokens
from tapedeck_tui.ask.ports import Turns
from tapedeck_tui.errors import UsageError
from tapedeck_tui.library.keep import Keep
from tapedeck_tui.model import Draft
from tapedeck_tui.paths import Home, shorten
from tapedeck_tui.promote import skillfile
from tapedeck_tui.promote.evidence import TRUSTED, instructs, is_portable, portable, unfounded
from tapedeck_tui.promote.targets import Environment, find_target, free_name

MAX_SENTENCE = 500
"""Characters of an observation."""


def check(
    draft: Draft, keep: Keep, home: Home, turns: Turns | None = None, environment: Environment | None = None
) -> Draft:
    """The same draft with ``problems``, ``path``, ``name`` and ``note`` for its present text and target.

    Home folders in the text become ``~`` (the note says so); everything else is only reported.

    Args:
        draft: as edited by the user.
        keep: knows what was promoted before.
        home: where our own copy goes.
        turns: the library, to look every quote up again; None leaves that out.
        environment: where the user is; None = the real one.
    """
    notes = [n for n in (draft.note,) if n and n not in (_MOVED, _LONG)]
    text = portable(draft.text)
    if text != draft.text:
        notes.append(_MOVED)
    problems = [
        f"{_line_of(text, f.start)} holds a secret ({f.kind}): take it out." for f in secrets.find(text)
    ]
    if draft.kind == "skill":
        body_problems, name, path, long = _skill(
            replace(draft, text=text), home, environment or Environment.current()
        )
        problems += body_problems
        notes += [_LONG] if long else []
    else:
        problems += _observation(replace(draft, text=text))
        name, path = "", page_path(home, draft)
    problems += _evidence(draft, turns)
    return replace(
        draft,
        text=text,
        name=name,
        path=str(path),
        problems=tuple(dict.fromkeys(problems)),
        note=" ".join(notes),
    )


_MOVED = "Home folders were replaced by ~."
_LONG = (
    f"It is long: agents are advised {skillfile.MAX_LINES} lines and {skillfile.MAX_TOKENS:,} tokens at most."
)


def _skill(draft: Draft, home: Home, environment: Environment) -> tuple[list[str], str, Path, bool]:
    front, body, unreadable = skillfile.split(draft.text)
    problems = [unreadable] if unreadable else skillfile.problems(front, body)
    written = front.get("name")
    name = written if isinstance(written, str) and written else draft.name
    try:
        folder = find_target(draft.target, environment).folder
    except UsageError as exc:
        return [*problems, str(exc)], name, Path(), False
    usable = skillfile.is_name(name) and not unreadable
    path = folder / (name if usable else draft.name) / "SKILL.md"
    if usable and (free := free_name(name, (folder, home.skills))) != name:
        where = folder if free_name(name, (folder,)) != name else home.skills
        problems.append(
            f"There is a skill called {name} in {shorten(str(where), 0)} already: it is never overwritten. "
            f"{free} is free."
        )
    problems += [f"{_line_of(draft.text, draft.text.find(line))} tries to give a model orders: take it out."
                 for _, line in skillfile.lines(body) if instructs(line)]  # fmt: skip
    long = body.count("\n") > skillfile.MAX_LINES or estimate_tokens(body) > skillfile.MAX_TOKENS
    return problems, name, path, long


def _observation(draft: Draft) -> list[str]:
    words = draft.text.strip()
    if not words:
        return ["An observation needs a sentence."]
    out = []
    if "\n" in words:
        out.append("An observation is one line.")
    if len(words) > MAX_SENTENCE:
        out.append(f"The sentence has {len(words):,} characters; {MAX_SENTENCE} are allowed.")
    if "<!--" in words or "-->" in words:
        out.append("An observation may not hold comment marks (<!-- or -->).")
    if draft.target != "journal":
        out.append("Observations go to the journal.")
    return out


def _evidence(draft: Draft, turns: Turns | None) -> list[str]:
    if not draft.evidence:
        return ["Nothing says where this comes from: mark at least one turn."]
    if not any(item.author in TRUSTED or not item.author for item in draft.evidence):
        return ["It rests only on what a tool printed: mark a turn of yours or of the model too."]
    hidden = [item for item in draft.evidence if secrets.find(item.quote) or not is_portable(item.quote)]
    out = ["A quote it rests on holds a secret or a home folder: mark other words."] if hidden else []
    return out + (unfounded(draft.evidence, turns) if turns is not None else [])


def page_path(home: Home, draft: Draft) -> Path:
    """The journal page an observation goes to: that of the day its latest evidence was said, in local time.
    Evidence without a time gives today's page."""
    times = [e.at for e in draft.evidence if e.at is not None]
    day = datetime.fromtimestamp(max(times)) if times else datetime.now()
    return home.journal / f"{day:%Y}" / f"{day:%Y-%m-%d}.md"


def _line_of(text: str, at: int) -> str:
    return f"Line {text.count(chr(10), 0, max(at, 0)) + 1}"
