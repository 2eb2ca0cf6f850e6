"""When a deferred message is tried again, and when it is given up.

Postfix keeps one clock per message, not per recipient: the wait is as long as the message is
old, between two bounds, and it ends at the first scan of the deferred queue at or after that.
There is no jitter.  Source: Postfix ``qmgr_active.c`` (``qmgr_active_done_3_generic``);
RFC 5321 section 4.5.4.1.
"""

from __future__ import annotations

from mailsim.mta.settings import Settings

__all__ = ["due_at", "is_expired", "next_scan_at"]


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
