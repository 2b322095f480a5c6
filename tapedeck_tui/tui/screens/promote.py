"""Promote: what turns or an answer would become, edited and checked before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from tapedeck_tui.errors import TapedeckError
from tapedeck_tui.model import Draft, Evidence, Promoted
from tapedeck_tui.paths import shorten
from tapedeck_tui.text import clean, count
from tapedeck_tui.tui.keys import bindings_for, first_key, name_of
from tapedeck_tui.tui.screens.base import DeckScreen
from tapedeck_tui.tui.widgets.card_list import CardList
from tapedeck_tui.tui.widgets.cards import evidence_lines
from tapedeck_tui.tui.widgets.cells import plain
from tapedeck_tui.tui.widgets.clean_input import CleanArea, CleanInput
from tapedeck_tui.tui.widgets.empty_state import EmptyState

Kind = Literal["skill", "observation"]

KINDS: tuple[Kind, ...] = ("skill", "observation")
TARGETS = (("claude", "Claude Code skills"), ("agents", "skills of other agents"))
"""Where a skill can go, and what that place is called."""
JOURNAL = "journal"

CHECK_AFTER = 0.25
"""Seconds of quiet after an edit before the draft is checked."""
MOST_PROBLEMS = 4
"""Problems listed at once."""

_FRONT = re.compile(r"\A---\n(.*?)^---\s*$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"^name:[ ]*(.*?)[ ]*$", re.MULTILINE)


def promote_screen(turn_ids: Sequence[str], answer_id: str = "") -> PromoteScreen:
    """A preview of what these turns (or this kept answer) become."""
    return PromoteScreen(tuple(turn_ids), answer_id)


class PromoteScreen(DeckScreen):
    """The whole draft in an editor, what is wrong with it, where it will be written, and its evidence.

    Args:
        turn_ids: the turns it rests on.
        answer_id: the kept answer it is made from, "" for none.
    """

    HELP = "promote"
    CSS_PATH = "promote.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("promote")

    def __init__(self, turn_ids: tuple[str, ...], answer_id: str = "") -> None:
        super().__init__()
        self._turn_ids = turn_ids
        self._answer_id = answer_id
        self._kind: Kind = "skill"
        self._drafts: dict[str, Draft] = {}
        """The present draft of each kind."""
        self._made: dict[str, Draft] = {}
        """The same as they were made, to know whether the user edited them."""
        self._checked = False
        self._publishing = False
        self._resting: Timer | None = None

    def body(self) -> Iterable[Widget]:
        yield EmptyState("Making a draft.", id="empty")
        yield Vertical(
            Horizontal(
                Static("promote as", classes="label"), Static(id="kinds", markup=False), classes="row"
            ),
            Horizontal(
                Static("name", classes="label"),
                CleanInput(id="name", select_on_focus=False),
                classes="row",
                id="name-row",
            ),
            Horizontal(Static("write to", classes="label"), Static(id="where", markup=False), classes="row"),
            Container(
                Vertical(
                    CleanArea(id="draft", show_line_numbers=False, soft_wrap=True, tab_behavior="focus"),
                    Static(id="problems", markup=False),
                    id="draft-pane",
                ),
                Vertical(
                    Static(id="rests-on", markup=False),
                    CardList[Evidence](
                        lambda item, width: evidence_lines(item, width, self.host.now),
                        empty="No turn is named as its evidence.",
                        id="evidence",
                        click_opens=True,
                    ),
                    id="evidence-pane",
                ),
                id="halves",
            ),
            id="promote",
        )

    def on_mount(self) -> None:
        self.query_one("#promote").display = False
        self._read("skill")

    # the draft

    @property
    def draft(self) -> Draft | None:
        """What is shown, with the user's edits."""
        return self._drafts.get(self._kind)

    def _read(self, kind: Kind) -> None:
        def make() -> Draft:
            make_one = self.deck.draft_skill if kind == "skill" else self.deck.draft_observation
            return make_one(self._turn_ids, self._answer_id)

        self.in_thread("draft", make, self._show_made, self._failed)

    def _failed(self, error: TapedeckError) -> None:
        if self._drafts:
            self.host.say_error(error)
            return
        self.query_one(EmptyState).show(f"This cannot be promoted. {error}", (("esc", "back"), ("?", "help")))

    def _show_made(self, draft: Draft) -> None:
        self._made[draft.kind] = self._drafts[draft.kind] = draft
        self._kind = draft.kind
        self.query_one(EmptyState).hide()
        self.query_one("#promote").display = True
        self._fill()
        self.query_one("#draft", TextArea).focus()

    def _fill(self) -> None:
        """Show the draft of the present kind."""
        draft = self.draft
        if draft is None:
            return
        area, name = self.query_one("#draft", TextArea), self.query_one("#name", Input)
        with self.prevent(TextArea.Changed, Input.Changed):
            area.load_text(clean(draft.text))
            name.value = plain(draft.name, 100)
        self.query_one("#name-row").display = draft.kind == "skill"
        turns, quotes = len({e.turn_id for e in draft.evidence}), len(draft.evidence)
        rests = count(turns, "turn") if turns == quotes else f"{quotes} quotes of {count(turns, 'turn')}"
        self.query_one("#rests-on", Static).update(f"rests on {rests}")
        self.query_one("#evidence", CardList).show(draft.evidence, 0)
        self._show_checked(draft)

    def _show_checked(self, draft: Draft) -> None:
        """Show what the check says: problems, where it goes."""
        self._checked = True
        kinds = Content.assemble(
            *((f"{kind}   ", "bold $accent" if kind == draft.kind else "$text-muted") for kind in KINDS)
        )
        self.query_one("#kinds", Static).update(kinds)
        target = dict(TARGETS).get(draft.target, JOURNAL)
        path = shorten(clean(draft.path).replace("\n", " "), 0) or "nowhere yet"
        where = Content.assemble(path, (f"   {target}", "$text-muted"))
        self.query_one("#where", Static).update(where)
        lines = Content("\n").join(
            Content(f"not ready: {plain(problem, 400)}") for problem in draft.problems[:MOST_PROBLEMS]
        )
        problems = self.query_one("#problems", Static)
        if draft.problems:
            more = len(draft.problems) - MOST_PROBLEMS
            lines = lines + Content(f"\nand {more} more" if more > 0 else "")
        else:
            note = f"{plain(draft.note, 400)}\n" if draft.note else ""
            key = name_of(self.host.own_keys.get("publish", first_key("publish")).split(",")[0])
            lines = Content(f"{note}Nothing is wrong with it. {key} writes it.")
        problems.set_class(bool(draft.problems), "-wrong")
        problems.update(lines)
        self.refresh_bindings()

    @on(TextArea.Changed, "#draft")
    def _edited(self, event: TextArea.Changed) -> None:
        event.stop()
        draft = self.draft
        if draft is None:
            return
        text = event.text_area.text
        name = draft.name
        if (
            draft.kind == "skill"
            and (written := name_in(text)) is not None
            and written != name_in(draft.text)
        ):
            name = written
            with self.prevent(Input.Changed):
                self.query_one("#name", Input).value = name
        self._changed(replace(draft, text=text, name=name))

    @on(Input.Changed, "#name")
    def _named(self, event: Input.Changed) -> None:
        event.stop()
        draft = self.draft
        if draft is None or event.value == draft.name:
            return
        text = with_name(draft.text, event.value)
        if text != draft.text:
            self._write(text)
        self._changed(replace(draft, name=event.value, text=text))

    @on(Input.Submitted, "#name")
    def _name_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#draft", TextArea).focus()

    def _changed(self, draft: Draft) -> None:
        self._drafts[draft.kind] = draft
        self._checked = False
        self.refresh_bindings()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(CHECK_AFTER, self._check)

    def _check(self) -> None:
        draft = self.draft
        if draft is not None:
            self.in_thread(
                "check",
                lambda: self.deck.check_draft(draft),
                lambda checked: self._take_check(draft, checked),
            )

    def _take_check(self, asked: Draft, checked: Draft) -> None:
        """Show what the check says of ``asked``, unless the draft has changed since."""
        if self.draft is not asked:
            return
        self._drafts[checked.kind] = checked
        if checked.text != asked.text:  # the check put ~ for home folders
            self._write(checked.text)
        if checked.name != asked.name:
            with self.prevent(Input.Changed):
                self.query_one("#name", Input).value = plain(checked.name, 100)
        self._show_checked(checked)

    def _write(self, text: str) -> None:
        """Put this text into the editor, the cursor staying where it is; it can be undone."""
        area = self.query_one("#draft", TextArea)
        at = area.cursor_location
        with self.prevent(TextArea.Changed):
            area.replace(text, (0, 0), area.document.end)
            area.move_cursor(at)

    # keys

    @property
    def edited(self) -> bool:
        """Whether the user changed words of a draft."""
        return any(
            (draft.text, draft.name) != (self._made[kind].text, self._made[kind].name)
            for kind, draft in self._drafts.items()
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        draft = self.draft
        if action == "publish":
            ready = draft is not None and self._checked and not draft.problems and not self._publishing
            return True if ready else None
        if action == "target":
            return draft is not None and draft.kind == "skill"
        if action == "kind":
            return draft is not None
        return True

    def action_kind(self) -> None:
        other: Kind = "observation" if self._kind == "skill" else "skill"
        if other in self._drafts:
            self._kind = other
            self._fill()
        else:
            self._read(other)

    def action_target(self) -> None:
        draft = self.draft
        if draft is not None and draft.kind == "skill":
            names = [name for name, _ in TARGETS]
            at = names.index(draft.target) if draft.target in names else -1
            self._drafts["skill"] = replace(draft, target=names[(at + 1) % len(names)])
            self._checked = False
            self._check()

    def action_undo_edit(self) -> None:
        self.query_one("#draft", TextArea).undo()

    def action_publish(self) -> None:
        draft = self.draft
        if draft is None or draft.problems or not self._checked:
            return
        self._publishing = True
        self.refresh_bindings()
        self.in_thread("publish", lambda: self.deck.publish(draft), self._published, self._refused)

    def _published(self, done: Promoted) -> None:
        self._publishing = False
        self.host.say(f"Written: {shorten(done.path, 0)}", stays=True)
        self.dismiss()

    def _refused(self, error: TapedeckError) -> None:
        self._publishing = False
        draft = self.draft
        if draft is not None:
            wrong = replace(draft, problems=(str(error),))
            self._drafts[draft.kind] = wrong
            self._show_checked(wrong)

    @on(CardList.Chosen, "#evidence")
    def _open(self, event: CardList.Chosen) -> None:
        event.stop()
        evidence: Evidence = event.item

        def find() -> tuple[int, int]:
            start = self.deck.turn(evidence.turn_id).text.find(evidence.quote)
            return max(start, 0), len(evidence.quote) if start >= 0 else 0

        def show(where: tuple[int, int]) -> None:
            self.host.open_reader(evidence.session_id, evidence.turn_id, *where)

        self.in_thread("evidence", find, show)

    def close(self) -> bool:
        """Esc: leave; only when words were edited it asks."""
        if not self.edited:
            return super().close()
        from tapedeck_tui.tui.screens.pick import Pick

        choices = ("keep editing", "discard")
        pick: Pick[str] = Pick(
            "The draft was edited and is not written.", choices, lambda c, w: [((c, "text"),)]
        )

        def decided(choice: str | None) -> None:
            if choice == "discard":
                self.dismiss()

        self.app.push_screen(pick, decided)
        return True

    def go_back(self) -> bool:
        return self.close()


def name_in(text: str) -> str | None:
    """The name in the front matter of a skill, None without one."""
    front = _FRONT.match(text)
    found = _NAME.search(front.group(1)) if front else None
    return found.group(1).strip("'\"") if found else None


def with_name(text: str, name: str) -> str:
    """The text with this name in its front matter; unchanged where there is none."""
    front = _FRONT.match(text)
    found = _NAME.search(front.group(1)) if front else None
    if front is None or found is None:
        return text
    start = front.start(1)
    return f"{text[: start + found.start()]}name: {name}{text[start + found.end() :]}"
