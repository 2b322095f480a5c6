"""Example questions are made from the library's own titles and read like questions."""

from __future__ import annotations

from tapedeck_tui.ask.examples import examples


def test_titles_become_questions_of_different_projects() -> None:
    titles = [
        ("Deploy deleted the recordings", "choir", 9),
        ("Fix flaky upload retries", "api", 4),
        ("Fix another thing in api", "api", 2),
        ("Door cooldown: the real cause", "bluedoor", 8),
        ("Why does the sync worker retry twice", "sync", 3),
    ]
    assert examples(titles) == [
        "How did we fix flaky upload retries?",
        "Why does the sync worker retry twice?",
        "What did we find out about the door cooldown?",
    ]


def test_names_keep_their_capitals_and_nothing_is_made_of_nothing() -> None:
    assert examples([("KeyError 'door' when loading saves", "a", 1)]) == [
        "What did we find out in “KeyError 'door' when loading saves”?"
    ]
    assert examples([("Fix KeyError in old saves", "a", 1)]) == ["How did we fix KeyError in old saves?"]
    assert examples([("hi", "a", 1), ("", "b", 1), ("<command-name> in a title", "c", 3)]) == []
