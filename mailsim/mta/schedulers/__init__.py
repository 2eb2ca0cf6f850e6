"""Queue schedulers: which delivery starts next.  One file, one registered class each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from mailsim.registry import Room

if TYPE_CHECKING:
    from mailsim.mta.queue import Entry
    from mailsim.mta.settings import Settings
    from mailsim.smtp import Reply

__all__ = ["FeedbackScheduler", "Scheduler", "scheduler", "schedulers"]


class Scheduler(Protocol):
    """What the queue manager asks of a scheduler."""

    def __init__(self, settings: Settings) -> None:
        """Take the limits that deliveries have to keep."""

    def put(self, entry: Entry) -> None:
        """Take an entry that has become active."""

    def pick(self, now_ns: int) -> Entry | None:
        """Return the entry whose delivery starts next, or None; its destination gets busier."""

    def release(self, entry: Entry, now_ns: int) -> None:
        """Say that the delivery of an entry is over."""

    def has_more(self, destination: str) -> bool:
        """Tell whether entries for ``destination`` wait: then its connections are kept."""


@runtime_checkable
class FeedbackScheduler(Protocol):
    """What a scheduler has besides that learns from deliveries, or makes them wait.

    Attributes
    ----------
    process_limit : int
        Deliveries at a time, over all transports.
    """

    process_limit: int

    def anew(self) -> Scheduler:
        """Return one that knows nothing yet, for a host that has crashed."""

    def feedback(self, entry: Entry, failure: Reply | None, now_ns: int) -> None:
        """Take how a delivery got in, before its release: None, or why the site could not."""

    def withdraw(self) -> list[tuple[Entry, Reply]]:
        """Return the entries that are to be deferred untried, with the reason, only once."""

    def next_wake_at(self) -> int | None:
        """Return when something that waits may go on (ns), if anything."""

    def wake(self, now_ns: int) -> None:
        """Let go on what may."""


schedulers: Room[Scheduler] = Room("scheduler", "mailsim.mta.schedulers", Scheduler)
scheduler = schedulers.register
