"""Between a relay and a scheduler that learns from deliveries, and makes them wait."""

from __future__ import annotations

from collections.abc import Callable

from simpy import Event

from mailsim.mta.attempt import Attempt
from mailsim.mta.nowhere import is_nowhere
from mailsim.mta.queue import Entry
from mailsim.mta.schedulers import FeedbackScheduler
from mailsim.sim.conversation import Conversation
from mailsim.sim.world import World
from mailsim.smtp import Reply

__all__ = ["Learning"]


class Learning:
    """Tells the scheduler how deliveries fared, and does what it then wants done.

    Parameters
    ----------
    world : World
    scheduler : FeedbackScheduler
        The one of the host's queue.
    defer : callable
        Defers an entry untried, now.
    work : callable
        Starts the deliveries that may start.
    """

    def __init__(
        self,
        world: World,
        scheduler: FeedbackScheduler,
        defer: Callable[[Entry, Reply], None],
        work: Callable[[], None],
    ) -> None:
        self._world = world
        self._scheduler = scheduler
        self._defer = defer
        self._work = work
        self._wake_ns: int | None = None

    def heard(self, attempt: Attempt[Conversation], now_ns: int) -> None:
        """Take how a delivery ended, before it is over for queue and scheduler."""
        self._scheduler.feedback(attempt.entry, _site_failure(attempt), now_ns)

    def settle(self) -> None:
        """Defer what waits for dead destinations, and see to it that what waits is woken.

        Postfix's retry(8) agent defers; here that takes no time.
        """
        while withdrawn := self._scheduler.withdraw():
            for entry, why in withdrawn:
                self._defer(entry, why)
        at_ns = self._scheduler.next_wake_at()
        if at_ns is None or (self._wake_ns is not None and self._wake_ns <= at_ns):
            return
        self._wake_ns = at_ns
        point = self._world.at(at_ns, self._world.next_number())
        assert point.callbacks is not None
        point.callbacks.append(self._wake)

    def _wake(self, event: Event) -> None:
        now = self._world.env.now
        if self._wake_ns != now:  # an earlier one has been planned since
            return
        self._wake_ns = None
        self._scheduler.wake(now)
        self._work()


def _site_failure(attempt: Attempt[Conversation]) -> Reply | None:
    """Return why the site could not be used, or None if it could.

    It could if it took MAIL, whatever came of that; not if no connection came about, nor if the
    greeting or EHLO was refused (Postfix ``smtp_sess_fail``, ``qmgr_deliver_update``).  What leads
    nowhere on purpose is no site that fails.
    """
    if is_nowhere(attempt.entry.destination):
        return None
    for reply, via, _ in attempt.outcomes:
        if reply.is_temporary and (via is None or via.mail_ns < 0):
            return reply
    return None
