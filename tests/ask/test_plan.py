from __future__ import annotations

from datetime import date

import pytest

from tapedeck_tui.ask.plan import make_plan, range_words
from tests.ask.world import DOORS, UPLOADS, World, renamed

TODAY = date(2026, 11, 20)
WORLD = World(DOORS, renamed(UPLOADS, "chatgpt"))


@pytest.mark.parametrize(
    ("question", "kind", "what", "query"),
    [
        ("where is the cooldown set?", "look-up", "all sessions", "where is the cooldown set?"),
        (
            "why did doors bounce in bluedoor in March 2026?",
            "why",
            "sessions of bluedoor, March 2026",
            "why did doors bounce in bluedoor ? project:bluedoor after:2026-03-01 before:2026-04-01",
        ),
        ("how many tests failed last week", "count", "everything to count in all sessions, 9 November 2026 – 15 November 2026",
         "how many tests failed after:2026-11-09 before:2026-11-16"),
        ("timeline of harbor since June 2026", "timeline", "a timeline from sessions of harbor, since 1 June 2026",
         "timeline of harbor project:harbor after:2026-06-01"),
        ("what did I ask in ChatGPT about uploads", "look-up", "sessions of chatgpt", "what did I ask in ChatGPT about uploads source:chatgpt"),
        ("does the chatgpt importer work", "look-up", "all sessions", "does the chatgpt importer work"),
        ("what did I ask in codex", "look-up", "all sessions", "what did I ask in codex"),  # nothing of codex is kept
    ],
)  # fmt: skip
def test_plans(question: str, kind: str, what: str, query: str) -> None:
    """Time, projects, harness and kind are read from the words; a harness that is only a topic is not."""
    plan = make_plan(question, TODAY, WORLD.projects(), WORLD.sources())
    assert (plan.kind, plan.what, plan.queries()[0]) == (kind, what, query)


def test_a_named_project_is_a_wish_not_a_wall() -> None:
    """The second query drops the project but never the time that was named."""
    plan = make_plan("bluedoor doors in March 2026", TODAY, WORLD.projects(), WORLD.sources())
    assert plan.queries()[-1] == "bluedoor doors after:2026-03-01 before:2026-04-01"


@pytest.mark.parametrize("name", ["/home/mira/src", "/home/mira/app", "/home/mira/api", "/x/go"])
def test_common_words_are_no_projects(name: str) -> None:
    plan = make_plan("how does the app call src and the api, or go", TODAY, [(name, 9)], [])
    assert plan.projects == ()


def test_a_project_with_spaces_is_quoted() -> None:
    plan = make_plan("what about red house plans", TODAY, [("/home/mira/red house", 2)], [])
    assert 'project:"red house"' in plan.queries()[0]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 3, 1), date(2026, 4, 1), "March 2026"),
        (date(2026, 1, 1), date(2027, 1, 1), "2026"),
        (date(2023, 2, 1), date(2023, 11, 1), "February – October 2023"),
        (date(2025, 11, 1), date(2026, 3, 1), "November 2025 – February 2026"),
        (date(2026, 3, 11), date(2026, 3, 12), "11 March 2026"),
        (date(2026, 3, 3), None, "since 3 March 2026"),
        (None, date(2026, 3, 3), "before 3 March 2026"),
        (None, None, "any time"),
    ],
)
def test_range_words(start: date | None, end: date | None, words: str) -> None:
    assert range_words(start, end) == words
