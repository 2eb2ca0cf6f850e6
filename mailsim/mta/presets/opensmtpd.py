"""OpenSMTPD."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Opensmtpd"]


@preset("opensmtpd")
class Opensmtpd(Preset):
    """OpenSMTPD: the n-th retry 400 n^2 seconds after arrival, for 4 days.

    Source: OpenSMTPD scheduler_ramqueue.c, limit.c, smtpd.h.

    Example::

        preset: opensmtpd
    """

    values: ClassVar[dict[str, Value]] = {
        "maximal_queue_lifetime": Value("4d", "smtpd.h, 4 days"),
        "bounce_queue_lifetime": Value("4d", "smtpd.h, 4 days"),
        "default_destination_concurrency_limit": Value(10, "limit.c, connections per host"),
        "hopcount_limit": Value(100, "smtpd.h, 100 hops"),
        "message_size_limit": Value("35 MiB", "smtpd.h, 35 MiB"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits."""
        return Spaced(settings, lambda n: 400.0 * n * n, from_arrival=True, gives_up_early=True)
