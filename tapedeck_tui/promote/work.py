"""What was done in some turns, read without a model: asks, commands and how they ended, steps, failures, corrections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tapedeck_tui.ask.ports import Turns
from tapedeck_tui.ask.sentences import content_words, sentences
from tapedeck_tui.model import PartView, TurnView
from tapedeck_tui.promote.evidence import instructs
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
    r"ls-files|stash|checkout|restore|reset|clean|switch|add|commit|push|fetch|pull)|nl)(?:\s|$)|\s(?:--help|-h)$"
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
_OUTCOME = re.compile(
    r"\b(?:fixed|moved|changed|added|removed|replaced|renamed|switched|works?|passe[sd]?|passing|caused|cause|because|"
    r"turned out|confirmed|done|now|decided|kept|solved|resolved)\b",
    re.IGNORECASE,
)
_UNDERWAY = re.compile(
    r"(?:now,? |next,? |first,? )?(?:i['’]m|i['’]ll|i will|i am|i need|i have|i can see|let me|let['’]s)\b",
    re.IGNORECASE,
)
"""How a model announces what it is about to do: not what came of it."""
_EXPLAINS = re.compile(
    r"\b(?:so|because|since|must|needs?|needed|missing|caused?|came from|due to|fix(?:ed|es)?|chang(?:ed|ing)|added|"
    r"replaced|removed|moved|instead|turned out|was not|were not|did not|the (?:problem|cause|bug|culprit|issue|reason))\b",
    re.IGNORECASE,
)
DECIDING = re.compile(
    r"\b(?:decid\w+|decision|chose|keep|kept|go with|went with|instead of|switch(?:ed)?|always|never|prefer|from now on|"
    r"tried|careful|beware|root cause|the (?:bug|cause|problem|culprit)|released?|shipped|merged)\b",
    re.IGNORECASE,
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


_VERB_WORDS = (
    "add allow append apply ask avoid back bind build bump call cap change check clean clear clone close collect commit "
    "compare compile configure confirm connect convert copy create define delete deploy disable do drop edit enable "
    "ensure enter execute export extract find fix force format generate get give go handle hold import increase "
    "insert inspect install keep kill limit link list load lock log look make map mark measure merge migrate mock "
    "mount move name open override parse pass patch pin point pull push put raise read rebase rebuild record "
    "reduce register release reload remove rename render replace rerun reset resolve restart restore retry return "
    "revert rewrite rotate run save scan search select send set show skip sort split stage start stop store switch "
    "sync tag take test track turn undo unset update upgrade upload use validate verify wait watch wire wrap write "
    "began built chose did found gave got held kept made put ran rewrote sent set split took went wrote"
)
_VERBS = frozenset(_VERB_WORDS.split())


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
        """Whether it only shows something, or saves work like any other: no step of its own."""
        return _LOOKING.search(self.text) is not None

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


def closing(beat: Sequence[TurnView]) -> TurnView | None:
    """The model's last words in a beat: what came of it."""
    return next((t for t in reversed(beat) if t.author == "assistant" and t.text.strip()), None)


def steps(turn: TurnView) -> list[str]:
    """The items of lists in what a model said that begin with a verb: numbered ones when there are any, else
    bulleted. Lists of things are not steps."""
    numbered: list[str] = []
    bulleted: list[str] = []
    fenced = False
    for line in turn.text.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if fenced or not (match := _STEP.match(line)):
            continue
        item = match[1]
        if len(item.split()) >= 2 and len(item) <= 400 and _does(item):
            (numbered if line.lstrip()[0].isdigit() else bulleted).append(item)
    return numbered or bulleted


def _does(item: str) -> bool:
    """Whether a list item says to do something, or that it was done."""
    first = re.match(
        r"[*_`\s]*(?:then|now|next|first|finally|also|to)?[,\s]*([A-Za-z]+)", item, re.IGNORECASE
    )
    if first is None:
        return False
    word = first[1].lower()
    return word in _VERBS or (word.endswith("ed") and len(word) > 4)


def error_line(output: str) -> str:
    """The line of an output that names the error: the last that looks like one; "" when none does."""
    found = [line.strip() for line in output.splitlines() if _ERROR_LINE.match(line.strip())]
    named = [line for line in found if re.match(r"[\w.]*(?:Error|Exception)\b", line)]
    best = (named or found)[-1:]
    return best[0][:160] if best else ""


def fixes(beat: Sequence[TurnView]) -> list[tuple[Command, str, TurnView, str]]:
    """(failed command, error line, the turn that explains, its sentence), where the same kind of command
    succeeded later: a failure that was overcome. Without a sentence that gives a reason or a remedy there
    is nothing to learn from it."""
    done = commands(beat)
    out = []
    for n, command in enumerate(done):
        if command.ok is not False or command.result is None:
            continue
        line = error_line(command.output)
        later = next((c for c in done[n + 1 :] if c.ok and c.program == command.program), None)
        if not line or later is None:
            continue
        first, last = command.result.position, later.turn.position
        between = [t for t in beat if first < t.position <= last and t.author == "assistant" and t.text]
        found = next(
            ((t, words) for t in between for words in outcomes(t, 4) if _EXPLAINS.search(words)), None
        )
        if found is not None:
            out.append((command, line, *found))
    return out


def corrections(beat: Sequence[TurnView]) -> list[tuple[TurnView, str]]:
    """What a person told the model to do otherwise: (turn, their sentence)."""
    out = []
    for turn in beat:
        if turn.author == "typed":
            for sentence in sentences(turn.text[:4000]):
                words = turn.text[sentence.start : sentence.end]
                long = not 3 <= len(words.split()) <= 40
                if sentence.kind != "code" and not long and "?" not in words and _CORRECTION.search(words):
                    out.append((turn, words))
    return out


def first_sentence(text: str, longest: int = 240) -> str:
    """The first sentence that says something, word for word; "" when there is none of that length."""
    for sentence in sentences(text[:8000]):
        words = text[sentence.start : sentence.end]
        if sentence.kind in ("prose", "item") and len(content_words(words)) >= 3 and len(words) <= longest:
            return words
    return ""


def outcomes(turn: TurnView, most: int = 1, longest: int = 300) -> list[str]:
    """The sentences of a turn that say what came out or was decided, word for word, the best first. What a
    model announces it will do is none of them."""
    return [words for _, words in _told(turn.text[:20_000], longest)[:most]]


def telling(text: str) -> str:
    """The first-rate sentence of a text that says what came out or why; "" when none does."""
    best = _told(text, 300)[:1]
    return best[0][1] if best and (best[0][0] > 1 or _EXPLAINS.search(best[0][1])) else ""


def _told(text: str, longest: int) -> list[tuple[float, str]]:
    found = []
    for n, sentence in enumerate(sentences(text)):
        words = text[sentence.start : sentence.end]
        too_little = len(words) > longest or len(content_words(words)) < 2
        if sentence.kind in ("code", "heading") or too_little or instructs(words) or _UNDERWAY.match(words):
            continue
        score = 2.0 if _OUTCOME.search(words) else 0.0
        score += 1.5 if DECIDING.search(words) else 0.0
        score -= 1.0 if words.rstrip().endswith(("?", ":")) else 0.0
        found.append((score - 0.05 * n, -n, words))
    return [(score, words) for score, _, words in sorted(found, reverse=True)]


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
