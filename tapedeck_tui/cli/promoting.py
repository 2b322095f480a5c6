"""The command that makes skills and observations of what worked: promote."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tapedeck_tui import model
from tapedeck_tui.cli import schemas
from tapedeck_tui.cli.context import Command, Context
from tapedeck_tui.cli.output import Dim, Strong
from tapedeck_tui.cli.wording import facts, when
from tapedeck_tui.errors import Refused, UsageError
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import one_line

if TYPE_CHECKING:
    from tapedeck_tui.deck import Deck

_NAME = re.compile(r"(?m)^name:[ \t]*(.*)$")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("turns", nargs="*", metavar="TURN", help="ids of the turns it is made from")
    parser.add_argument("--answer", default="", metavar="ID", help="make it from a kept answer")
    parser.add_argument("--to", required=True, choices=("skill", "observation"), help="what to make")
    parser.add_argument("--name", default="", help="name of the skill (lower-case words with -)")
    parser.add_argument(
        "--target",
        choices=("claude", "agents"),
        help="where a skill goes: claude (~/.claude/skills) or agents (.agents/skills)",
    )
    parser.add_argument("--edit", action="store_true", help="open the draft in $EDITOR first")
    parser.add_argument("--yes", action="store_true", help="write it without asking")


def _promote(context: Context) -> int:
    args = context.args
    if bool(args.turns) == bool(args.answer):
        raise UsageError(
            "Say what to promote: turns or an answer.",
            "For example: tapedeck promote --answer ID --to skill. Ids are printed by tapedeck search and ask.",
        )
    if args.to == "observation" and (args.name or args.target):
        raise UsageError(
            "--name and --target are for skills.", "Leave them out: an observation goes to the journal."
        )
    deck = context.deck()
    draft = _draft(deck, args)
    if args.edit:
        draft = deck.check_draft(_edited(draft))
    if not args.json:
        _print(context, draft)
    if draft.problems:
        if args.json:
            context.out.json(schemas.promote(draft, None))
        raise Refused(
            f"This draft cannot be written: {' '.join(draft.problems)}",
            "Change it with --edit, --name or --target.",
        )
    if not args.yes and not _confirmed(context, draft):
        if args.json:
            context.out.json(schemas.promote(draft, None))
        context.talk.note("Nothing was written.")
        return 0
    promoted = deck.publish(draft)
    if args.json:
        context.out.json(schemas.promote(draft, promoted))
    else:
        context.out.line(Strong("written: "), shorten(promoted.path, 0))
    return 0


def _draft(deck: Deck, args: argparse.Namespace) -> model.Draft:
    """The draft with the wishes of the command line in it."""
    turns = [deck.turn(turn).id for turn in args.turns]
    make = deck.draft_skill if args.to == "skill" else deck.draft_observation
    draft = make(turns, args.answer)
    if args.name:
        draft = replace(draft, name=args.name, text=_NAME.sub(f"name: {args.name}", draft.text, count=1))
    if args.target:
        draft = replace(draft, target=args.target)
    return deck.check_draft(draft)


def _edited(draft: model.Draft) -> model.Draft:
    """The draft after the user's editor is closed. Raises UsageError when no editor can be started."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="tapedeck-") as folder:
        path = Path(folder) / ("SKILL.md" if draft.kind == "skill" else "observation.md")
        path.write_text(draft.text, encoding="utf-8")
        try:
            code = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode
        except (OSError, ValueError) as exc:
            raise UsageError(f"The editor {editor!r} cannot be started: {exc}.", "Set $EDITOR.") from exc
        if code != 0:
            raise UsageError(f"The editor {editor!r} ended with an error ({code}).", "Nothing was written.")
        text = path.read_text(encoding="utf-8", errors="replace")
    named = _NAME.search(text) if draft.kind == "skill" else None
    return replace(draft, text=text, name=named[1].strip().strip("\"'") if named else draft.name)


def _print(context: Context, draft: model.Draft) -> None:
    out = context.out
    out.line(draft.text.rstrip("\n"))
    out.line()
    out.line(Strong("evidence"))
    for e in draft.evidence:
        out.line("  ", facts(e.turn_id, e.author, when(e.at)), Dim("  " + one_line(e.quote)))
    if draft.note:
        out.line(draft.note)
    out.line(Strong("goes to: "), shorten(draft.path, 0) if draft.path else draft.target)


def _confirmed(context: Context, draft: model.Draft) -> bool:
    if not context.talk.can_ask():
        if context.args.json:
            context.out.json(schemas.promote(draft, None))
        raise Refused("Nothing was written: there is nobody to ask here.", "Add --yes to write it.")
    if context.args.json:
        context.talk.note(draft.text)
    return context.talk.ask(f"Write this {draft.kind}?")


COMMANDS = (
    Command(
        "promote",
        "make a skill or an observation of what worked",
        "Drafts a skill or an observation from turns or from a kept answer, shows it with its evidence, and\n"
        "writes it when you say yes. A skill you edited is never overwritten. Where nobody can be asked it takes\n"
        "--yes; without it nothing is written and the exit code is 7.",
        (
            "tapedeck promote --answer a_81kd --to skill --edit",
            "tapedeck promote t_9qp3 t_7zz0 --to skill --name fix-flaky-uploads --target claude",
            "tapedeck promote t_9qp3 --to observation --yes",
        ),
        _arguments,
        _promote,
        "tapedeck.promote/1",
    ),
)
