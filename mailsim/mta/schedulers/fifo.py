"""First in, first out within each destination; destinations take turns."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from mailsim.mta.schedulers import scheduler

if TYPE_CHECKING:
    from mailsim.mta.queue import Entry
    from mailsim.mta.settings import Settings

__all__ = ["Fifo"]


class _Destination:
    __slots__ = ("entries", "is_waiting", "n_busy")

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque()
        self.n_busy = 0
        self.is_waiting = False


@scheduler("fifo")
class Fifo:
    """Serve each destination in order of arrival, and the destinations in turn.

    A destination never has more than ``default_destination_concurrency_limit`` deliveries at a
    time, and may have so many from the start.  Choosing costs the same however many destinations
    there are.

    Source: Postfix SCHEDULER_README, "the old scheduler", with round robin over destinations
    (qmgr(8), ``default_destination_concurrency_limit``).

    Example::

        scheduler: fifo

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self._limit = settings.default_destination_concurrency_limit
        self._destinations: dict[str, _Destination] = {}
        self._waiting: deque[_Destination] = deque()

    def put(self, entry: Entry) -> None:
        """Take an entry that has become active."""
        destination = self._destinations.get(entry.destination)
        if destination is None:
            destination = self._destinations[entry.destination] = _Destination()
        destination.entries.append(entry)
        self._offer(destination)

    def pick(self, now_ns: int) -> Entry | None:
        """Return the entry whose delivery starts next, or None; its destination gets busier."""
        if not self._waiting:
            return None
        destination = self._waiting.popleft()
        destination.is_waiting = False
        entry = destination.entries.popleft()
        destination.n_busy += 1
        self._offer(destination)
        return entry

    def has_more(self, destination: str) -> bool:
        """Tell whether entries for ``destination`` wait: then its connections are kept."""
        found = self._destinations.get(destination)
        return found is not None and bool(found.entries)

    def release(self, entry: Entry, now_ns: int) -> None:
        """Say that the delivery of an entry is over."""
        destination = entry.destination
        found = self._destinations[destination]
        found.n_busy -= 1
        self._offer(found)
        if not found.n_busy and not found.entries:
            del self._destinations[destination]

    def _offer(self, destination: _Destination) -> None:
        if not destination.is_waiting and destination.entries and destination.n_busy < self._limit:
            destination.is_waiting = True
            self._waiting.append(destination)
