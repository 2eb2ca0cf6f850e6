"""When a deferred message is tried again, and when it is given up.

Most mail systems have a list of waits (:class:`Spaced`).  Postfix keeps one clock per message, not
per recipient: the wait is as long as the message is old, between two bounds, and it ends at the
first scan of the deferred queue at or after that.  There is no jitter.  Source: Postfix
``qmgr_active.c`` (``qmgr_active_done_3_generic``); RFC 5321 section 4.5.4.1.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log1p

from mailsim.mta.settings import Settings

__all__ = [
    "Backoff", "Jittered", "Memoryless", "Retry", "Spaced", "due_at", "is_expired", "next_scan_at",
    "timetable",
]  # fmt: skip

_S = 1_000_000_000


def due_at(settings: Settings, arrived_ns: int, now_ns: int) -> int:
    """Return when a message deferred now may be tried again (ns).

    Parameters
    ----------
    settings : Settings
    arrived_ns : int
        When the message came to this host.
    now_ns : int

    Examples
    --------
    >>> due_at(Settings(), 0, 0) // 1_000_000_000
    300
    >>> due_at(Settings(), 0, 1200 * 1_000_000_000) // 1_000_000_000
    2400
    """
    wait = max(now_ns - arrived_ns, settings.minimal_backoff_time)
    return now_ns + min(wait, settings.maximal_backoff_time)


def next_scan_at(settings: Settings, due_ns: int) -> int:
    """Return the first scan of the deferred queue at or after ``due_ns`` (ns).

    Scans happen at multiples of ``queue_run_delay``, counted from the start of the run.
    """
    return -(-due_ns // settings.queue_run_delay) * settings.queue_run_delay


def is_expired(settings: Settings, arrived_ns: int, now_ns: int, *, is_report: bool) -> bool:
    """Tell whether a message that has just been deferred again is too old to keep.

    Parameters
    ----------
    settings : Settings
    arrived_ns : int
        When the message came to this host.
    now_ns : int
    is_report : bool
        Whether it is a delivery report, which has a lifetime of its own.
    """
    lifetime = settings.bounce_queue_lifetime if is_report else settings.maximal_queue_lifetime
    return now_ns - arrived_ns >= lifetime


class Retry:
    """When messages of a host are tried again.

    Parameters
    ----------
    settings : Settings
        Says how long a message is kept.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def plan(
        self, n_failed: int, arrived_ns: int, now_ns: int, *, is_report: bool
    ) -> tuple[int, int] | None:
        """Say when a message that has just been deferred is tried again, or give it up.

        Parameters
        ----------
        n_failed : int
            Attempts so far, at least 1.
        arrived_ns : int
            When it came to this host.
        now_ns : int
        is_report : bool
            Whether it is a delivery report.

        Returns
        -------
        (int, int) or None
            When it is tried and, of those tried at once, what comes first (ns); None: it expires.
        """
        raise NotImplementedError


class Backoff(Retry):
    """Postfix's way: by age, at scans of the deferred queue."""

    def plan(
        self, n_failed: int, arrived_ns: int, now_ns: int, *, is_report: bool
    ) -> tuple[int, int] | None:
        """See :meth:`Retry.plan`."""
        if is_expired(self.settings, arrived_ns, now_ns, is_report=is_report):
            return None
        due = due_at(self.settings, arrived_ns, now_ns)
        return next_scan_at(self.settings, due), due


class Spaced(Retry):
    """A list of waits.

    Parameters
    ----------
    settings : Settings
    offset_s : callable
        Seconds from the first attempt to the n-th retry, if all attempts took no time; None
        when there is no such retry.  A wait is counted from the attempt before.
    from_arrival : bool
        Or from the arrival of the message.
    gives_up_early : bool
        Whether a message expires as soon as the next retry would be too late, and not only when
        that has failed.
    """

    def __init__(
        self,
        settings: Settings,
        offset_s: Callable[[int], float | None],
        *,
        from_arrival: bool = False,
        gives_up_early: bool = False,
    ) -> None:
        super().__init__(settings)
        self._offset_s = offset_s
        self._from_arrival = from_arrival
        self._gives_up_early = gives_up_early

    def plan(
        self, n_failed: int, arrived_ns: int, now_ns: int, *, is_report: bool
    ) -> tuple[int, int] | None:
        """See :meth:`Retry.plan`."""
        offset_s = self._offset_s(n_failed)
        if offset_s is None or is_expired(self.settings, arrived_ns, now_ns, is_report=is_report):
            return None
        before_s = self._offset_s(n_failed - 1) if n_failed > 1 else 0.0
        at = now_ns + round((offset_s - (before_s or 0.0)) * _S)
        if self._from_arrival:
            at = max(arrived_ns + round(offset_s * _S), now_ns)
        if self._gives_up_early and is_expired(self.settings, arrived_ns, at, is_report=is_report):
            return None
        return at, at


class Jittered(Retry):
    """Waits of another kind, each lengthened by a random share, so that what failed together parts.

    Parameters
    ----------
    waits : Retry
    most : float
        Share of a wait by which it is lengthened at most.
    uniform : callable
        Uniform variates between 0 and 1.
    """

    def __init__(self, waits: Retry, most: float, uniform: Callable[[], float]) -> None:
        super().__init__(waits.settings)
        self._waits = waits
        self._most = most
        self._uniform = uniform

    def plan(
        self, n_failed: int, arrived_ns: int, now_ns: int, *, is_report: bool
    ) -> tuple[int, int] | None:
        """See :meth:`Retry.plan`."""
        planned = self._waits.plan(n_failed, arrived_ns, now_ns, is_report=is_report)
        if planned is None:
            return None
        at = planned[0] + int((planned[0] - now_ns) * self._most * self._uniform())
        return at, at


class Memoryless(Retry):
    """Waits of another kind, each drawn from an exponential distribution with that mean.

    Parameters
    ----------
    waits : Retry
    uniform : callable
        Uniform variates between 0, included, and 1, excluded.
    """

    def __init__(self, waits: Retry, uniform: Callable[[], float]) -> None:
        super().__init__(waits.settings)
        self._waits = waits
        self._uniform = uniform

    def plan(
        self, n_failed: int, arrived_ns: int, now_ns: int, *, is_report: bool
    ) -> tuple[int, int] | None:
        """See :meth:`Retry.plan`."""
        planned = self._waits.plan(n_failed, arrived_ns, now_ns, is_report=is_report)
        if planned is None:
            return None
        at = now_ns + int((planned[0] - now_ns) * -log1p(-self._uniform()))
        return at, at


def timetable(retry: Retry, phase_ns: int = 0, most: int = 1000) -> list[int]:
    """Return when a message is tried whose attempts all fail at once, from its arrival (ns).

    Parameters
    ----------
    retry : Retry
    phase_ns : int
        Time from its arrival to the next scan of the deferred queue; matters to Postfix alone.
    most : int
        Retries to list.
    """
    scan = retry.settings.queue_run_delay
    arrived = now = scan - phase_ns % scan
    times = [0]
    while len(times) <= most:
        planned = retry.plan(len(times), arrived, now, is_report=False)
        if planned is None:
            break
        now = planned[0]
        times.append(now - arrived)
    return times
