"""What a command is given: where to write, whom to talk to, and the library."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tapedeck_tui.cli.output import Output
from tapedeck_tui.cli.talk import Talk
from tapedeck_tui.paths import Home, find_home

if TYPE_CHECKING:
    from tapedeck_tui.deck import Deck


@dataclass(slots=True)
class Context:
    """One run of a command.

    args  the parsed arguments; ``home`` and ``demo`` are there for every command
    """

    args: argparse.Namespace
    out: Output = field(default_factory=Output)
    talk: Talk = field(default_factory=Talk)

    def home(self) -> Home:
        """The home to work in; with ``--demo`` that of the demo, which is made when it is not there yet."""
        if not self.args.demo:
            return find_home(Path(self.args.home) if self.args.home else None)
        from tapedeck_tui.demo import enter, open_demo

        with self.talk.watching() as show:
            home = open_demo(show)
        enter(home)
        return home

    def deck(self) -> Deck:
        """The library."""
        return make_deck(self.home())

    def filled_deck(self) -> Deck:
        """The library; when nothing is in it yet, what is on this machine is kept first."""
        deck = self.deck()
        if not self.args.demo and not deck.status().sessions:
            self.talk.note("The library is empty: looking for sessions on this machine first.")
            problems, finished = self.talk.follow(deck.sync())
            self.talk.problems(problems, "tapedeck status --problems")
            if finished:
                self.talk.note(finished.summary)
        return deck


def make_deck(home: Home) -> Deck:
    from tapedeck_tui.deck import Deck  # brings SQLite and the indexes with it

    return Deck(home)


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is declared; the parser, its help and the documentation test are made from this.

    name       as typed
    title      one line for the list of commands
    about      the paragraph its help begins with
    examples   lines its help ends with
    arguments  adds the arguments
    run        does it; returns the exit code
    schema     name of the shape its ``--json`` prints, "" if it has none
    """

    name: str
    title: str
    about: str
    examples: tuple[str, ...]
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Context], int]
    schema: str = ""


def positive(text: str) -> int:
    """A number of things, at least one (an argparse type)."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return number


def words(parts: Iterable[str]) -> str:
    """What was typed as several arguments, as one text."""
    return " ".join(parts).strip()
