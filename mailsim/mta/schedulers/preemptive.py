"""Postfix's own: small messages get ahead of large ones, destinations are found out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailsim.mta.schedulers import scheduler
from mailsim.mta.transport import Transport

if TYPE_CHECKING:
    from mailsim.mta.queue import Entry
    from mailsim.mta.settings import Settings
    from mailsim.smtp import Reply

__all__ = ["Preemptive"]


@scheduler("preemptive")
class Preemptive:
    """Let small messages preempt large ones, and adjust the concurrency of each destination.

    Messages go in the order in which they became active, but a large one gives places to smaller
    ones.  The concurrency of a destination starts at ``initial_destination_concurrency`` and
    follows what deliveries find; a destination that none gets into is dead for
    ``minimal_backoff_time``.  Transports take turns, each within its process limit.

    Source: Postfix SCHEDULER_README, qmgr(8).

    Example::

        scheduler: preemptive

    Parameters
    ----------
    settings : Settings
    transports : mapping of str to Settings
        Further transports by name; an entry for ``name:destination`` is theirs.
    least_cost : int
        See :class:`~mailsim.mta.jobs.Line`.
    """

    def __init__(
        self,
        settings: Settings,
        transports: Mapping[str, Settings] | None = None,
        least_cost: int = 2,
    ) -> None:
        named = self._settings = transports or {}
        self._default = settings
        self._least_cost = least_cost
        self._named = {name: Transport(own, least_cost) for name, own in named.items()}
        self._main = Transport(settings, least_cost)
        self._turns = [self._main, *self._named.values()]
        limits = [own.default_process_limit for own in (settings, *named.values())]
        self.process_limit = sum(limits)

    def anew(self) -> Preemptive:
        """Return one that knows nothing yet, with the same limits."""
        return Preemptive(self._default, self._settings, self._least_cost)

    def put(self, entry: Entry) -> None:
        """Take an entry that has become active."""
        self._of(entry.destination).put(entry)

    def pick(self, now_ns: int) -> Entry | None:
        """Return the entry whose delivery starts next, or None; its destination gets busier."""
        for _ in range(len(self._turns)):
            transport = self._turns.pop(0)
            self._turns.append(transport)
            entry = transport.pick(now_ns)
            if entry is not None:
                return entry
        return None

    def feedback(self, entry: Entry, failure: Reply | None, now_ns: int) -> None:
        """Take how a delivery got in, before its release: None, or why the site could not."""
        self._of(entry.destination).feedback(entry, failure, now_ns)

    def release(self, entry: Entry, now_ns: int) -> None:
        """Say that the delivery of an entry is over."""
        self._of(entry.destination).release(entry, now_ns)

    def has_more(self, destination: str) -> bool:
        """Tell whether entries for ``destination`` wait: then its connections are kept."""
        return self._of(destination).has_more(destination)

    def withdraw(self) -> list[tuple[Entry, Reply]]:
        """Return the entries that are to be deferred untried, with the reason, only once."""
        found = []
        for transport in self._turns:
            if transport.withdrawn:
                found += transport.withdrawn
                transport.withdrawn = []
        return found

    def next_wake_at(self) -> int | None:
        """Return when something that waits may go on (ns), if anything."""
        times = [at for t in self._turns if (at := t.next_wake_at()) is not None]
        return min(times, default=None)

    def wake(self, now_ns: int) -> None:
        """Let go on what may."""
        for transport in self._turns:
            transport.wake(now_ns)

    def _of(self, destination: str) -> Transport:
        if not self._named:
            return self._main
        return self._named.get(destination.partition(":")[0], self._main)
