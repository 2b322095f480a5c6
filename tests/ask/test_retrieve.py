from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tapedeck_tui.ask.coverage import coverage_line
from tapedeck_tui.ask.plan import make_plan
from tapedeck_tui.ask.retrieve import (
    READ_LENGTH,
    READ_PER_SESSION,
    TAIL,
    Gathered,
    best,
    cite,
    gather,
    retriever,
    said,
)
from tests.ask.world import DOORS, ELEVATOR, NOW, UPLOADS, World, script

TODAY = datetime.fromtimestamp(NOW).date()


def ask(world: World, question: str, units: int = 10, session_id: str = "") -> Gathered:
    plan = make_plan(question, TODAY, world.projects(), world.sources())
    return gather(plan, world, units, session_id)


def ids(gathered: Gathered) -> list[str]:
    return [p.turn.id for p in gathered.passages]


def test_quotes_stand_in_the_turn() -> None:
    """Each citation's quote is what stands at its place, at most 300 characters."""
    found = ask(World(DOORS, UPLOADS, ELEVATOR), "where does the door cooldown timer run?")
    citations = cite(found.passages)
    assert [c.n for c in citations] == list(range(1, len(citations) + 1))
    for citation in citations:
        place = citation.place
        assert citation.text[place.start : place.start + place.length] == citation.quote
        assert 0 < len(citation.quote) <= 300
    assert "The door timer runs on the client." in [c.quote for c in citations][1]


def test_the_prompt_comes_with_its_answer() -> None:
    """A model's turn is understood with what was asked: the prompt before it comes along, in order."""
    found = ask(World(UPLOADS), "retry backoff sockets")
    assert [(p.turn.author, p.role) for p in found.passages][:2] == [
        ("typed", "asked"),
        ("assistant", "found"),
    ]


def test_the_result_comes_with_the_run() -> None:
    """A turn that speaks of tests brings the tool result right after it."""
    world = World(
        script(
            "run",
            [("typed", "check it"), ("assistant", "Running the jitter tests now."), ("tool", "7 green")],
        )
    )
    found = ask(world, "jitter")
    assert [(p.turn.text, p.role) for p in found.passages][-1] == ("7 green", "result")


def test_same_words_once() -> None:
    """A fork holds the same turns again: each place counts once."""
    row, turns = UPLOADS
    fork = (replace(row, id="s_fork"), [replace(t, id=t.id + "f", session_id="s_fork") for t in turns])
    found = ask(World(UPLOADS, fork), "retry backoff sockets jitter uploads")
    assert len({p.turn.digest for p in found.passages}) == len(found.passages)


def test_one_session_does_not_fill_everything() -> None:
    busy = script(
        "busy", [("assistant", f"cooldown cooldown note {n} about the cooldown timer") for n in range(30)]
    )
    found = ask(World(busy, ELEVATOR, DOORS), "cooldown timer", units=10)
    assert {p.turn.session_id for p in found.passages} == {"s_busy", "s_lift", "s_doors"}


def test_machine_text_is_no_evidence() -> None:
    """Reminders, synthetic turns and compaction summaries are never quoted."""
    row, turns = script(
        "m", [("machine", "cooldown reminder"), ("assistant", "cooldown summary"), ("typed", "cooldown?")]
    )
    turns[1] = replace(turns[1], flags=frozenset({"synthetic"}))
    assert ids(ask(World((row, turns)), "cooldown")) == ["t_m02"]


@pytest.mark.parametrize(
    "question", ['what about "the cooldown of every lift', "cooldown: where?", "cooldown -timer (why)"]
)
def test_characters_of_the_query_language(question: str) -> None:
    """A question is plain language: a stray quote, colon or dash never makes it fail."""
    assert ids(ask(World(DOORS, ELEVATOR, strict_colon=True), question))


def test_time_is_a_wall() -> None:
    """What lies outside the time that was named is not evidence."""
    world = World(DOORS, ELEVATOR, UPLOADS)
    assert {p.turn.session_id for p in ask(world, "cooldown in May 2026").passages} == {"s_lift"}
    assert ask(world, "cooldown in January 2024").passages == ()


def test_a_timeline_visits_every_month() -> None:
    """A busy month does not starve a quiet one, empty months are named, the order is by time."""
    busy = script(
        "busy", [("assistant", f"cooldown event {n} happened") for n in range(40)], day="2026-04-10"
    )
    world = World(busy, DOORS, ELEVATOR)
    found = ask(world, "timeline of cooldown events between March and June 2026", units=8)
    months = [datetime.fromtimestamp(p.turn.at or 0).month for p in found.passages]
    assert {3, 4, 5} <= set(months)
    assert months == sorted(months)
    assert found.note == "Nothing found in June 2026."


def test_in_one_session() -> None:
    """Asked about one session, only its turns count, by its own words."""
    found = ask(World(DOORS, UPLOADS), "what about the save files?", session_id="s_doors")
    assert {p.turn.session_id for p in found.passages} == {"s_doors"}
    best = sorted((p for p in found.passages if p.role == "found"), key=lambda p: -p.score)[:2]
    assert all("save files" in p.turn.text.lower() for p in best)


def test_in_one_session_without_matching_words() -> None:
    """ "What happened here?" has no words to look for: the beginning and the end are shown."""
    found = ask(World(DOORS), "what happened?", units=4, session_id="s_doors")
    assert found.passages[0].turn.position == 0
    assert found.passages[-1].turn.position == DOORS[1][-1].position


def test_tool_turns_can_be_quoted() -> None:
    result = DOORS[1][3]
    assert result.author == "tool"
    assert "KeyError: 'door_id'" in said(result)


def test_the_llamaindex_retriever_gives_the_same_turns() -> None:
    world = World(DOORS, UPLOADS)
    plan = make_plan("retry backoff", TODAY, world.projects(), world.sources())
    found = retriever(plan, world, 10)
    nodes = found.retrieve("retry backoff")
    assert [n.node.id_ for n in nodes] == ids(found.last) == ids(gather(plan, world, 10))
    assert nodes[0].node.metadata["session_id"] == "s_uploads"


def test_doubt() -> None:
    """A question that shares next to nothing with the best passages is not presented as answered."""
    world = World(DOORS, UPLOADS)
    assert ask(world, "who won the football match at night in the stadium?").doubtful
    assert not ask(world, "why do the uploads fail at night?").doubtful
    assert not ask(world, "cooldown?").doubtful


def test_doubt_by_meaning() -> None:
    """With vectors, few shared words alone are no reason to doubt: only when the meaning is far too."""
    world = World(DOORS)
    real = world._hit
    for meaning, doubtful in ((0.1, True), (0.4, False)):
        why = (("words", 0.1), ("meaning", meaning))
        world._hit = lambda *a, why=why: (h := real(*a)) and replace(h, why=why)  # type: ignore[method-assign,misc]
        assert ask(world, "which paint did we choose for the cooldown room?").doubtful is doubtful


def test_coverage() -> None:
    world = World(DOORS, UPLOADS, ELEVATOR)
    assert coverage_line(world, NOW) == "searched 3 sessions in 1 source, Mar 2026 – Jun 2026"
    assert coverage_line(world, NOW, "s_lift") == "searched one session, 2 turns"
    fuller = replace(world.status(), sessions=1204, last_at=NOW - 60, lexical_behind=14, pending=2)
    world.status = lambda: fuller  # type: ignore[method-assign]
    assert coverage_line(world, NOW) == (
        "searched 1,204 sessions in 1 source, Mar 2026 – today; 14 turns not yet indexed; 2 files not yet read"
    )


def test_passages_to_read_are_long_best_first_and_without_neighbours() -> None:
    """Without a model a person reads: whole sentences, the best of each session first, no prompt that only
    explains, and no tail that shares a word or two."""
    world = World(DOORS, UPLOADS, ELEVATOR)
    plan = make_plan("how did we fix the door cooldown?", TODAY, world.projects(), world.sources())
    read = best(plan, world, 10).passages
    assert read
    assert all(p.role == "found" for p in read)
    assert all(p.span[1] <= READ_LENGTH for p in read)
    scores: dict[str, list[float]] = {}
    for passage in read:
        scores.setdefault(passage.turn.session_id, []).append(passage.score)
    assert all(one == sorted(one, reverse=True) and len(one) <= READ_PER_SESSION for one in scores.values())
    assert min(p.score for p in read) >= TAIL * max(p.score for p in read)
