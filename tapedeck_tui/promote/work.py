"""What was done in some turns, read without a model: asks, commands and how they ended, steps, failures, corrections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tapedeck_tui.ask.ports import Turns
from tapedeck_tui.ask.sentences import content_words, sentences
from tapedeck_tui.model import PartView, TurnView
from tapedeck_tui.text import one_line

BEAT = 150
"""Most turns of one beat that are looked at, on each side of a marked turn."""
_SHELLS = (
    "bash shell exec_command local_shell shell_command run_command run_terminal_cmd execute_command terminal"
)
SHELLS = frozenset(_SHELLS.split())
"""Names of the tools whose calls are shell commands, lower case."""
_LOOKING = re.compile(
    r"^(?:ls|ll|cat|head|tail|less|more|pwd|cd|echo|printf|wc|which|type|whoami|date|tree|file|stat|env|ps|history|"
    r"clear|true|sleep|find|grep|rg|ag|fd|awk|sed\s+-n|jq|git\s+(?:status|diff|log|show|branch|blame|remote|rev-parse|"
    r"ls-files|stash\s+list))(?:\s|$)"
)
_VERIFYING = re.compile(
    r"\b(?:pytest|unittest|tox|nox|jest|vitest|mocha|rspec|ctest|(?:npm|pnpm|yarn|bun|cargo|go|make|mvn|gradle|dotnet|"
    r"mix|swift|rake|deno|zig|just|task)\s+(?:run\s+)?(?:test|check|lint|vet|build|verify|clippy)\S*|mypy|ruff|eslint|tsc|"
    r"flake8|pylint|shellcheck|--version|curl\s+-\S*[fI]|docker\s+build|terraform\s+(?:plan|validate)|test\s+-)\b"
)
_ERROR_LINE = re.compile(
    r"^(?:[\w.]*(?:Error|Exception|Failure)\b.*|.*\b(?:error|fatal|failed|panic|cannot|not found|denied|refused|undefined"
    r"|unexpected|missing)\b.*)$",
    re.IGNORECASE,
)
_BAD_EXIT = re.compile(
    r"(?:^|\n)(?:Process )?exit(?:ed with)?(?: code)?:? (?:code )?[1-9]\d*\b", re.IGNORECASE
)
_CORRECTION = re.compile(
    r"^(?:no[,.! ]|nope|don'?t\b|do not\b|stop\b|instead\b|not like|wrong|that'?s (?:not|wrong)|actually\b|always\b|"
    r"never\b|please (?:don'?t|always|never|use)\b|you (?:forgot|must|should)\b|use .{3,60} instead)|\binstead of\b|"
    r"\b(?:always|never) (?:run|use|do|add|write|commit|push|change|edit|delete|ask)\b",
    re.IGNORECASE,
)
_COMMAND_WRAP = re.compile(r"^(?:bash|sh|zsh)\s+-l?c\s+(['\"])(.*)\1$", re.DOTALL)
_CD = re.compile(r"^cd\s+\S+\s*&&\s*")
_STEP = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*+])\s+(?:\[[ xX]\]\s+)?(.+?)\s*$")


@dataclass(frozen=True, slots=True)
class Command:
    """A shell command. ``ok``: True succeeded, False failed, None unknown; ``result`` is the tool's turn."""

    turn: TurnView
    text: str
    ok: bool | None
    result: TurnView | None
    output: str

    @property
    def program(self) -> str:
        """Its first words: what makes two commands tries of the same thing."""
        return " ".join(w for w in self.text.split()[:3] if not w.startswith("-"))[:40]

    @property
    def only_looks(self) -> bool:
        return _LOOKING.match(self.text) is not None

    @property
    def verifies(self) -> bool:
        return _VERIFYING.search(self.text) is not None


def beats_of(marked: Sequence[TurnView], turns: Turns) -> list[list[TurnView]]:
    """The beats the marked turns stand in: from a person's ask to just before the next one. In file order,
    each once."""
    out: list[list[TurnView]] = []
    covered: set[tuple[str, int]] = set()
    for one in sorted(marked, key=lambda t: (t.session_id, t.position)):
        if (one.session_id, one.position) in covered:
            continue
        start = max(0, one.position - BEAT)
        around = turns.turns(one.session_id, start, 2 * BEAT + 1)
        begin = next(
            (t.position for t in reversed(around) if t.position <= one.position and is_ask(t)), start
        )
        end = next(
            (t.position for t in around if t.position > one.position and is_ask(t)), one.position + BEAT
        )
        beat = [t for t in around if begin <= t.position < end and "abandoned" not in t.flags]
        covered |= {(t.session_id, t.position) for t in beat}
        if beat:
            out.append(beat)
    return out


def is_ask(turn: TurnView) -> bool:
    """Whether a person asked for something here (not a slash command, not typed into running work)."""
    return (
        turn.author == "typed"
        and bool(turn.text.strip())
        and not turn.flags & {"command", "queued", "answer"}
    )


def commands(beat: Sequence[TurnView]) -> list[Command]:
    """The shell commands of a beat with how they ended."""
    results: dict[str, tuple[TurnView, PartView]] = {}
    for turn in beat:
        for part in turn.parts:
            if part.kind == "tool_result" and part.call_id:
                results.setdefault(part.call_id, (turn, part))
    out = []
    for turn in beat:
        for part in turn.parts if turn.author == "assistant" else ():
            if part.kind == "tool_call" and part.name.lower() in SHELLS and part.text.strip():
                result = results.get(part.call_id) if part.call_id else None
                ok = None
                if result is not None:
                    bad = (
                        result[1].error
                        or "failed" in result[0].flags
                        or _BAD_EXIT.search(result[1].text[:400])
                    )
                    ok = not bad
                text = _plain_command(part.text)
                out.append(
                    Command(turn, text, ok, result[0] if result else None, result[1].text if result else "")
                )
    return out


def _plain_command(text: str) -> str:
    command = text.strip()
    if wrapped := _COMMAND_WRAP.match(command):
        command = wrapped[2].strip()
    return _CD.sub("", command)


def is_step(command: Command) -> bool:
    """Whether a command is worth repeating: it succeeded, changes or checks something, and is one short line."""
    return (
        command.ok is True
        and not command.only_looks
        and "\n" not in command.text
        and len(command.text) <= 200
    )


def steps(turn: TurnView) -> list[str]:
    """The items of lists in what a model said: numbered ones when there are any, else bulleted."""
    numbered: list[str] = []
    bulleted: list[str] = []
    fenced = False
    for line in turn.text.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if fenced or not (match := _STEP.match(line)):
            continue
        item = match[1]
        if len(item.split()) >= 2 and len(item) <= 400:
            (numbered if line.lstrip()[0].isdigit() else bulleted).append(item)
    return numbered or bulleted


def error_line(output: str) -> str:
    """The line of an output that names the error: the last that looks like one; "" when none does."""
    found = [line.strip() for line in output.splitlines() if _ERROR_LINE.match(line.strip())]
    named = [line for line in found if re.match(r"[\w.]*(?:Error|Exception)\b", line)]
    best = (named or found)[-1:]
    return best[0][:160] if best else ""


def fixes(beat: Sequence[TurnView]) -> list[tuple[Command, str, TurnView, str]]:
    """(failed command, error line, the turn that explains, its sentence), where the same kind of command
    succeeded later: a failure that was overcome."""
    done = commands(beat)
    out = []
    for n, command in enumerate(done):
        if command.ok is not False or command.result is None:
            continue
        line = error_line(command.output)
        later = next((c for c in done[n + 1 :] if c.ok and c.program == command.program), None)
        if not line or later is None:
            continue
        between = [
            t
            for t in beat
            if command.result.position < t.position <= later.turn.position
            and t.author == "assistant"
            and t.text
        ]
        if between and (sentence := first_sentence(between[0].text)):
            out.append((command, line, between[0], sentence))
    return out


def corrections(beat: Sequence[TurnView]) -> list[tuple[TurnView, str]]:
    """What a person told the model to do otherwise: (turn, their sentence)."""
    out = []
    for turn in beat:
        if turn.author == "typed":
            for sentence in sentences(turn.text[:4000]):
                words = turn.text[sentence.start : sentence.end]
                if sentence.kind != "code" and _CORRECTION.search(words) and 3 <= len(words.split()) <= 60:
                    out.append((turn, words))
    return out


def first_sentence(text: str, longest: int = 240) -> str:
    """The first sentence that says something, word for word; "" when there is none of that length."""
    for sentence in sentences(text[:8000]):
        words = text[sentence.start : sentence.end]
        if sentence.kind in ("prose", "item") and len(content_words(words)) >= 3 and len(words) <= longest:
            return words
    return ""


def ask_words(turn: TurnView, longest: int = 200) -> str:
    """A person's ask as one line in their own words: its first sentences up to ``longest`` characters."""
    kept = ""
    for sentence in sentences(turn.text[:8000]):
        if sentence.kind == "code":
            continue
        longer = one_line(turn.text[: sentence.end], 100_000) if kept else one_line(
            turn.text[sentence.start : sentence.end], 100_000
        )  # fmt: skip
        if kept and len(longer) > longest:
            break
        kept = longer
        if len(content_words(kept)) >= 4:
            break
    return kept if len(kept) <= longest else kept[:longest].rsplit(None, 1)[0]
