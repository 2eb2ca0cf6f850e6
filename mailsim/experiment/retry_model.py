"""A host's own timetable of retries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from mailsim.experiment.keys import Count, Flag, Model
from mailsim.experiment.quantities import PositiveDuration, Share
from mailsim.mta.retry import Jittered, Memoryless, Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Retries"]


class Retries(Model):
    """When a host tries again: waits that grow, in place of those of Postfix or of a preset.

    Attributes
    ----------
    first
        Wait after the first attempt.
    factor
        Each further wait is so many times as long.
    most
        But no longer than this.
    attempts
        Mail is given up after so many in all; unless said, when it is too old.
    jitter
        Each wait is longer by a random share of it, up to this.
    memoryless
        Each wait is exponential, with that mean, as of many who try again at any time.
    """

    first: PositiveDuration
    factor: Annotated[float, Field(ge=1, le=1000)] = 2.0
    most: PositiveDuration | None = None
    attempts: Count | None = None
    jitter: Share = 0.0
    memoryless: Flag = False

    def plan(self, settings: Settings, uniform: Callable[[], float]) -> Retry:
        """Return when a message is tried again; ``uniform`` gives variates between 0 and 1."""
        first_s = self.first / 1e9
        most_s = float("inf") if self.most is None else self.most / 1e9

        def offset_s(n: int) -> float | None:
            if self.attempts is not None and n >= self.attempts:
                return None
            at, wait = 0.0, first_s
            for _ in range(n):
                at += min(wait, most_s)
                wait = min(wait * self.factor, most_s, 1e9)
            return at

        waits: Retry = Spaced(settings, offset_s)
        if self.memoryless:
            waits = Memoryless(waits, uniform)
        return Jittered(waits, self.jitter, uniform) if self.jitter else waits
