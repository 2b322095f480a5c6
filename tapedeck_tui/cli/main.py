"""The command ``tapedeck``: reads the arguments, runs one command, turns errors into exit codes."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import textwrap
import traceback
from collections.abc import Sequence
from pathlib import Path

from tapedeck_tui import __version__
from tapedeck_tui.cli import asking, finding, keeping, promoting, streams, watching
from tapedeck_tui.cli.context import Command, Context
from tapedeck_tui.cli.schemas import KEYS
from tapedeck_tui.cli.talk import Talk
from tapedeck_tui.errors import TapedeckError, UsageError
from tapedeck_tui.paths import FILE_MODE, Home, find_home

COMMANDS: tuple[Command, ...] = (
    *keeping.COMMANDS,
    *watching.COMMANDS,
    *finding.COMMANDS,
    *asking.COMMANDS,
    *promoting.COMMANDS,
)
"""All commands, in the order the help lists them."""

EXIT_CODES = (
    (0, "done"),
    (1, "a named file was not read, or something unexpected (the log says more)"),
    (2, "the request cannot be understood"),
    (3, "there is no such session, turn, answer or file"),
    (4, "another process is reading the sources"),
    (5, "the home cannot be read or written, or is damaged"),
    (6, "no chat model can be reached"),
    (7, "refused: it would overwrite or lose something"),
    (130, "stopped with ctrl+c"),
)

_ABOUT = """\
Keeps every session you had with coding agents and chat models, searches them, answers questions
about them with sources, and turns what worked into skills and a journal. Everything stays on
this machine. Without a command it opens the app."""

_EXAMPLES = (
    "tapedeck                                   open the app",
    "tapedeck --demo                            look around in an invented library",
    'tapedeck search "retry backoff"            find sessions',
    'tapedeck ask "how did we fix the uploads?" answer with sources',
)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands. Imports nothing heavy."""
    parser = argparse.ArgumentParser(
        prog="tapedeck",
        description=_ABOUT,
        epilog=_epilog(_EXAMPLES, ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tapedeck {__version__}")
    _everywhere(parser, first=True)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.title,
            description=command.about,
            epilog=_epilog(command.examples, command.schema),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.arguments(sub)
        if command.schema:
            sub.add_argument("--json", action="store_true", help=f"print one JSON object ({command.schema})")
        _everywhere(sub, first=False)
        sub.set_defaults(run=command.run)
    return parser


def _everywhere(parser: argparse.ArgumentParser, first: bool) -> None:
    """Flags that may stand before or after the command; after it they only overwrite when typed."""
    parser.add_argument(
        "--home",
        metavar="DIR",
        default=None if first else argparse.SUPPRESS,
        help="the folder of the library (default: $TAPEDECK_HOME, else the data folder of this system)",
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        default=False if first else argparse.SUPPRESS,
        help="use the invented demo library",
    )


def _epilog(examples: Sequence[str], schema: str) -> str:
    parts = ["examples:", *(f"  {line}" for line in examples)]
    if schema:
        parts += [
            "",
            f"--json prints {schema}:",
            *textwrap.wrap(f"schema, {KEYS[schema]}", 96, initial_indent="  ", subsequent_indent="  "),
        ]
    parts += ["", "exit codes:", *(f"  {code:<4} {what}" for code, what in EXIT_CODES)]
    return "\n".join(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: arguments without the program's name; default: those of this process.

    Returns: the exit code (see EXIT_CODES).
    """
    streams.open_all()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        args = build_parser().parse_args(argv)
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else 2
    return _run(Context(args))


def _run(context: Context) -> int:
    args, talk = context.args, Talk()
    try:
        code = int(args.run(context)) if args.command else _open_app(context)
        sys.stdout.flush()
        return code
    except TapedeckError as error:
        talk.error(error, getattr(args, "text", ""), to_program=getattr(args, "events", False))
        return error.exit_code
    except KeyboardInterrupt:
        talk.note("Stopped. What was done so far is kept.")
        return 130
    except BrokenPipeError:
        # whoever read our output has enough; nothing may be flushed into the closed pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:  # noqa: BLE001  the one boundary: a person gets a sentence, the log the rest
        talk.note(f"tapedeck: something unexpected: {type(error).__name__}: {error}")
        log = _log(args, traceback.format_exc())
        talk.note(f"  Details are in {log}." if log else "  Run again with PYTHONFAULTHANDLER=1 for details.")
        return 1


def _open_app(context: Context) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The app needs a terminal, and this is none.", "In scripts use the commands: tapedeck --help"
        )
    home = context.home()
    from tapedeck_tui.tui.app import run_app

    return run_app(home, demo=bool(context.args.demo))


def _log(args: argparse.Namespace, text: str) -> str:
    """Add to the log of the home, privately; where it is, or "" when that is impossible."""
    try:
        home: Home = find_home(Path(args.home) if args.home else None)
        home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = os.open(home.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
        with os.fdopen(number, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return str(home.log_file)
    except (OSError, TapedeckError):
        return ""


if __name__ == "__main__":
    sys.exit(main())
