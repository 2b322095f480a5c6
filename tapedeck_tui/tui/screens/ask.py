"""Ask: a question, the answer while it is written, its numbered citations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from tapedeck_tui import model
from tapedeck_tui.errors import ModelUnavailable, TapedeckError
from tapedeck_tui.text import clean, count, one_line
from tapedeck_tui.tui.keys import bindings_for
from tapedeck_tui.tui.screens.ask_actions import AskActions
from tapedeck_tui.tui.screens.ask_moved import Asking, AskMoved
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.answer_view import AnswerView
from tapedeck_tui.tui.widgets.card_list import CardList, Line, wrap
from tapedeck_tui.tui.widgets.cards import dotted
from tapedeck_tui.tui.widgets.citation_list import CitationList
from tapedeck_tui.tui.widgets.question_input import QuestionInput

if TYPE_CHECKING:
    from tapedeck_tui.events import Changed


def ask_screen() -> AskScreen:
    """The screen of the mode ``ask``."""
    return AskScreen()


class AskScreen(AskActions, DeckScreen):
    """Questions about everything that was kept."""

    PLACE = "ask"
    HELP = "ask"
    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("ask")
    AUTO_FOCUS = "#question"

    def __init__(self) -> None:
        super().__init__()
        self._run = 0
        self._asking: Asking | None = None
        self._text = ""
        self._question = ""
        self._found: tuple[model.Citation, ...] = ()
        self._scope = ""
        self._models: model.Models | None = None
        self._started = False

    def body(self) -> Iterable[Widget]:
        question = QuestionInput(
            id="question", placeholder="Ask about everything you kept", select_on_focus=False
        )
        yield Horizontal(Static("?", id="question-mark", markup=False), question, id="question-row")
        yield Static(id="scope", markup=False)
        yield Vertical(
            Static("for example", id="examples-title", markup=False),
            CardList[str](_example, id="examples", click_opens=True),
            Static(id="model-line", markup=False),
            id="start",
        )
        yield Container(
            AnswerView(id="answer"),
            Vertical(
                Static("citations", id="citations-title", markup=False),
                CitationList(lambda: self.host.now, id="citations"),
                id="sources-pane",
            ),
            id="found",
        )

    def on_mount(self) -> None:
        self.query_one("#scope").display = False
        self.query_one("#found").display = self._started
        self.query_one("#start").display = not self._started
        self.in_thread("examples", self.deck.example_questions, self._show_examples)

    def on_unmount(self) -> None:
        self._stop()

    def on_screen_resume(self) -> None:
        if self._asking is None:
            self.in_thread("models", self.deck.models, self.show_models)

    def _read_start(self) -> None:
        """What an empty page shows: questions to ask, and who answers."""
        self.in_thread("examples", self.deck.example_questions, self._show_examples)
        self.in_thread("models", self.deck.models, self.show_models)

    def library_changed(self, change: Changed) -> None:
        if not self._started:
            self.in_thread("examples", self.deck.example_questions, self._show_examples)

    def _show_examples(self, questions: list[str]) -> None:
        self.query_one("#examples-title").display = bool(questions)
        self.query_one("#examples", CardList).show([one_line(q) for q in questions[:3]], 0)

    def show_models(self, models: model.Models) -> None:
        self._models = models
        if models.chosen:
            line = f"{models.chosen} answers."
        else:
            line = f"No chat model is running: a question gives the best passages. {models.hint}"
        self.query_one("#model-line", Static).update(Content(clean(line)))
        self.show_status()

    def status_words(self) -> str:
        if self._asking is not None:
            return "asking · esc stops"
        return self._models.chosen if self._models is not None else ""

    # asking

    def begin(self, session_id: str = "", question: str = "") -> None:
        """Ask about one session, or everything; the question is filled in, not yet asked."""
        self._set_scope(session_id)
        box = self.query_one("#question", Input)
        if question or session_id:
            box.value = question
        box.focus()

    def _set_scope(self, session_id: str) -> None:
        self._scope = session_id
        line = self.query_one("#scope", Static)
        line.display = bool(session_id)
        if session_id:
            line.update("only in one session · esc clears")
            self.in_thread("scope", lambda: self.deck.session(session_id), self._show_scope)

    def _show_scope(self, session: model.SessionView) -> None:
        if session.row.id == self._scope or self._scope:
            title = one_line(session.row.title, 60) or "untitled session"
            self.query_one("#scope", Static).update(Content(f"only in “{clean(title)}” · esc clears"))

    @on(Input.Submitted, "#question")
    async def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        await self.ask(event.value)

    @on(CardList.Chosen, "#examples")
    async def _example_chosen(self, event: CardList.Chosen) -> None:
        event.stop()
        question: str = event.item
        self.query_one("#question", Input).value = question
        await self.ask(question)

    async def ask(self, question: str) -> None:
        """Ask a question; one that is being answered is stopped."""
        question = question.strip()
        if not question:
            return
        self._stop()
        self._run += 1
        self._question, self._text = question, ""
        self.answer, self._found = None, ()
        self._show_found(True)
        self.query_one("#citations", CitationList).show((), 0)
        self._title_citations()
        view = self.query_one("#answer", AnswerView)
        view.focus()
        await view.begin()
        view.say_plan("looking")
        self._asking = Asking(self.deck, self._run, question, self._scope, self.post_message)
        self._asking.start()
        self.show_status()

    def _show_found(self, found: bool) -> None:
        self._started = found
        self.query_one("#found").display = found
        self.query_one("#start").display = not found

    def _stop(self) -> bool:
        """Stop what is being answered. True when something was."""
        if self._asking is None:
            return False
        self._asking.stop()
        self._asking = None
        self.show_status()
        return True

    async def on_ask_moved(self, message: AskMoved) -> None:
        if message.run != self._run:
            return
        view = self.query_one("#answer", AnswerView)
        event = message.event
        if event is None:
            await self._over(message, view)
        elif self._asking is None:
            return
        elif isinstance(event, model.AskPlanned):
            view.say_plan(f"looking for {event.what}")
        elif isinstance(event, model.AskFound):
            self._found = event.citations
            self.query_one("#citations", CitationList).show(event.citations, 0)
            self._title_citations()
            found = count(len(event.citations), "passage")
            view.say_plan(dotted(f"reading {found}", one_line(event.budget)))
        elif isinstance(event, model.AskToken):
            self._text = message.text
            view.stream(message.text)
        else:
            await self._show_answer(event.answer)

    async def _over(self, message: AskMoved, view: AnswerView) -> None:
        """The thread has ended: after an answer, an error, or because it was stopped."""
        self._asking = None
        self.show_status()
        if self.answer is not None:
            return
        if message.error is not None:
            if not isinstance(message.error, TapedeckError):
                raise message.error
            await self._show_error(message.error)
            return
        answer = message.kept or model.Answer(
            "", self._question, "answer", message.text, self._found, (), "", "", self.host.now, stopped=True
        )
        await self._show_answer(answer)

    async def _show_error(self, error: TapedeckError) -> None:
        answer = model.Answer("", self._question, "answer", self._text, self._found, (), "", "", self.host.now,
                              note=str(error), stopped=bool(self._text))  # fmt: skip
        await self._show_answer(answer)
        if isinstance(error, ModelUnavailable):
            self.in_thread("models", self.deck.models, self.show_models)

    async def _show_answer(self, answer: model.Answer, top: bool = False) -> None:
        self.answer = answer
        hint = self._models.hint if self._models is not None and answer.kind == "passages" else ""
        await self.query_one("#answer", AnswerView).show(answer, hint, top)
        self.query_one("#citations", CitationList).show(answer.citations, 0)
        self._title_citations()
        self.refresh_bindings()

    async def show_earlier(self, answer: model.Answer | None) -> None:
        """Show an answer that was kept before; None: leave things as they are."""
        if answer is None:
            return
        self._stop()
        self._run += 1
        self._question = answer.question
        self.query_one("#question", Input).value = one_line(answer.question, 2000)
        self._show_found(True)
        await self._show_answer(answer, top=True)
        self.query_one("#answer", AnswerView).focus()

    def _title_citations(self) -> None:
        number = len(self.query_one("#citations", CitationList).items)
        noun = "citation" if self.answer is not None and self.answer.kind == "answer" else "passage"
        self.query_one("#citations-title", Static).update(count(number, noun))
        self.query_one("#sources-pane").display = bool(number)

    # citations

    @on(CardList.Chosen, "#citations")
    def _citation_chosen(self, event: CardList.Chosen) -> None:
        event.stop()
        self._open(event.item)

    @on(AnswerView.CitationClicked)
    def _mark_clicked(self, event: AnswerView.CitationClicked) -> None:
        event.stop()
        citation = self.query_one("#citations", CitationList).find(event.n)
        if citation is None:
            self.host.say(f"There is no citation {event.n} in this answer.", "warning")
        else:
            self._open(citation)

    @on(AnswerView.Opened)
    def _to_citations(self, event: AnswerView.Opened) -> None:
        event.stop()
        citations = self.query_one("#citations", CitationList)
        if citations.items:
            citations.focus()

    @on(AnswerView.LinkShown)
    def _link_shown(self, event: AnswerView.LinkShown) -> None:
        event.stop()
        self.host.copy(event.address, f"the address {one_line(event.address, 50)}")

    def _open(self, citation: model.Citation) -> None:
        place = citation.place
        self.host.open_reader(citation.session_id, citation.turn_id, place.start, place.length)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "question":
            return not self.query_one("#question").has_focus
        if action in ("promote", "copy"):
            return True if self.answer is not None and self._asking is None else None
        return True

    def close(self) -> bool:
        """Esc: stop the answer, else leave the question, else clear the scope."""
        if self._stop():
            self.query_one("#answer", AnswerView).say_plan("stopping")
            return True
        box = self.query_one("#question", Input)
        if box.has_focus and box.value and not self._started:
            box.value = ""
            return True
        if self._scope and (box.has_focus or not self._started):
            self._set_scope("")
            return True
        if box.has_focus or self.query_one("#citations").has_focus:
            self._leave_question()
            return True
        return super().close()

    def _leave_question(self) -> None:
        """Focus what can take single keys: the answer, or the examples."""
        examples = self.query_one("#examples", CardList)
        (self.query_one("#answer") if self._started else examples).focus()

    @on(QuestionInput.Left)
    def _question_left(self, event: QuestionInput.Left) -> None:
        event.stop()
        self._leave_question()

    def action_question(self) -> None:
        self.query_one("#question", Input).focus()

    def action_new_question(self) -> None:
        self._stop()
        self.answer = None
        box = self.query_one("#question", Input)
        box.value = ""
        self._show_found(False)
        self._read_start()
        box.focus()
        self.refresh_bindings()


def _example(question: str, width: int) -> list[Line]:
    return [((line, "text"),) for line in wrap(question, width, 2)]
