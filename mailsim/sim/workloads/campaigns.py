"""Many messages at once, now and then."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Draws
from mailsim.sim.workloads import Workload, workload
from mailsim.units import parse_rate

__all__ = ["Campaigns"]

_EXAMPLE = "{rate: 2/h, messages: 50}"


@workload("campaigns")
class Campaigns(Workload):
    """Let a number of messages fall due at one moment, and such moments be at random.

    Each message has a connection of its own, as when people answer to the same event, or a program
    starts a thread for each recipient.

    Source: batch arrivals, the M^[X] of M^[X]/M/1 (D. Gross and C. M. Harris, "Fundamentals of
    Queueing Theory", 3.1).

    Example::

        campaigns: {rate: 2/h, messages: 50}

    Parameters
    ----------
    rate_per_s : float
        Campaigns per second, a Poisson process; above 0.
    n_messages : int
        Of each; at least 1.
    """

    def __init__(self, rate_per_s: float, n_messages: int) -> None:
        self.rate_per_s = rate_per_s
        self.n_messages = n_messages

    @classmethod
    def from_options(cls, options: object) -> Campaigns:
        """Return the workload for ``{rate: ..., messages: n}``."""
        if not isinstance(options, dict) or set(options) != {"rate", "messages"}:
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        rate, n = parse_rate(options["rate"]), options["messages"]
        if rate <= 0:
            raise ValueError(f"rate: expected a rate above 0, got {options['rate']!r}")
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise ValueError(f"messages: expected a whole number of at least 1, got {n!r}")
        return cls(rate, n)

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which a message falls due (ns), without end."""
        mean_ns = SECOND / self.rate_per_s
        now = 0
        while True:
            now += round(draws.exponential() * mean_ns)
            for _ in range(self.n_messages):
                yield now

    def expected(self, duration_ns: int) -> float:
        """Return the expected number of messages in a run of that length."""
        return self.n_messages * self.rate_per_s * duration_ns / SECOND
