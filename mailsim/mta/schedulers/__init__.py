"""Queue schedulers: which delivery starts next.  One file, one registered class each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mailsim.registry import Room

if TYPE_CHECKING:
    from mailsim.mta.queue import Entry

__all__ = ["Scheduler", "scheduler", "schedulers"]


class Scheduler(Protocol):
    """What the queue manager asks of a scheduler."""

    def __init__(self, concurrency_limit: int) -> None:
        """Take the number of deliveries allowed to one destination at a time."""

    def put(self, entry: Entry) -> None:
        """Take an entry that has become active."""

    def pick(self) -> Entry | None:
        """Return the entry whose delivery starts next, or None; its destination gets busier."""

    def release(self, destination: str) -> None:
        """Say that a delivery to ``destination`` is over."""

    def has_more(self, destination: str) -> bool:
        """Tell whether entries for ``destination`` wait: then its connections are kept."""


schedulers: Room[Scheduler] = Room("scheduler", "mailsim.mta.schedulers", Scheduler)
scheduler = schedulers.register
