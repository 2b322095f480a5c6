"""Promote: the draft, its check while typing, the one key that writes, and leaving without losing words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from tapedeck_tui import model
from tapedeck_tui.errors import NotFound
from tapedeck_tui.tui.screens.pick import Pick
from tapedeck_tui.tui.screens.promote import PromoteScreen, name_in, with_name
from tapedeck_tui.tui.widgets.card_list import CardList
from tests.tui.driver import press, running, settle, until
from tests.tui.fake_deck import FakeDeck, sid, tid
from tests.tui.pictures import FORBIDDEN, HOSTILE, SIZES, drawn, take

TURNS = (tid(1, 1), tid(2, 3))


class Strict(FakeDeck):
    """Refuses names that exist already and writes ~ for home folders, as the real one does."""

    def check_draft(self, draft: model.Draft) -> model.Draft:
        text = draft.text.replace("/home/dev", "~")
        draft = super().check_draft(replace(draft, text=text, name=name_in(text) or draft.name))
        if draft.kind == "skill" and draft.name == "retry-uploads":
            wrong = "There is a skill called retry-uploads already: it is never overwritten. retry-uploads-2 is free."
            return replace(draft, problems=(*draft.problems, wrong))
        return draft


async def promote(pilot: Pilot[Any], turns: tuple[str, ...] = TURNS, answer_id: str = "") -> PromoteScreen:
    pilot.app.open_promote(turns, answer_id)  # type: ignore[attr-defined]
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, PromoteScreen)
    return screen


def said(screen: PromoteScreen, part: str) -> str:
    return str(screen.query_one(f"#{part}", Static).content)


def area(screen: PromoteScreen) -> TextArea:
    return screen.query_one("#draft", TextArea)


async def test_the_whole_draft_its_place_and_its_evidence() -> None:
    async with running() as (_, pilot):
        screen = await promote(pilot)
        assert area(screen).text.startswith("---\nname: retry-uploads\n")
        assert area(screen).has_focus
        assert said(screen, "where").startswith("~/.claude/skills/retry-uploads/SKILL.md")
        assert said(screen, "rests-on") == "rests on 2 turns"
        assert screen.query_one("#name", Input).value == "retry-uploads"
        assert "Nothing is wrong with it" in said(screen, "problems")


async def test_nothing_is_written_before_the_key_and_then_it_says_where() -> None:
    """Opening, editing and changing the target write nothing; ctrl+o writes once and names the file."""
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        screen = await promote(pilot)
        await press(pilot, "ctrl+t")
        area(screen).move_cursor(area(screen).document.end)
        await press(pilot, "x")
        assert deck.kept == []
        await until(pilot, lambda: app.screen.check_action("publish", ()) is True, "the check")
        await press(pilot, "ctrl+o")
        assert [p.path for p in deck.kept] == ["~/.agents/skills/retry-uploads/SKILL.md"]
        assert deck.kept[0].text.endswith("x")
        assert any(
            "Written: ~/.agents/skills/retry-uploads/SKILL.md" in n.message for n in app._notifications
        )
        assert not isinstance(app.screen, PromoteScreen)


async def test_a_problem_is_said_in_words_while_typing_and_stops_the_key() -> None:
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        screen = await promote(pilot)
        area(screen).text = "---\nname: retry-uploads\n---\n\nno description\n"
        await until(pilot, lambda: "description is missing" in said(screen, "problems"))
        await press(pilot, "ctrl+o")
        assert deck.kept == []
        area(screen).text = "---\nname: retry-uploads\ndescription: now there is one\n---\n"
        await until(pilot, lambda: "Nothing is wrong" in said(screen, "problems"))


async def test_the_key_waits_for_the_check() -> None:
    """Between an edit and its check nothing can be written: what is written is always what was checked."""
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        screen = await promote(pilot)
        area(screen).text = ""
        await pilot.pause()
        assert screen.check_action("publish", ()) is None
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert deck.kept == []


async def test_a_name_that_exists_is_refused_with_a_free_one() -> None:
    deck = Strict()
    async with running(deck) as (_, pilot):
        screen = await promote(pilot)
        assert "never overwritten. retry-uploads-2 is free." in said(screen, "problems")
        assert screen.check_action("publish", ()) is None
        name = screen.query_one("#name", Input)
        name.value = "retry-uploads-2"
        await until(pilot, lambda: "Nothing is wrong" in said(screen, "problems"))
        assert name_in(area(screen).text) == "retry-uploads-2"
        await press(pilot, "ctrl+o")
        assert deck.kept[0].path.endswith("/retry-uploads-2/SKILL.md")


async def test_what_the_check_changes_is_shown_and_written() -> None:
    """A home folder in the text becomes ~ before one's eyes; the cursor stays, and that text is what is written."""
    deck = Strict()
    async with running(deck) as (_, pilot):
        screen = await promote(pilot)
        area(screen).text = "---\nname: other\ndescription: x\n---\n\nLook in /home/dev/src.\n"
        area(screen).move_cursor((5, 8))
        await until(pilot, lambda: "Look in ~/src." in area(screen).text)
        assert area(screen).cursor_location == (5, 8)
        await until(pilot, lambda: screen.check_action("publish", ()) is True)
        await press(pilot, "ctrl+o")
        assert "Look in ~/src." in deck.kept[0].text
        assert deck.kept[0].path.endswith("/other/SKILL.md")


async def test_a_refusal_at_the_last_moment_keeps_the_words() -> None:
    """Another process took the name between the check and the key: one reads why, and nothing is lost."""
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        screen = await promote(pilot)
        deck.publish(deck.draft_skill(TURNS))
        await press(pilot, "ctrl+o")
        assert pilot.app.screen is screen
        assert "exists already. Choose another name." in said(screen, "problems")
        assert area(screen).text.startswith("---\nname: retry-uploads\n")


async def test_the_name_in_the_text_and_the_field_are_one() -> None:
    async with running() as (_, pilot):
        screen = await promote(pilot)
        area(screen).text = area(screen).text.replace("name: retry-uploads", 'name: "calm-uploads"')
        await settle(pilot)
        assert screen.query_one("#name", Input).value == "calm-uploads"
        await until(pilot, lambda: "calm-uploads" in said(screen, "where"))


async def test_the_other_kind_keeps_the_edits_of_the_first() -> None:
    async with running() as (_, pilot):
        screen = await promote(pilot)
        area(screen).move_cursor(area(screen).document.end)
        await press(pilot, "x", "ctrl+n")
        assert area(screen).text == "Upload retries are capped at five with full jitter."
        assert said(screen, "where").endswith("journal")
        assert not screen.query_one("#name-row").display
        await press(pilot, "ctrl+n")
        assert area(screen).text.endswith("x")


async def test_an_edit_can_be_taken_back() -> None:
    """ctrl+z suspends the app, so undo has the key that shells use."""
    async with running() as (_, pilot):
        screen = await promote(pilot)
        before = area(screen).text
        await press(pilot, "x", "ctrl+underscore")
        assert area(screen).text == before
        assert not screen.edited


async def test_an_observation_is_written_to_the_journal() -> None:
    deck = FakeDeck()
    async with running(deck) as (_, pilot):
        await promote(pilot)
        await press(pilot, "ctrl+n", "ctrl+o")
        assert [(p.kind, p.path) for p in deck.kept] == [("observation", "~/tapedeck/journal/2026-03-14.md")]


async def test_escape_leaves_at_once_when_nothing_was_edited() -> None:
    async with running() as (app, pilot):
        screen = await promote(pilot)
        await press(pilot, "ctrl+t", "ctrl+n", "escape")
        assert app.screen is not screen
        assert not isinstance(app.screen, Pick)


async def test_escape_asks_once_when_words_were_edited() -> None:
    """Keep editing is first, so that a second escape or enter loses nothing; discard leaves."""
    deck = FakeDeck()
    async with running(deck) as (app, pilot):
        screen = await promote(pilot)
        await press(pilot, "x", "escape")
        assert isinstance(app.screen, Pick)
        assert "keep editing" in drawn(pilot)
        await press(pilot, "enter")
        assert app.screen is screen
        await press(pilot, "escape", "escape")
        assert app.screen is screen
        await press(pilot, "escape", "down", "enter")
        assert not isinstance(app.screen, (PromoteScreen, Pick))
        assert deck.kept == []


async def test_evidence_opens_at_its_words(monkeypatch: Any) -> None:
    async with running() as (app, pilot):
        screen = await promote(pilot)
        opened: list[Any] = []
        monkeypatch.setattr(app, "open_reader", lambda *a: opened.append(a))
        await press(pilot, "tab")
        assert screen.query_one("#evidence", CardList).has_focus
        await press(pilot, "enter")
        assert opened[0][:3] == (sid(1), TURNS[0], 0)
        assert opened[0][3] > 0


async def test_what_cannot_be_promoted_says_why() -> None:
    async with running() as (_, pilot):
        await promote(pilot, ("t_nothing",))
        assert "This cannot be promoted. There is no turn t_nothing." in drawn(pilot)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, PromoteScreen)


async def test_an_answer_is_promoted_with_its_citations() -> None:
    deck = FakeDeck()
    list(deck.ask("Why?"))
    async with running(deck) as (_, pilot):
        screen = await promote(pilot, (), deck.kept_answers[0].id)
        assert said(screen, "rests-on") == "rests on 3 turns"


async def test_hostile_text_is_drawn_as_text() -> None:
    class Hostile(FakeDeck):
        said = ""

        def draft_skill(self, turn_ids: Any, answer_id: str = "") -> model.Draft:
            evidence = model.Evidence(tid(1, 1), sid(1), "d", self.said, self.said, 0.0)
            return model.Draft(
                "skill", self.said, self.said, "claude", (evidence,), (self.said,), self.said, self.said
            )

    deck = Hostile()
    async with running(deck, size=(120, 40)) as (app, pilot):
        for text in HOSTILE:
            deck.said = text
            screen = await promote(pilot)
            assert not any(c in drawn(pilot) for c in FORBIDDEN), repr(text)
            screen.dismiss()
            await settle(pilot)
        assert app.is_running


async def test_an_error_of_the_deck_is_a_sentence() -> None:
    class Gone(FakeDeck):
        def draft_observation(self, turn_ids: Any, answer_id: str = "") -> model.Draft:
            raise NotFound("The answer is gone.")

    async with running(Gone()) as (app, pilot):
        screen = await promote(pilot)
        await press(pilot, "ctrl+n")
        assert app.screen is screen
        assert any("The answer is gone." in n.message for n in app._notifications)
        assert area(screen).text.startswith("---")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("---\nname: a-b\n---\n", "a-b"),
        ('---\nname: "a-b"\ndescription: x\n---\n', "a-b"),
        ("---\ndescription: x\n---\n", None),
        ("name: not-front-matter\n", None),
        ("", None),
    ],
)
def test_the_name_of_a_skill(text: str, name: str | None) -> None:
    assert name_in(text) == name
    renamed = with_name(text, "other")
    assert name_in(renamed) == ("other" if name else None)
    assert renamed == text or "name: other" in renamed


def opened(kind: str = "skill", text: str | None = None) -> Any:
    async def go(pilot: Pilot[Any]) -> None:
        screen = await promote(pilot)
        if kind != "skill":
            await press(pilot, "ctrl+n")
        if text is not None:
            area(screen).text = text
            await until(pilot, lambda: "missing" in said(screen, "problems"))

    return go


@pytest.mark.parametrize("size", SIZES)
def test_picture_skill(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see what it becomes, its name, the file it will be, the whole draft, and two turns as evidence."""
    assert take(snap_compare, FakeDeck(), size, (), opened())


@pytest.mark.parametrize("size", SIZES)
def test_picture_wrong(snap_compare: Any, size: tuple[int, int]) -> None:
    """You should see what is wrong in words; the footer does not offer to write."""
    assert take(
        snap_compare, FakeDeck(), size, (), opened(text="---\nname: retry-uploads\n---\nToo little.\n")
    )


def test_picture_observation(snap_compare: Any) -> None:
    """You should see one sentence, the journal page it goes to, and its evidence."""
    assert take(snap_compare, FakeDeck(), (80, 24), (), opened("observation"))


def test_picture_leave(snap_compare: Any) -> None:
    """You should see the two ways out over the dimmed draft."""

    async def go(pilot: Pilot[Any]) -> None:
        await promote(pilot)
        await press(pilot, "x", "escape")

    assert take(snap_compare, FakeDeck(), (80, 24), (), go)
