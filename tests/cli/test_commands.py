"""Each command: what people read, what programs read, and what goes where."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tapedeck_tui import model
from tapedeck_tui.cli.main import COMMANDS, EXIT_CODES, main
from tapedeck_tui.cli.schemas import KEYS
from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.events import Finished, Problem, decode, encode
from tests.cli.conftest import Said
from tests.cli.fakes import HIT, ROW, FakeDeck

Run = Callable[..., Said]


# ---- help, errors, exit codes


@pytest.mark.parametrize("command", [c.name for c in COMMANDS])
def test_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help of every command has an example, the exit codes, and the shape of its JSON."""
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"  tapedeck {command}" in said
    assert "exit codes:" in said
    schema = next(c.schema for c in COMMANDS if c.name == command)
    assert (f"--json prints {schema}" in said) == bool(schema)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is one line on stdout."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("tapedeck ")


def test_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    """A word that is no command is refused with exit code 2 and the commands there are."""
    assert main(["serach", "x"]) == 2
    assert "search" in capsys.readouterr().err


def test_every_error_has_its_exit_code_documented() -> None:
    """Each class of error ends with a code the help explains."""

    def classes(kind: type[TapedeckError]) -> list[type[TapedeckError]]:
        return [kind, *(c for sub in kind.__subclasses__() for c in classes(sub))]

    documented = {code for code, _ in EXIT_CODES}
    assert {c.exit_code for c in classes(TapedeckError)} <= documented


def test_an_error_says_what_and_what_next(run: Run) -> None:
    """The sentence and the hint go to stderr; stdout stays empty."""
    said = run("show", "s_unknown")
    assert said == Said(3, "", "tapedeck: There is no session s_unknown.\n  See: tapedeck search\n")


def test_a_query_error_points_at_the_place(run: Run) -> None:
    """Under the query stands a mark where it went wrong."""
    said = run("search", "foo after:")
    assert said.code == 2
    assert "  foo after:\n      ^\n" in said.err


def test_something_unexpected_is_logged(run: Run, deck: FakeDeck, tmp_path: Path) -> None:
    """A bug of ours: one sentence and the place of the log, no traceback on the screen."""
    deck.doctor = lambda: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    said = run("--home", str(tmp_path / "h"), "doctor")
    assert said.code == 1
    assert "ZeroDivisionError" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in (tmp_path / "h" / "tapedeck.log").read_text()


def test_ctrl_c(run: Run, deck: FakeDeck) -> None:
    """Ctrl+C ends with 130, and the work was closed properly."""
    deck.events = []

    def interrupted() -> object:
        yield from deck_sync()
        raise KeyboardInterrupt

    deck_sync = deck.sync
    deck.sync = lambda paths=(): interrupted()  # type: ignore[method-assign, assignment, return-value]
    said = run("sync")
    assert said.code == 130
    assert deck.closed


def test_flags_before_or_after_the_command(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--home may stand on either side of the command."""
    from tapedeck_tui.cli import context

    homes: list[Path] = []
    monkeypatch.setattr(context, "make_deck", lambda home: (homes.append(home.root), FakeDeck())[1])
    run("--home", str(tmp_path / "a"), "status")
    run("status", "--home", str(tmp_path / "b"))
    run("status")
    assert homes == [tmp_path / "a", tmp_path / "b", Path(os.environ["TAPEDECK_HOME"])]


def test_the_app_needs_a_terminal(run: Run) -> None:
    """In a pipe the bare command says what to use instead."""
    said = run()
    assert said.code == 2
    assert "tapedeck --help" in said.err


def test_the_app_is_opened(run_in_terminal: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The bare command opens the app on the home that was named."""
    import types

    opened: list[object] = []
    fake = types.ModuleType("tapedeck_tui.tui.app")
    fake.run_app = lambda home, demo: opened.append((home.root, demo)) or 5  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tapedeck_tui.tui.app", fake)
    assert run_in_terminal("--home", str(tmp_path)).code == 5
    assert opened == [(tmp_path, False)]


# ---- the shapes


@pytest.mark.parametrize(
    "argv",
    [
        ["sync"],
        ["search", "door"],
        ["ask", "why?"],
        ["show", "s_door"],
        ["promote", "t_fix1", "--to", "skill", "--yes"],
        ["status", "--problems"],
        ["doctor"],
    ],
)
def test_json_has_exactly_the_documented_keys(run: Run, argv: list[str]) -> None:
    """stdout is one JSON object, its keys are those the help names."""
    shape = run(*argv, "--json").json
    documented = KEYS[shape["schema"]]
    assert shape["schema"].startswith(f"tapedeck.{argv[0]}/")
    depth, plain = 0, ""
    for letter in documented:
        depth += letter in "[{("
        plain += letter if depth == 0 else ""
        depth -= letter in "]})"
    keys = {k.split()[0] for k in plain.split(",") if k.strip()}
    assert set(shape) == keys | {"schema"}


def test_json_of_a_search(run: Run) -> None:
    """Times are ISO 8601 in UTC, marks are ranges."""
    (found,) = run("search", "door", "cooldown", "--json").json["sessions"]
    assert found["session"]["id"] == "s_door"
    assert found["session"]["started_at"] == "2026-09-21T14:13:20Z"
    assert found["hits"][0]["marks"] == [[4, 8]]
    assert found["hits"][0]["matched"] is True


def test_similar_meaning_is_told_from_words_found(
    run: Run, deck: FakeDeck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hit without a word of the query says so, in plain text and as JSON; how many there are of each is said."""
    likes = replace(HIT, why=(("words", 0.0), ("meaning", 0.4)), marks=())
    has = replace(HIT, why=(("words", 0.3), ("meaning", 0.4)))
    result = model.SearchResult(
        "door", (model.SessionHit(ROW, 0.5, (has, likes)),), 5, semantic=True, similar=4
    )
    monkeypatch.setattr(FakeDeck, "search", lambda self, query, limit=10: result)
    said = run("search", "door")
    assert said.out.count("· similar\n") == 1
    assert "1 with the words, 4 similar" in said.err
    shape = run("search", "door", "--json").json
    assert shape["similar"] == 4
    assert [hit["matched"] for hit in shape["sessions"][0]["hits"]] == [True, False]


# ---- the commands


def test_sync(run: Run, deck: FakeDeck, tmp_path: Path) -> None:
    """The result on stdout, problems on stderr; paths are made absolute and must exist."""
    said = run("sync", str(tmp_path))
    assert (said.code, said.out) == (0, "2 sessions kept\n")
    assert "problem: /x.jsonl, line 3: broken" in said.err
    assert deck.calls == [("sync", (tmp_path,))]
    assert run("sync", str(tmp_path / "no")).code == 3


def test_sync_of_a_file_that_cannot_be_read(run: Run, deck: FakeDeck, tmp_path: Path) -> None:
    """A named file that no importer knows: it is said that it was not read, why, and what to do; exit code 1.
    "nothing new" would be a lie."""
    path = tmp_path / "export.zip"
    path.touch()
    deck.events = [
        Problem(str(path), "it is an archive", "Unpack it first.", kind="unknown"),
        Finished("nothing new", (("files", 0),)),
    ]
    said = run("sync", str(path))
    assert (said.code, said.out) == (1, "")
    assert "not read: " in said.err
    assert "export.zip: it is an archive\n  Unpack it first.\n" in said.err
    assert run("sync", str(path), "--json").code == 1
    assert run("sync", str(tmp_path)).code == 0  # it was not named


def test_sync_events(run: Run, deck: FakeDeck) -> None:
    """Every event is one line that decodes to the very event."""
    said = run("sync", "--events")
    assert [decode(line) for line in said.out.splitlines()] == deck.events
    assert said.err == ""


def test_an_error_of_a_child_is_one_line(run: Run) -> None:
    """The app shows the last line a child said, so that line must say it all."""
    said = run("sync", "--events", "/no/such")
    assert said == Said(3, "", "There is no file or folder /no/such. Check the spelling.\n")


def test_decode_passes_over_other_lines() -> None:
    """Whatever else a child prints is no event."""
    for line in (
        "",
        "hello",
        "{}",
        "[]",
        '{"event":"no"}',
        '{"event":"progress","x":1}',
        '{"event":"problem"}',
    ):
        assert decode(line) is None
    assert "\n" not in encode(FakeDeck().events[1])


def test_search(run: Run, deck: FakeDeck) -> None:
    """A session, what it is, its best turn with the words in «», the note on stderr."""
    said = run("search", "-n", "3", "door", "cooldown")
    assert deck.calls == [("search", "door cooldown", 3)]
    assert "Door cooldown\n" in said.out
    assert "s_door · claude-code · /home/u/bluedoor" in said.out
    assert "the «cooldown» was zero" in said.out
    assert "one close spelling" in said.err
    assert "\x1b" not in said.out + said.err


def test_search_without_a_result(run: Run) -> None:
    """Nothing found is an answer, not an error."""
    said = run("search", "nothing")
    assert (said.code, said.out) == (0, "")
    assert "Nothing matches" in said.err
    assert run("search", "nothing", "--json").json["sessions"] == []


@pytest.mark.parametrize("argv", [["search", "-n", "0", "x"], ["search", "-n", "x", "x"], ["search", " "]])
def test_search_makes_no_sense(run: Run, argv: list[str]) -> None:
    """Exit code 2 for what cannot be meant."""
    assert run(*argv).code == 2


@pytest.mark.parametrize("argv", [["search", "door"], ["ask", "door?"]])
def test_an_empty_library_is_filled_first(run: Run, deck: FakeDeck, argv: list[str]) -> None:
    """The first search looks for sessions by itself, and says so on stderr only."""
    deck.sessions = 0
    said = run(*argv)
    assert deck.calls[0] == ("sync", ())
    assert "looking for sessions" in said.err
    assert "2 sessions kept" in said.err
    assert "2 sessions kept" not in said.out


def test_show_a_session(run: Run) -> None:
    """All turns with who, when and what, as plain text; the hint to see long results is on stderr."""
    said = run("show", "s_do")
    for words in ("Door cooldown", "#0 typed", "  Why does the door\n  open twice?", "  ← failed Bash\n    head … tail",
                  "  → Bash\n    make test", "[image: image/png · 2.0 KB]", "  thinking:\n    Hm."):  # fmt: skip
        assert words in said.out
    assert "--full" in said.err


def test_show_a_turn_whole(run: Run) -> None:
    """One turn by the beginning of its id; with --full the long result comes whole from the tape."""
    said = run("show", "t_to", "--full")
    assert "head middle tail" in said.out
    assert "#0" not in said.out
    assert said.err == ""
    assert [t["id"] for t in run("show", "t_to", "--json").json["turns"]] == ["t_tool"]


def test_ask_in_a_pipe(run: Run, deck: FakeDeck) -> None:
    """The answer once, its sources, what has no source, and what was searched."""
    said = run("ask", "why", "is it so?")
    assert deck.calls == [("ask", "why is it so?", "", None)]
    assert said.out.count("It was zero [1]") == 1
    assert "No source was found for: It is blue." in said.out
    assert "  [1] Door cooldown" in said.out
    assert "searched 2 sessions" in said.out
    assert "searching anything" in said.err
    assert deck.closed


def test_ask_in_a_terminal(run_in_terminal: Run) -> None:
    """The text is shown as it comes, not twice, and no escape of the model's reaches the terminal."""
    said = run_in_terminal("ask", "why?")
    assert said.out.count("It was zero [1]") == 1
    assert "\x1b[31m" not in said.out
    assert "\x1b[1msources\x1b[0m" in said.out


def test_ask_options(run: Run, deck: FakeDeck) -> None:
    """A model by name must be there; --no-model asks for passages; --session takes the beginning of an id."""
    assert run("ask", "--model", "m-2", "why?").code == 3
    run("ask", "--model", "m-1", "why?")
    run("ask", "--no-model", "--session", "s_d", "why?")
    assert deck.calls == [("ask", "why?", "", "m-1"), ("ask", "why?", "s_door", "")]
    assert run("ask", "--model", "m-1", "--no-model", "why?").code == 2


def test_promote_asks_first(run_in_terminal: Run, deck: FakeDeck) -> None:
    """The draft and its evidence are shown; only a yes writes it."""
    said = run_in_terminal("promote", "t_fix", "--to", "skill", answer="n\n")
    assert "Set the cooldown." in said.out
    assert "cooldown was zero" in said.out
    assert "[y/N]" in said.err
    assert deck.published == []
    run_in_terminal("promote", "t_fix", "--to", "skill", answer="y\n")
    assert [d.name for d in deck.published] == ["fix-doors"]
    assert deck.calls[0] == ("skill", ("t_fix1",), "")


def test_promote_without_a_person(run: Run, deck: FakeDeck) -> None:
    """Nobody to ask and no --yes: nothing is written, that is said, and a script sees it: exit code 7."""
    said = run("promote", "--answer", "a_1", "--to", "observation")
    assert said.code == 7
    assert "Add --yes to write it." in said.err
    assert "Nothing was written" in said.err
    assert run("promote", "--answer", "a_1", "--to", "observation", "--json").json["written"] is False
    assert deck.published == []
    shape = run("promote", "--answer", "a_1", "--to", "observation", "--json", "--yes").json
    assert (shape["written"], shape["promoted"]["id"]) == (True, "p_1")


def test_promote_with_a_name_and_target(run: Run, deck: FakeDeck) -> None:
    """The name goes into the text too."""
    run("promote", "t_fix1", "--to", "skill", "--name", "mend-doors", "--target", "agents", "--yes")
    (draft,) = deck.published
    assert (draft.name, draft.target) == ("mend-doors", "agents")
    assert "name: mend-doors\n" in draft.text


def test_promote_what_is_not_valid(run: Run, deck: FakeDeck) -> None:
    """A draft with problems is never written, also not with --yes."""
    said = run("promote", "t_fix1", "--to", "skill", "--name", "BAD", "--yes")
    assert said.code == 7
    assert "the name is not allowed" in said.err
    assert deck.published == []


@pytest.mark.parametrize(
    "argv",
    [
        ["--to", "skill"],
        ["t_fix1", "--answer", "a", "--to", "skill"],
        ["t_fix1", "--to", "observation", "--name", "x"],
    ],
)
def test_promote_makes_no_sense(run: Run, argv: list[str]) -> None:
    """Exit code 2: nothing to promote, two things to promote, a name for an observation."""
    assert run("promote", *argv).code == 2


def test_promote_edited(run: Run, deck: FakeDeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the editor leaves is what is written; a changed name counts."""
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import sys, pathlib\np = pathlib.Path(sys.argv[1])\np.write_text(p.read_text().replace('fix-doors', 'new-name'))\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {editor}")
    run("promote", "t_fix1", "--to", "skill", "--edit", "--yes")
    assert [d.name for d in deck.published] == ["new-name"]
    monkeypatch.setenv("EDITOR", "no-such-editor-here")
    assert run("promote", "t_fix1", "--to", "skill", "--edit", "--yes").code == 2
    monkeypatch.setenv("EDITOR", f"{sys.executable} -c 'raise SystemExit(1)'")
    assert run("promote", "t_fix1", "--to", "skill", "--edit", "--yes").code == 2
    assert len(deck.published) == 1


def test_status(run: Run) -> None:
    """Numbers, where each source was looked for, and the problems on request."""
    said = run("status")
    for words in ("2 sessions · 3 turns", "2.0 MB kept in 300 KB", "vectors 4 behind", "last sync: never",
                  "Claude Code: 2 sessions", "1 gone from their source", "/home/u/no  not there"):  # fmt: skip
        assert words in said.out
    assert "broken" not in said.out
    assert "/x.jsonl:3\n  broken" in run("status", "--problems").out


def test_doctor(run: Run, deck: FakeDeck) -> None:
    """Each check with what mends it; a bad one ends with 5."""
    from tapedeck_tui.model import Check

    said = run("doctor")
    assert said.code == 0
    assert "mend: tapedeck sync" in said.out
    deck.doctor = lambda: [Check("tapes", "bad", "one record is damaged")]  # type: ignore[method-assign]
    assert run("doctor").code == 5
    assert run("doctor", "--json").json["ok"] is False


# ---- writing


def test_no_colour(run_in_terminal: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal there is bold text; not with NO_COLOR, not on a dumb terminal."""
    assert "\x1b[1m" in run_in_terminal("search", "door").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run_in_terminal("search", "door").out


def test_text_is_cleaned(run: Run, deck: FakeDeck) -> None:
    """No escape sequence from anywhere reaches the terminal, also not from a file name in an error."""
    said = run("sync", "/no\x1b]52;c;x\x07/such")
    assert said.code == 3
    assert "\x1b" not in said.err


def test_json_is_json_with_any_text(run: Run, deck: FakeDeck) -> None:
    """Odd characters survive as JSON."""
    from dataclasses import replace

    from tests.cli import fakes

    row = replace(fakes.ROW, title='"q" \u2028 é 🚪')
    deck.session = lambda session_id: replace(fakes.VIEW, row=row)  # type: ignore[method-assign]
    assert run("show", "s_door", "--json").json["session"]["title"] == row.title


def test_lines_instead_of_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """Where no bar can be drawn, a line at most every two seconds."""
    from tapedeck_tui.cli.talk import Talk
    from tapedeck_tui.events import Progress

    now = [0.0]
    talk = Talk(clock=lambda: now[0])

    def work() -> object:
        for n in range(50):
            now[0] += 0.1
            yield Progress("keeping", n, 50)

    talk.follow(work())  # type: ignore[arg-type]
    assert capsys.readouterr().err.splitlines() == ["keeping: 19 of 50 files", "keeping: 39 of 50 files"]


def test_a_bar_on_a_terminal(run_in_terminal: Run) -> None:
    """A bar is drawn and taken away again; markup in a note is only text."""
    said = run_in_terminal("sync")
    assert "keeping" in said.err
    assert said.out == "2 sessions kept\n"


def test_prose_is_wrapped_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines fit the terminal, emphasis stays on its words, nothing is lost or added; in a pipe nothing is wrapped."""
    from tapedeck_tui.cli.output import Output, Strong
    from tests.cli.conftest import Terminal

    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    Output(stream).wrapped("one two three «", Strong("four five six"), "» seven eight\nnine", indent="  ")
    assert stream.getvalue() == (
        "  one two three «\x1b[1mfour five\x1b[0m\n  \x1b[1msix\x1b[0m» seven eight\n  nine\n"
    )
    piped = io.StringIO()
    Output(piped).wrapped("word " * 50)
    assert piped.getvalue().count("\n") == 1


def test_markdown_reads_as_text() -> None:
    """Escaped signs are themselves, bold is bold."""
    from tapedeck_tui.cli.output import Strong
    from tapedeck_tui.cli.wording import plain

    got = plain(r"**Door \_x\_** 2 \* 3 and [1] `a_b`")
    assert got == ["", "Door _x_", " 2 * 3 and [1] `a_b`"]
    assert isinstance(got[1], Strong)


PIPED = """
import sys
from tapedeck_tui.cli import context
from tapedeck_tui.cli.main import main
from tests.cli.fakes import FakeDeck
context.make_deck = lambda home: FakeDeck()
sys.exit(main(["search", "--json", "x"]))
"""


def test_a_closed_pipe_is_quiet() -> None:
    """``tapedeck search x | head -1`` prints no traceback when head has enough."""
    import subprocess

    read, write = os.pipe()
    os.close(read)
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", PIPED], stdout=write, stderr=subprocess.PIPE, cwd=root, check=False, text=True
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
