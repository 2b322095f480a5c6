"""What the keys of ask do with the answer that is shown, and with the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapedeck_tui import model
from tapedeck_tui.text import clean, one_line
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.screens.pick import Pick
from tapedeck_tui.tui.widgets.cards import answer_lines, dotted
from tapedeck_tui.tui.widgets.when import exact

EARLIER = 100
"""How many kept answers are listed."""


class AskActions(DeckScreen):
    """The part of the ask screen that acts on what is shown; ``AskScreen`` asks and shows."""

    if TYPE_CHECKING:

        def show_models(self, models: model.Models) -> None: ...
        async def show_earlier(self, answer: model.Answer | None) -> None: ...

    def __init__(self) -> None:
        super().__init__()
        self.answer: model.Answer | None = None
        """The answer that is shown, None while there is none or it is being written."""

    def action_promote(self) -> None:
        if self.answer is not None:
            turns = list(dict.fromkeys(c.turn_id for c in self.answer.citations))
            if turns:
                self.host.open_promote(turns, self.answer.id)
            else:
                self.host.say(
                    "This answer has no citations, so there is nothing to rest a skill on.", "warning"
                )

    def action_copy(self) -> None:
        if self.answer is not None:
            self.host.copy(answer_as_markdown(self.answer), "the answer with its sources")

    def action_model(self) -> None:
        self.in_thread("models", self.deck.models, self._pick_model)

    def _pick_model(self, models: model.Models) -> None:
        self.show_models(models)
        here = models.names.index(models.chosen) if models.chosen in models.names else 0
        empty = "No chat model is installed." if models.reachable else f"No answer from {clean(models.url)}."
        pick: Pick[str] = Pick(
            "the model that answers",
            [clean(name) for name in models.names],
            lambda name, width: [((name, "text"), ("  in use" if name == models.chosen else "", "accent"))],
            empty=empty,
            note=models.hint,
            index=here,
        )
        self.app.push_screen(pick, self._model_picked)

    def _model_picked(self, name: str | None) -> None:
        if name is not None:
            self.in_thread("choose", lambda: self.deck.choose_model(name), self._read_chosen)

    def _read_chosen(self, _: None) -> None:
        self.in_thread("models", self.deck.models, self._model_chosen)

    def _model_chosen(self, models: model.Models) -> None:
        self.show_models(models)
        self.host.say(f"{models.chosen} answers from now on.")

    def action_earlier(self) -> None:
        self.in_thread("earlier", lambda: self.deck.answers(EARLIER), self._pick_earlier)

    def _pick_earlier(self, answers: list[model.Answer]) -> None:
        now = self.host.now
        pick: Pick[model.Answer] = Pick(
            "earlier questions",
            answers,
            lambda answer, width: answer_lines(answer, width, now),
            empty="No question was asked yet.",
            gap=1,
        )
        self.app.push_screen(pick, self.show_earlier)


def answer_as_markdown(answer: model.Answer) -> str:
    """The answer as Markdown that stands on its own: the question, the text, every source with its turn."""
    lines = [f"# {one_line(answer.question, 1000)}", "", answer.text.rstrip(), ""]
    if answer.citations:
        lines.append("Sources:")
        lines.append("")
    for c in answer.citations:
        who = dotted(one_line(c.session_title), c.author, one_line(c.project, 80), c.harness, exact(c.at))
        lines.append(
            f"- [{c.n}] {who}: “{one_line(c.quote, 400)}” (tapedeck://t/{c.turn_id.removeprefix('t_')})"
        )
    if answer.citations:
        lines.append("")
    lines += [
        line
        for line in ("Stopped before it was complete." if answer.stopped else "", answer.coverage)
        if line
    ]
    return clean("\n".join(lines).rstrip() + "\n")
