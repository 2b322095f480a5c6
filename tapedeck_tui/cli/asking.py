"""The command that answers: ask."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from tapedeck_tui import model
from tapedeck_tui.cli import schemas
from tapedeck_tui.cli.context import Command, Context, words
from tapedeck_tui.cli.output import Dim, Strong
from tapedeck_tui.cli.wording import facts, plain, when
from tapedeck_tui.errors import ModelUnavailable, NotFound, TapedeckError, UsageError
from tapedeck_tui.model import AskDone, AskFound, AskPlanned, AskToken
from tapedeck_tui.text import count, one_line


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="+", metavar="QUESTION", help="a question, as you would ask a colleague"
    )
    parser.add_argument("--session", default="", metavar="ID", help="ask about this session only")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", default="", metavar="NAME", help="the chat model to use for this question")
    which.add_argument(
        "--no-model", action="store_true", help="no model: the best passages, with their places"
    )


def _ask(context: Context) -> int:
    args = context.args
    question = args.text = words(args.words)
    if not question:
        raise UsageError("There is no question.", 'Ask one: tapedeck ask "how did we fix the uploads?"')
    deck = context.filled_deck()
    session_id = deck.session(args.session).row.id if args.session else ""
    if args.model:
        _check_model(deck.models(), args.model)
    name = "" if args.no_model else (args.model or None)
    events = deck.ask(question, session_id, model_name=name)
    answer, streamed = _follow(context, events)
    if args.json:
        context.out.json(schemas.ask(answer))
        return 0
    _print(context, answer, streamed)
    return 0


def _check_model(models: model.Models, name: str) -> None:
    if not models.reachable:
        raise ModelUnavailable(f"No chat model can be reached at {models.url}.", models.hint)
    if name not in models.names:
        installed = ", ".join(models.names) or "none"
        raise NotFound(
            f"The model {name} is not installed.", f"Installed: {installed}. Get it: ollama pull {name}"
        )


def _follow(context: Context, events: Iterator[model.AskEvent]) -> tuple[model.Answer, bool]:
    """Wait for the answer; on a terminal the text is shown as it comes."""
    live = context.out.is_terminal and not context.args.json
    answer: model.Answer | None = None
    streamed = False
    try:
        for event in events:
            if isinstance(event, AskPlanned):
                context.talk.note(Dim(f"searching {event.what}"))
            elif isinstance(event, AskFound):
                context.talk.note(Dim(facts(count(len(event.citations), "passage"), event.budget)))
            elif isinstance(event, AskToken) and live:
                context.out.piece(event.text)
                streamed = True
            elif isinstance(event, AskDone):
                answer = event.answer
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
        if streamed:
            context.out.line()
    if answer is None:
        raise TapedeckError("The question was given up before there was an answer.", "Ask again.")
    return answer, streamed


def _print(context: Context, answer: model.Answer, streamed: bool) -> None:
    out = context.out
    if not streamed:
        for line in answer.text.split("\n"):
            out.wrapped(*plain(line))
    for start, length in answer.unsupported:
        out.line()
        words = "Not in its source: " if (start, length) in answer.astray else "No source was found for: "
        out.line(words, one_line("".join(plain(answer.text[start : start + length]))))
    if answer.citations:
        out.line()
        out.line(Strong("sources"))
    for c in answer.citations:
        title = one_line(c.session_title) or "(no title)"
        out.line(f"  [{c.n}] ", title, Dim("  " + facts(c.harness, c.author, when(c.at), c.turn_id)))
        if c.quote and answer.kind == "answer":
            out.line("      «", one_line(c.quote), "»")
    out.line()
    out.line(Dim(answer.coverage))
    if answer.note:
        context.talk.note(answer.note)
    if answer.citations:
        context.talk.note(f"Keep it: tapedeck promote --answer {answer.id} --to skill")


COMMANDS = (
    Command(
        "ask",
        "answer a question from your sessions, with sources",
        "Answers a question from your own sessions; every sentence names its source. Without a chat model the\n"
        "best passages are given instead. Nothing leaves this machine.",
        (
            'tapedeck ask "how did we fix the flaky upload test?"',
            'tapedeck ask --no-model "what did we decide about retries in March?"',
            'tapedeck ask --session s_4f2k "which files were changed?"',
        ),
        _arguments,
        _ask,
        "tapedeck.ask/1",
    ),
)
