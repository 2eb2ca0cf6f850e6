"""A bulk send: many messages at once, or as fast as a program makes them."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.sim.clock import SECOND
from mailsim.sim.streams import Draws
from mailsim.sim.workloads import Workload, workload
from mailsim.units import parse_duration, parse_rate

__all__ = ["Bulk"]


@workload("bulk")
class Bulk(Workload):
    """Put a number of messages into an outbox, all at once or at a steady rate.

    A program submits them over as many connections as its client host allows.

    Source: the shape of campaign mailers, who hand over personalised copies one by one
    (listmonk documentation, "concurrency" and "message rate").

    Example::

        bulk: {recipients: 20000, start: 15min}

    Parameters
    ----------
    n_messages : int
        At least 1.
    start_ns : int
        When the first falls due.
    rate_per_s : float
        At which they fall due; 0 for all at once.
    """

    is_bulk = True

    def __init__(self, n_messages: int, start_ns: int = 0, rate_per_s: float = 0.0) -> None:
        self.n_messages = n_messages
        self.start_ns = start_ns
        self.rate_per_s = rate_per_s

    @classmethod
    def from_options(cls, options: object) -> Bulk:
        """Return the workload for ``{recipients: n, start: ..., rate: ...}``."""
        if not isinstance(options, dict) or not set(options) <= {"recipients", "start", "rate"}:
            raise ValueError(
                f"expected {{recipients: n, start: duration, rate: n/s}}, got {options!r}"
            )
        n = options.get("recipients")
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise ValueError(f"recipients: expected a whole number of at least 1, got {n!r}")
        rate = parse_rate(options["rate"]) if "rate" in options else 0.0
        if rate < 0:
            raise ValueError(f"rate: expected a rate above 0, got {options['rate']!r}")
        return cls(n, parse_duration(options.get("start", "0s")), rate)

    def due(self, draws: Draws) -> Iterator[int]:
        """Iterate over the times at which a message falls due (ns)."""
        gap = SECOND / self.rate_per_s if self.rate_per_s else 0.0
        for i in range(self.n_messages):
            yield self.start_ns + round(i * gap)

    def expected(self, duration_ns: int) -> float:
        """Return the expected number of messages in a run of that length."""
        span = duration_ns - self.start_ns
        if span <= 0:
            return 0.0
        if not self.rate_per_s:
            return float(self.n_messages)
        return min(float(self.n_messages), span * self.rate_per_s / SECOND)
