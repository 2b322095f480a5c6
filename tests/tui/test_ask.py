"""Ask: streamed answers, citations that open at their words, honest labels, stopping."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Markdown, Static

from tapedeck_tui import model
from tapedeck_tui.errors import ModelUnavailable
from tapedeck_tui.tui.screens.ask import AskScreen
from tapedeck_tui.tui.screens.ask_actions import answer_as_markdown
from tapedeck_tui.tui.screens.ask_moved import AskMoved
from tapedeck_tui.tui.screens.pick import Pick
from tapedeck_tui.tui.widgets.card_list import CardList
from tapedeck_tui.tui.widgets.citation_list import CitationList
from tests.tui.driver import press, running, settle, until
from tests.tui.fake_deck import NOW, FakeDeck, sid
from tests.tui.pictures import FORBIDDEN, HOSTILE, SIZES, drawn, take

NO_MODEL = model.Models(False, (), "", "Start it with: ollama serve", "http://127.0.0.1:11434")


class Answers(FakeDeck):
    """A deck that answers every question with the same answer."""

    def __init__(self, text: str, **changes: Any) -> None:
        super().__init__(models=changes.pop("models", None))
        self.text = text
        self.changes = changes
        self.asked: list[tuple[str, str]] = []

    def ask(self, question: str, session_id: str = "") -> Iterator[model.AskEvent]:
        self.asked.append((question, session_id))
        citations = self.citations()
        yield model.AskPlanned("everything")
        yield model.AskFound(citations, "3 passages")
        yield model.AskToken(self.text)
        answer = model.Answer("a_1", question, "answer", self.text, citations, (), "searched 60 sessions",
                              "qwen3:8b", NOW)  # fmt: skip
        yield model.AskDone(replace(answer, **self.changes))


class Slow(FakeDeck):
    """A model that writes three words and then waits until the test lets it go on."""

    def __init__(self, keeps: bool = False) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.closed = threading.Event()
        self.keeps = keeps
        self.words: tuple[str, ...] = ("Three ", "first ", "words ")

    def ask(self, question: str, session_id: str = "") -> Iterator[model.AskEvent]:
        try:
            yield model.AskPlanned("everything")
            yield model.AskFound(self.citations(), "")
            for word in self.words:
                yield model.AskToken(word)
            self.go_on.wait(20)
            yield model.AskToken("never shown")
        finally:
            if self.keeps:
                self.kept_answers.insert(
                    0,
                    model.Answer("a_9", question, "answer", "Three first words [1]", self.citations(1), (),
                                 "searched 60 sessions", "qwen3:8b", NOW, stopped=True),
                )  # fmt: skip
            self.closed.set()


def ask(pilot: Pilot[Any]) -> AskScreen:
    screen = pilot.app.screen
    assert isinstance(screen, AskScreen)
    return screen


def words(screen: AskScreen, part: str) -> str:
    """What a part of the answer says, "" when it is hidden."""
    line = screen.query_one(f".answer--{part}", Static)
    return str(line.content) if line.display else ""


def source(screen: AskScreen) -> str:
    return screen.query_one(Markdown).source


async def put_question(pilot: Pilot[Any], question: str) -> None:
    """Write a question and press enter, without waiting for the answer."""
    box = ask(pilot).query_one("#question", Input)
    box.value = question
    box.focus()
    await pilot.pause()
    await pilot.press("enter")


async def asked(pilot: Pilot[Any], question: str = "Why?") -> AskScreen:
    """Go to ask and have a question answered."""
    await press(pilot, "2")
    screen = ask(pilot)
    await put_question(pilot, question)
    await until(pilot, lambda: screen.answer is not None, "an answer")
    await settle(pilot)
    return screen


# asking


async def test_three_examples_from_the_library_and_enter_asks_one() -> None:
    """An empty page is not empty: it offers questions made from the library's own titles."""
    async with running() as (_, pilot):
        await press(pilot, "2", "tab")
        screen = ask(pilot)
        examples = screen.query_one("#examples", CardList)
        assert len(examples.items) == 3
        assert examples.has_focus
        await press(pilot, "enter")
        await until(pilot, lambda: screen.answer is not None)
        assert screen.answer is not None
        assert screen.answer.question == examples.items[0]
        assert screen.query_one("#question", Input).value == examples.items[0]


async def test_an_answer_with_citations_and_what_was_searched() -> None:
    async with running() as (_, pilot):
        screen = await asked(pilot)
        assert "capped with jitter [1]" in source(screen)
        assert len(screen.query_one(CitationList).items) == 3
        assert words(screen, "coverage").startswith("searched 60 sessions in 3 sources")
        assert words(screen, "about") == ""
        assert screen.query_one("#answer").has_focus


async def test_the_text_appears_while_it_is_written() -> None:
    """The first words are on the screen although the model has not finished."""
    deck = Slow()
    async with running(deck) as (_, pilot):
        await press(pilot, "2")
        screen = ask(pilot)
        await put_question(pilot, "Why?")
        await until(pilot, lambda: source(screen) == "Three first words ", "the first words")
        assert words(screen, "plan") == "reading 3 passages"
        assert "esc stops" in screen.status_words()
        await pilot.press("escape")
        deck.go_on.set()
        await settle(pilot)


async def test_escape_stops_the_model_and_says_so() -> None:
    """The generator is closed, the words so far stay, nothing that comes later is shown."""
    deck = Slow()
    async with running(deck) as (_, pilot):
        await press(pilot, "2")
        screen = ask(pilot)
        await put_question(pilot, "Why?")
        await until(pilot, lambda: "words" in source(screen))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, AskScreen), "escape stops, it does not leave"
        deck.go_on.set()
        await until(pilot, lambda: screen.answer is not None)
        await settle(pilot)
        assert deck.closed.is_set()
        assert words(screen, "state") == "Stopped before it was complete."
        assert source(screen) == "Three first words "


async def test_a_stopped_answer_that_was_kept_is_the_one_shown() -> None:
    """So it can be promoted and found again like every other."""
    deck = Slow(keeps=True)
    async with running(deck) as (_, pilot):
        await press(pilot, "2")
        screen = ask(pilot)
        await put_question(pilot, "Why?")
        await until(pilot, lambda: "words" in source(screen))
        await pilot.press("escape")
        deck.go_on.set()
        await until(pilot, lambda: screen.answer is not None)
        assert screen.answer is not None
        assert screen.answer.id == "a_9"


async def test_a_second_question_stops_the_first() -> None:
    deck = Slow()
    async with running(deck) as (_, pilot):
        await press(pilot, "2")
        screen = ask(pilot)
        await put_question(pilot, "First?")
        await until(pilot, lambda: "words" in source(screen))
        await pilot.press("slash")
        screen.query_one("#question", Input).value = "Second?"
        await pilot.press("enter")
        deck.go_on.set()
        await until(pilot, lambda: deck.closed.is_set())
        await until(pilot, lambda: screen.answer is not None or "never shown" in source(screen))
        assert screen._question == "Second?"


async def test_quitting_does_not_wait_for_a_silent_model() -> None:
    """A model that is still being loaded says nothing for a minute; the app closes at once all the same."""
    deck = Slow()
    async with running(deck) as (app, pilot):
        await press(pilot, "2")
        screen = ask(pilot)
        await put_question(pilot, "Why?")
        await until(pilot, lambda: "words" in source(screen))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    thread = next(t for t in threading.enumerate() if t.name.startswith("ask-"))
    assert thread.daemon
    deck.go_on.set()
    assert deck.closed.wait(10), "its generator is closed as soon as it speaks again"


async def test_a_failure_of_ours_reaches_the_error_boundary() -> None:
    """A mistake in the program is not shown as if it were an answer."""

    class Wrong(FakeDeck):
        def ask(self, question: str, session_id: str = "") -> Iterator[model.AskEvent]:
            raise ZeroDivisionError("a mistake")
            yield

    async def go() -> None:
        async with running(Wrong()) as (app, pilot):
            await press(pilot, "2")
            await put_question(pilot, "Why?")
            await until(pilot, lambda: not app.is_running)

    with pytest.raises(Exception, match="a mistake"):
        await go()


def test_only_text_replaces_text() -> None:
    """A newer text of the same run may drop an older one that waits; steps are never dropped."""
    token = model.AskToken("x")
    newer, older = AskMoved(1, token, text="ab"), AskMoved(1, token, text="a")
    assert newer.can_replace(older)
    assert not newer.can_replace(AskMoved(2, token, text="a"))
    assert not newer.can_replace(AskMoved(1, model.AskPlanned("x")))
    assert not AskMoved(1, None).can_replace(older)


# what kind of answer it is


async def test_without_a_model_the_page_says_that_passages_are_not_an_answer() -> None:
    """One sees the sentence, the command that starts Ollama, and the passages with their citations."""
    deck = FakeDeck(models=NO_MODEL)
    async with running(deck) as (_, pilot):
        screen = await asked(pilot)
        assert words(screen, "about") == (
            "No chat model is running: these are the best passages, not an answer.\nStart it with: ollama serve"
        )
        assert len(screen.query_one(CitationList).items) == 3


async def test_before_a_question_the_page_says_which_model_answers() -> None:
    async with running() as (_, pilot):
        await press(pilot, "2")
        assert str(ask(pilot).query_one("#model-line", Static).content) == "qwen3:8b answers."
    async with running(FakeDeck(models=NO_MODEL)) as (_, pilot):
        await press(pilot, "2")
        assert "ollama serve" in str(ask(pilot).query_one("#model-line", Static).content)


async def test_not_in_your_tapes_is_an_answer() -> None:
    deck = Answers("", kind="nothing", citations=(), coverage="searched 60 sessions in 3 sources")
    async with running(deck) as (_, pilot):
        screen = await asked(pilot)
        assert words(screen, "about") == "Not in your tapes."
        assert words(screen, "coverage")
        assert not screen.query_one("#sources-pane").display


def first_row(pilot: Pilot[Any], words: str) -> int:
    """How many lines are empty between the question and these words."""
    lines = [line[:60].strip() for line in drawn(pilot).splitlines()]
    at = next(n for n, line in enumerate(lines) if words in line)
    return sum(1 for line in lines[:at] if not line)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_short_begins_at_the_top(size: tuple[int, int]) -> None:
    """A short answer, a stopped one and "Not in your tapes" stand below the question, not at the bottom of an
    empty page; so do they when the terminal grows."""
    nothing = {"kind": "nothing", "citations": (), "coverage": "searched 60 sessions"}
    for deck, words in (
        (Answers("Short [1]."), "Short"),
        (Answers("Short [1].", stopped=True), "Short"),
        (Answers("", **nothing), "Not in your"),
    ):
        async with running(deck, size=size) as (_, pilot):
            await asked(pilot)
            assert first_row(pilot, words) <= 4
            await press(pilot, "j", "k", "G", "g", "G")
            assert first_row(pilot, words) <= 4
            await asked(pilot)
            await press(pilot, "j")
            assert first_row(pilot, words) <= 4
            await pilot.resize_terminal(size[0], size[1] + 12)
            await settle(pilot)
            assert first_row(pilot, words) <= 4


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_being_written_and_what_was_stopped_begin_at_the_top(size: tuple[int, int]) -> None:
    deck = Slow()
    async with running(deck, size=size) as (_, pilot):
        await press(pilot, "2")
        screen = ask(pilot)
        await put_question(pilot, "Why?")
        await until(pilot, lambda: "words" in source(screen))
        await settle(pilot)
        assert first_row(pilot, "Three first words") <= 4
        await pilot.press("escape")
        deck.go_on.set()
        await until(pilot, lambda: screen.answer is not None)
        await settle(pilot)
        assert first_row(pilot, "Three first words") <= 4


async def test_a_long_answer_is_followed_to_its_end_while_it_is_written() -> None:
    deck = Slow()
    deck.words = tuple(f"Line {n}.\n\n" for n in range(60))
    async with running(deck) as (_, pilot):
        await press(pilot, "2")
        screen = ask(pilot)
        await put_question(pilot, "Why?")
        await until(pilot, lambda: "Line 59." in drawn(pilot), "the last line")
        await pilot.press("escape")
        deck.go_on.set()
        await until(pilot, lambda: screen.answer is not None)


async def test_an_unsupported_sentence_is_marked_with_a_word() -> None:
    """It is muted, ends with "(no source)", and the page counts it."""
    text = "Supported [1]. Made up entirely. Also supported [2]."
    start = text.index("Made")
    deck = Answers(text, unsupported=((start, len("Made up entirely.")),))
    async with running(deck) as (_, pilot):
        screen = await asked(pilot)
        assert "Made up entirely. (no source)" in drawn(pilot)
        assert words(screen, "state") == "1 sentence has no source: check before you rely on it."


async def test_a_sentence_that_is_not_in_its_source_says_that() -> None:
    """It has a number, so "(no source)" behind it would contradict itself."""
    text = "Supported [1]. Quite another thing [2]."
    astray = ((text.index("Quite"), len("Quite another thing [2].")),)
    async with running(Answers(text, unsupported=astray, astray=astray)) as (_, pilot):
        screen = await asked(pilot)
        assert "(not in its source)" in drawn(pilot)
        assert "(no source)" not in drawn(pilot)
        assert words(screen, "state") == "1 sentence is not in what is cited: check before you rely on it."


async def test_an_error_keeps_what_was_written_and_says_what_to_do() -> None:
    class Broken(FakeDeck):
        def ask(self, question: str, session_id: str = "") -> Iterator[model.AskEvent]:
            yield model.AskPlanned("everything")
            yield model.AskToken("Half an ans")
            raise ModelUnavailable("The model stopped answering.", "Start it again with: ollama serve")

    async with running(Broken()) as (_, pilot):
        screen = await asked(pilot)
        assert source(screen) == "Half an ans"
        assert "The model stopped answering. Start it again with: ollama serve" in words(screen, "state")


async def test_an_error_before_the_first_step_is_shown_too() -> None:
    class Broken(FakeDeck):
        def ask(self, question: str, session_id: str = "") -> Iterator[model.AskEvent]:
            raise ModelUnavailable("Nothing can be asked.", "")
            yield

    async with running(Broken()) as (_, pilot):
        assert words(await asked(pilot), "state") == "Nothing can be asked."


# citations


async def test_tab_and_enter_open_a_citation_at_its_words_and_escape_comes_back(monkeypatch: Any) -> None:
    async with running() as (app, pilot):
        screen = await asked(pilot)
        await press(pilot, "tab", "down")
        citations = screen.query_one(CitationList)
        assert citations.has_focus
        opened: list[tuple[Any, ...]] = []
        real = app.open_reader
        monkeypatch.setattr(app, "open_reader", lambda *a, **k: (opened.append(a), real(*a, **k)))
        await press(pilot, "enter")
        citation = citations.items[1]
        assert opened == [
            (citation.session_id, citation.turn_id, citation.place.start, citation.place.length)
        ]
        assert app.screen is not screen
        await press(pilot, "escape")
        assert app.screen is screen
        assert citations.has_focus
        assert citations.index == 1


async def test_enter_on_the_answer_goes_to_its_citations() -> None:
    async with running() as (_, pilot):
        screen = await asked(pilot)
        await press(pilot, "enter")
        assert screen.query_one(CitationList).has_focus


async def test_a_click_on_a_number_opens_it(monkeypatch: Any) -> None:
    async with running() as (app, pilot):
        screen = await asked(pilot)
        opened: list[Any] = []
        monkeypatch.setattr(app, "open_reader", lambda *a: opened.append(a))
        markdown = screen.query_one(Markdown)
        markdown.post_message(Markdown.LinkClicked(markdown, "cite:2"))
        await settle(pilot)
        assert [a[0] for a in opened] == [screen.query_one(CitationList).items[1].session_id]
        markdown.post_message(Markdown.LinkClicked(markdown, "cite:99"))
        await settle(pilot)
        assert len(opened) == 1
        assert any("no citation 99" in n.message for n in app._notifications)


async def test_a_number_can_be_clicked_where_it_stands(monkeypatch: Any) -> None:
    """With the mouse, on the very cells of [2]."""
    async with running() as (app, pilot):
        screen = await asked(pilot)
        opened: list[Any] = []
        monkeypatch.setattr(app, "open_reader", lambda *a: opened.append(a))
        rows = drawn(pilot).split("\n")
        y = next(n for n, row in enumerate(rows) if "[2]" in row)
        await pilot.click(offset=(rows[y].index("[2]") + 1, y))
        await settle(pilot)
        assert [a[0] for a in opened] == [screen.query_one(CitationList).items[1].session_id]


async def test_a_link_in_an_answer_is_copied_never_opened(monkeypatch: Any) -> None:
    """A model can be made to write any address: it goes to the clipboard, with words that say so."""
    async with running(Answers("See [the docs](https://example.invalid/x).")) as (app, pilot):
        screen = await asked(pilot)
        went: list[str] = []
        monkeypatch.setattr(app, "open_url", lambda url, **k: went.append(url))
        markdown = screen.query_one(Markdown)
        markdown.post_message(Markdown.LinkClicked(markdown, "https://example.invalid/x"))
        await settle(pilot)
        assert not went
        assert app.clipboard == "https://example.invalid/x"


# keys


async def test_the_model_is_chosen_from_a_list_and_remembered() -> None:
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        await asked(pilot)
        await press(pilot, "m")
        assert isinstance(pilot.app.screen, Pick)
        await press(pilot, "down", "enter")
        assert deck.models().chosen == "llama3.2:3b"
        assert ask(pilot).status_words() == "llama3.2:3b"


async def test_no_model_to_choose_says_what_to_do() -> None:
    async with running(FakeDeck(models=NO_MODEL)) as (_, pilot):
        await press(pilot, "2", "escape", "m")
        assert "ollama serve" in drawn(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, AskScreen)


async def test_earlier_answers_can_be_read_again() -> None:
    async with running() as (_, pilot):
        await asked(pilot, "First question?")
        screen = await asked(pilot, "Second question?")
        await press(pilot, "e", "down", "enter")
        assert screen.answer is not None
        assert screen.answer.question == "First question?"
        assert screen.query_one("#question", Input).value == "First question?"


async def test_promote_takes_the_cited_turns_and_the_answer(monkeypatch: Any) -> None:
    async with running() as (app, pilot):
        screen = await asked(pilot)
        promoted: list[Any] = []
        monkeypatch.setattr(app, "open_promote", lambda *a: promoted.append(a))
        await press(pilot, "p")
        assert screen.answer is not None
        assert promoted == [([c.turn_id for c in screen.answer.citations], screen.answer.id)]


async def test_an_answer_without_citations_cannot_be_promoted(monkeypatch: Any) -> None:
    async with running(Answers("Nothing.", citations=())) as (app, pilot):
        await asked(pilot)
        promoted: list[Any] = []
        monkeypatch.setattr(app, "open_promote", lambda *a: promoted.append(a))
        await press(pilot, "p")
        assert not promoted
        assert any("no citations" in n.message for n in app._notifications)


async def test_copy_gives_markdown_with_its_sources() -> None:
    async with running() as (app, pilot):
        screen = await asked(pilot, "Why?")
        await press(pilot, "y")
        assert screen.answer is not None
        assert app.clipboard == answer_as_markdown(screen.answer)
        assert app.clipboard.startswith("# Why?\n\nThe retries were capped")
        assert "- [1] Fix flaky upload retries" in app.clipboard
        assert "tapedeck://t/" in app.clipboard
        assert "searched 60 sessions" in app.clipboard


async def test_one_session_can_be_asked_and_the_scope_goes_with_escape() -> None:
    deck = Answers("Yes [1].")
    async with running(deck) as (app, pilot):
        app.open_ask(sid(2), "What was decided?")
        await settle(pilot)
        screen = ask(pilot)
        scope = screen.query_one("#scope", Static)
        assert scope.display
        assert "Backoff for the sync worker" in str(scope.content)
        await press(pilot, "enter")
        await until(pilot, lambda: screen.answer is not None)
        assert deck.asked == [("What was decided?", sid(2))]
        await press(pilot, "slash", "escape")
        assert not scope.display
        await press(pilot, "enter")
        await until(pilot, lambda: len(deck.asked) == 2)
        assert deck.asked[1] == ("What was decided?", "")


async def test_a_new_question_starts_from_an_empty_page() -> None:
    async with running() as (_, pilot):
        screen = await asked(pilot)
        await press(pilot, "n")
        assert screen.query_one("#start").display
        assert screen.query_one("#question", Input).value == ""
        assert screen.query_one("#question", Input).has_focus


async def test_an_empty_question_is_not_asked() -> None:
    deck = Answers("x")
    async with running(deck) as (_, pilot):
        await press(pilot, "2")
        await put_question(pilot, "   ")
        await settle(pilot)
        assert deck.asked == []


# size and hostility


async def test_a_very_long_answer_is_drawn_as_lines_past_the_first_part() -> None:
    """Twenty thousand characters are Markdown, the rest plain; copying gives all of it."""
    text = "\n\n".join(f"Paragraph {n} says something short." for n in range(3000))
    async with running(Answers(text)) as (app, pilot):
        screen = await asked(pilot)
        assert len(source(screen)) <= 20_000
        assert "Paragraph 2999" in words(screen, "rest")
        await press(pilot, "y")
        assert "Paragraph 2999 says" in app.clipboard


async def test_hostile_text_is_drawn_as_text() -> None:
    """In the answer, the citations, the coverage line and the question: no crash, no escape, no live markup."""
    deck = Answers("")
    first = deck.citations(1)[0]
    async with running(deck) as (app, pilot):
        for text in HOSTILE:
            deck.text = f"{text} [1]"
            cited = replace(first, quote=text, session_title=text, project=text, harness=text, text=text)
            deck.changes = {
                "coverage": text,
                "note": text,
                "unsupported": ((0, len(text)),),
                "citations": (cited,),
            }
            screen = await asked(pilot, f"Why {text}?")
            await press(pilot, "tab")
            shown = drawn(pilot)
            assert not any(c in shown for c in FORBIDDEN), repr(text)
            await press(pilot, "y")
            assert not any(c in app.clipboard for c in FORBIDDEN), repr(text)
            screen.answer = None


async def test_a_pasted_question_is_one_clean_line() -> None:
    async with running() as (_, pilot):
        await press(pilot, "2")
        box = ask(pilot).query_one("#question", Input)
        box.post_message(events.Paste("Why does\n  it \x1b[2Jfail?\n"))
        await settle(pilot)
        assert box.value == "Why does it fail?"


# pictures


def question(text: str) -> Any:
    async def go(pilot: Pilot[Any]) -> None:
        await asked(pilot, text)

    return go


@pytest.mark.parametrize("size", SIZES)
def test_picture_start(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see the question line, three examples, and which model answers."""
    assert take(snap_compare, FakeDeck(), size, ["2"])


@pytest.mark.parametrize("size", SIZES)
def test_picture_answer(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see an answer with an unsupported sentence, muted, ending in (no source); a line that counts it;
    what was searched; three numbered citations beside it (below it on the small terminal)."""
    text = (
        "The retries collided because the jitter was computed **per attempt** [1]. The cap is now five attempts and "
        "the delay is clamped after the jitter [1][2].\n\n- the sync worker uses the same helper [2]\n"
        "- everybody was happy with it\n\n```python\ndelay = min(30, random.uniform(0, 2 ** attempt))\n```\n"
    )
    bad = "everybody was happy with it"
    deck = Answers(text, unsupported=((text.index(bad), len(bad)),),
                   coverage="searched 60 sessions in 3 sources, Aug 2025 – today; 14 not yet indexed")  # fmt: skip
    assert take(snap_compare, deck, size, (), question("How did we fix the flaky upload retries?"))


@pytest.mark.parametrize("size", SIZES)
def test_picture_passages(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see in words that no model is running, the command that starts one, and the passages."""
    assert take(
        snap_compare, FakeDeck(models=NO_MODEL), size, (), question("Why does CI take eleven minutes?")
    )


@pytest.mark.parametrize("size", SIZES)
def test_picture_error(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see half an answer and, in words, that the model stopped and what to do."""

    class Broken(FakeDeck):
        def ask(self, question: str, session_id: str = "") -> Iterator[model.AskEvent]:
            yield model.AskFound(self.citations(2), "")
            yield model.AskToken("Half an answer that ")
            raise ModelUnavailable("The model stopped answering.", "Start it again with: ollama serve")

    assert take(snap_compare, Broken(), size, (), question("Why?"))


def test_picture_models(snap_compare: Any) -> None:
    """You should see a small list of models on top of the dimmed page, the one in use marked in words."""
    assert take(snap_compare, FakeDeck(), (80, 24), ["2", "escape", "m"])


def test_picture_hostile(snap_compare: Any) -> None:
    """You should see markup as plain text, no colour from it, and nothing outside its place."""
    text = "[bold red]not red[/] \x1b[2J\x1b[31mnot moved [1] [@click=app.quit]no link[/] \u202egnirts"
    deck = Answers(text, coverage=text)
    deck.changes["citations"] = tuple(replace(c, quote=text, session_title=text) for c in deck.citations(2))
    assert take(snap_compare, deck, (80, 24), (), question(text))
