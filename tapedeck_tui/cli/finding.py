"""The commands that find and show: search, show."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tapedeck_tui import model
from tapedeck_tui.cli import schemas
from tapedeck_tui.cli.context import Command, Context, positive, words
from tapedeck_tui.cli.output import Dim, Output, Strong
from tapedeck_tui.cli.wording import facts, marked, session_lines, size, when
from tapedeck_tui.errors import NotFound, UsageError
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import count, one_line

if TYPE_CHECKING:
    from tapedeck_tui.deck import Deck

PAGE = 100
"""Turns asked for at a time."""
SHOWN_HITS = 3
"""Turns shown of each session that was found."""


def _search_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="QUERY", help="words, a question, or a query as below")
    parser.add_argument(
        "-n", "--limit", type=positive, default=10, metavar="N", help="sessions at most (default 10)"
    )


def _search(context: Context) -> int:
    query = context.args.text = words(context.args.words)
    if not query:
        raise UsageError("There is nothing to search for.", 'Say what: tapedeck search "retry backoff"')
    result = context.filled_deck().search(query, limit=context.args.limit)
    if context.args.json:
        context.out.json(schemas.search(result))
        return 0
    out = context.out
    for found in result.sessions:
        title, about = session_lines(found.session)
        out.line(*title)
        out.line("  ", *about)
        for hit in found.hits[:SHOWN_HITS]:
            similar = "" if hit.matched else "similar"
            out.line("  ", Dim(facts(hit.turn_id, hit.author, when(hit.at), similar)))
            out.wrapped(*marked(hit.snippet, hit.marks), indent="    ")
        out.line()
    if result.note:
        context.talk.note(result.note)
    if not result.sessions:
        context.talk.note(f"Nothing matches {query!r}.")
    else:
        hits = ""
        if result.similar:
            hits = f"{result.turns - result.similar:,} with the words, {result.similar:,} similar. "
        context.talk.note(f"{hits}{count(len(result.sessions), 'session')}. Read one: tapedeck show ID")
    return 0


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="SESSION|TURN", help="id of a session or turn, or the beginning of one")
    parser.add_argument("--full", action="store_true", help="long tool results whole, read from the tape")


def _show(context: Context) -> int:
    deck, out, wanted = context.deck(), context.out, context.args.id
    view, only = _resolve(deck, wanted)
    turns = iter((only,)) if only is not None else _all_turns(deck, view.row.id)
    if context.args.full:
        turns = (deck.whole(turn.id) if any(p.clipped for p in turn.parts) else turn for turn in turns)
    if context.args.json:
        out.json(schemas.show(view, list(turns)))
        return 0
    _head(out, view)
    clipped = False
    for turn in turns:
        clipped |= any(p.clipped for p in turn.parts)
        _print_turn(out, turn)
    if clipped:
        context.talk.note("Long tool results are shortened here. All of them: tapedeck show --full ", wanted)
    return 0


def _resolve(deck: Deck, wanted: str) -> tuple[model.SessionView, model.TurnView | None]:
    """The session that is meant, and the one turn of it where a turn is meant."""
    if not wanted.startswith("t_"):
        try:
            return deck.session(wanted), None
        except NotFound as missing:
            try:
                turn = deck.turn(wanted)
            except NotFound:
                raise missing from None
            return deck.session(turn.session_id), turn
    turn = deck.turn(wanted)
    return deck.session(turn.session_id), turn


def _all_turns(deck: Deck, session_id: str) -> Iterator[model.TurnView]:
    start = 0
    while page := deck.turns(session_id, start, PAGE):
        yield from page
        start += len(page)


def _head(out: Output, view: model.SessionView) -> None:
    title, about = session_lines(view.row)
    out.line(*title)
    out.line(*about)
    tokens = (
        f"{view.tokens_in:,} tokens in, {view.tokens_out:,} out" if view.tokens_in or view.tokens_out else ""
    )
    out.line(Dim(facts(shorten(one_line(view.path), 0), view.branch, view.model, tokens)))
    for link in (*((view.parent,) if view.parent else ()), *view.links):
        out.line(Dim(f"{link.kind}: {one_line(link.title or link.target)} {link.session_id}".rstrip()))
    out.line()


def _print_turn(out: Output, turn: model.TurnView) -> None:
    who = turn.speaker or turn.author
    flags = " ".join(sorted(turn.flags))
    out.line(Strong(f"#{turn.position} {who}"), Dim("  " + facts(when(turn.at), turn.model, flags, turn.id)))
    for part in turn.parts:
        if part.kind == "text":
            out.wrapped(part.text, indent="  ")
        elif part.kind == "thinking":
            out.line(Dim("  thinking:"))
            out.wrapped(part.text, indent="    ")
        elif part.kind == "tool_call":
            out.line(f"  → {part.name}")
            _indented(out, part.text)
        elif part.kind == "tool_result":
            out.line(f"  ← {'failed ' if part.error else ''}{part.name}".rstrip())
            _indented(out, part.text)
        else:
            about = facts(part.name, size(part.size) if part.size else "", part.text)
            out.line(f"  [{part.kind}{': ' if about else ''}{about}]")
    out.line()


def _indented(out: Output, text: str) -> None:
    for line in text.splitlines():
        out.line("    ", line)


COMMANDS = (
    Command(
        "search",
        "find sessions and turns",
        "Finds sessions by words, by a question as you would ask it, or by a query:\n"
        '  "a phrase"   -not   prefix*   source:codex   project:api   author:typed   tool:bash\n'
        '  label:x   is:starred   is:failed   is:gone   after:2026-01   before:2w   on:monday   in:"last week"\n'
        "Quote a query as a whole when it holds quotes or -words.",
        (
            'tapedeck search "retry backoff"',
            "tapedeck search -n 3 'project:api is:failed after:2w \"exit code\" -lint'",
            "tapedeck search --json timeout | jq -r '.sessions[].session.id'",
        ),
        _search_arguments,
        _search,
        "tapedeck.search/1",
    ),
    Command(
        "show",
        "print a session or a turn as plain text",
        "Prints a session, or one turn, as plain text: who said what, which tools ran, what came back.",
        ("tapedeck show s_4f2k", "tapedeck show t_9qp3 --full", "tapedeck show s_4f2k | less"),
        _show_arguments,
        _show,
        "tapedeck.show/1",
    ),
)
