"""Stalwart."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Stalwart"]


@preset("stalwart")
class Stalwart(Preset):
    """Stalwart: 2, 5, 10, 15, 30, 60, 120 minutes, a day, then every 3 days; for 5 days.

    Source: Stalwart queue.schedule, defaults of the source.

    Example::

        preset: stalwart
    """

    values: ClassVar[dict[str, Value]] = {
        "maximal_queue_lifetime": Value("5d", "assumption: the default schedule names no expiry"),
        "bounce_queue_lifetime": Value("5d", "assumption: the default schedule names no expiry"),
        "smtp_connect_timeout": Value("5min", "queue.connection timeout.connect"),
        "smtp_helo_timeout": Value("5min", "queue.connection timeout.ehlo"),
        "smtp_mail_timeout": Value("5min", "queue.connection timeout.mail-from"),
        "smtp_rcpt_timeout": Value("5min", "queue.connection timeout.rcpt-to"),
        "smtp_data_done_timeout": Value("10min", "queue.connection timeout.data"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits."""
        minutes = (2, 7, 17, 32, 62, 122, 242, 1682, 6002)
        every = repeated([60.0 * m for m in minutes], 3 * 86400.0)
        return Spaced(settings, every, gives_up_early=True)
