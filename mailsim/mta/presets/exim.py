"""Exim."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Exim"]


@preset("exim")
class Exim(Preset):
    """Exim: every 15 minutes for 2 hours, then waits that grow by half, then every 6 hours.

    Source: Exim src/configure.default, retry rule F,2h,15m; G,16h,1h,1.5; F,4d,6h.

    Example::

        preset: exim
    """

    values: ClassVar[dict[str, Value]] = {
        "maximal_queue_lifetime": Value("4d", "configure.default: F,4d,6h"),
        "bounce_queue_lifetime": Value("4d", "configure.default: F,4d,6h"),
        "default_destination_recipient_limit": Value(100, "transports/smtp.c max_rcpt"),
        "smtp_connect_timeout": Value("5min", "transports/smtp.c connect_timeout"),
        "smtp_helo_timeout": Value("5min", "transports/smtp.c command_timeout"),
        "smtp_starttls_timeout": Value("5min", "transports/smtp.c command_timeout"),
        "smtp_mail_timeout": Value("5min", "transports/smtp.c command_timeout"),
        "smtp_rcpt_timeout": Value("5min", "transports/smtp.c command_timeout"),
        "smtp_rset_timeout": Value("5min", "transports/smtp.c command_timeout"),
        "smtp_data_init_timeout": Value("5min", "transports/smtp.c command_timeout"),
        "smtp_data_xfer_timeout": Value("5min", "transports/smtp.c data_timeout"),
        "smtp_data_done_timeout": Value("10min", "transports/smtp.c final_timeout"),
        "message_size_limit": Value("50 MiB", "globals.c message_size_limit 50M"),
        "hopcount_limit": Value(30, "globals.c received_headers_max"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits; queue runs are taken to be frequent (assumption)."""
        return Spaced(settings, offset_s)


def offset_s(n: int) -> float:
    """Return the seconds from the first attempt to the n-th retry (``retry.c``)."""
    at = gap = 0.0
    for _ in range(n):
        if at < 2 * 3600:
            gap = 900.0
        elif at < 16 * 3600:
            gap = max(3600.0, 1.5 * gap)
        else:
            gap = 6 * 3600.0
        at += gap
    return at
