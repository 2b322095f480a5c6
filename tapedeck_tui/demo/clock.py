"""When things happen in a story: people read and type, models write, tools run."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from tapedeck_tui.demo.story import SECONDS, Step, Story


class Clock:
    """The time of a session, moving with each step. The same story always takes the same time.

    Args:
        story: whose time it is.
        now: what ``at`` counts from, Unix seconds.
    """

    def __init__(self, story: Story, now: float) -> None:
        self.at = round(story.start(now), 3)
        self._chance = random.Random(story.name)

    def pass_for(self, step: Step) -> float:
        """Move on by as long as this step takes to write, and give the time it is done."""
        length = len(step.text)
        if step.kind == "typed":
            seconds = self._chance.uniform(40, 240) + length / 5
        elif step.kind in ("assistant", "thinking"):
            seconds = self._chance.uniform(4, 14) + length / 50
        elif step.kind == "directive" and step.word == "wait":
            seconds = float(int(step.rest[:-1]) * SECONDS[step.rest[-1]])
        else:
            seconds = self._chance.uniform(1, 5)
        return self.move(seconds)

    def move(self, seconds: float) -> float:
        self.at = round(self.at + seconds, 3)
        return self.at

    def ran(self) -> float:
        """How long the tool that was just called took, in seconds; the time has moved by it."""
        seconds = round(
            self._chance.choice((0.05, 0.2, 0.9, 3.4, 6.1, 21.0)) * self._chance.uniform(0.7, 1.4), 4
        )
        self.move(seconds)
        return seconds

    def number(self, low: int, high: int) -> int:
        """A number that belongs to this story (tokens, process ids)."""
        return self._chance.randint(low, high)


def iso(at: float) -> str:
    """``2026-03-01T18:20:07.123Z``"""
    stamp = datetime.fromtimestamp(at, UTC)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"
