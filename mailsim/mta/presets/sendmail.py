"""Sendmail 8.17."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Sendmail"]


@preset("sendmail")
class Sendmail(Preset):
    """Sendmail: each queue run, every 30 minutes (assumption; -q30m), for 5 days.

    Source: sendmail 8.17 cf/m4/proto.m4; op.txt section 2.6 for queue runs.

    Example::

        preset: sendmail
    """

    values: ClassVar[dict[str, Value]] = {
        "maximal_queue_lifetime": Value("5d", "proto.m4 confTO_QUEUERETURN"),
        "bounce_queue_lifetime": Value("5d", "proto.m4 confTO_QUEUERETURN"),
        "smtp_connect_timeout": Value("5min", "proto.m4 confTO_CONNECT"),
        "hopcount_limit": Value(25, "proto.m4 confMAX_HOP"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits."""
        return Spaced(settings, lambda n: 1800.0 * n)
