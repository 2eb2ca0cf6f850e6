"""How many deliveries to one destination at a time: Postfix's concurrency feedback.

Each delivery that finds the site willing lets the window grow a little, each that cannot get in
lets it shrink.  Enough failures in a row and the destination is *dead*: its mail is deferred at
once until a timer runs out.  There are two variants, and they differ in what they do.  ``readme``
is the pseudocode of Postfix's SCHEDULER_README, with which its published figures were measured;
``c`` is ``qmgr_queue.c``, which rounds by half a step and gives a site up one failure earlier.
"""

from __future__ import annotations

import math
import re

from mailsim.mta.settings import Settings

__all__ = ["Concurrency", "Step", "Window"]

_TEXT = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:\s*/\s*(concurrency|sqrt_concurrency))?")
_MARGIN = 1e-9  # qmgr_feedback.c and float sums: five fifths are one


class Step:
    """How much one delivery moves the window, as postconf(5) writes it.

    Parameters
    ----------
    text : str
        A number above 0 and at most 1, alone or over ``concurrency`` or ``sqrt_concurrency``.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> Step("1 / sqrt_concurrency").of(4)
    0.5
    """

    __slots__ = ("_amount", "_over")

    def __init__(self, text: str) -> None:
        match = _TEXT.fullmatch(text.strip())
        self._amount = float(match[1]) if match else 0.0
        self._over = (match[2] or "") if match else ""
        if not 0 < self._amount <= 1:
            raise ValueError(
                "expected a number above 0 and at most 1, alone or followed by /concurrency or "
                f"/sqrt_concurrency, got {text!r}"
            )

    def of(self, window: int) -> float:
        """Return the step at a window of at least 1."""
        if not self._over:
            return self._amount
        return self._amount / (window if self._over == "concurrency" else math.sqrt(window))


class Concurrency:
    """What all destinations of a transport have in common.

    A rate delay makes deliveries to a destination serial (``qmgr_transport.c``).

    Parameters
    ----------
    settings : Settings

    Raises
    ------
    ValueError
        If a feedback is not what :class:`Step` takes.
    """

    __slots__ = ("cohort_limit", "grow", "initial", "is_readme", "limit", "rate_delay_ns", "shrink")

    def __init__(self, settings: Settings) -> None:
        self.rate_delay_ns = settings.default_destination_rate_delay
        self.limit = settings.default_destination_concurrency_limit
        if self.rate_delay_ns:
            self.limit = 1
        self.initial = min(settings.initial_destination_concurrency, self.limit)
        self.grow = Step(settings.default_destination_concurrency_positive_feedback)
        self.shrink = Step(settings.default_destination_concurrency_negative_feedback)
        self.cohort_limit = settings.default_destination_concurrency_failed_cohort_limit
        self.is_readme = settings.destination_concurrency_feedback_variant == "readme"


class Window:
    """Deliveries allowed to one destination, and how many there are.

    Source: Postfix ``qmgr_queue.c`` (``qmgr_queue_throttle``, ``qmgr_queue_unthrottle``) and
    SCHEDULER_README.

    Parameters
    ----------
    concurrency : Concurrency

    Attributes
    ----------
    size : int
        At least 1, even while dead.
    n_busy : int
        Deliveries under way.
    is_dead, is_suspended : bool
        Whether nothing may start: after failures, or until the rate delay is over.
    """

    __slots__ = (
        "_concurrency",
        "_failed_cohorts",
        "_failure",
        "_success",
        "is_dead",
        "is_suspended",
        "n_busy",
        "size",
    )

    def __init__(self, concurrency: Concurrency) -> None:
        self._concurrency = concurrency
        self.size = concurrency.initial
        self.n_busy = 0
        self.is_dead = self.is_suspended = False
        self._success = self._failure = self._failed_cohorts = 0.0

    @property
    def has_room(self) -> bool:
        """True while another delivery may start."""
        return self.n_busy < self.size and not self.is_dead and not self.is_suspended

    def succeed(self) -> None:
        """Count a delivery that found the site willing; it is still one of the busy ones."""
        self._failed_cohorts = 0.0
        if self.is_dead:
            self.revive()
            return
        concurrency = self._concurrency
        if self.size >= concurrency.limit or self.size >= self.n_busy + concurrency.initial:
            return
        step = concurrency.grow.of(self.size)
        ahead = 0.0 if concurrency.is_readme else step / 2
        self._success += step
        while self._success + ahead >= 1 - _MARGIN:  # at the end of a cycle
            self.size += 1
            self._success -= 1
            self._failure = 0.0
        self.size = min(self.size, concurrency.limit)

    def fail(self) -> None:
        """Count a delivery that could not get in."""
        if self.is_dead:
            return
        concurrency = self._concurrency
        self._failed_cohorts += 1 / self.size
        excess, limit = self._failed_cohorts - concurrency.cohort_limit, concurrency.cohort_limit
        if limit and (excess > _MARGIN if concurrency.is_readme else excess >= -_MARGIN):
            self.is_dead = True
            return
        step = concurrency.shrink.of(self.size)
        ahead = 0.0 if concurrency.is_readme else step / 2
        self._failure -= step
        while self._failure - ahead < -_MARGIN:  # at the start of a cycle
            self.size -= 1
            self._success = 0.0
            self._failure += 1
        self.size = max(self.size, 1)

    def revive(self) -> None:
        """Let a dead destination begin anew: what it can take is anyone's guess."""
        self.is_dead = False
        self.size = self.n_busy or self._concurrency.initial
        self._success = self._failure = 0.0
