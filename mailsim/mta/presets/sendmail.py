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
        "smtp_helo_timeout": Value("5min", "proto.m4 confTO_HELO"),
        "smtp_starttls_timeout": Value("1h", "proto.m4 confTO_STARTTLS"),
        "smtp_mail_timeout": Value("10min", "proto.m4 confTO_MAIL"),
        "smtp_rcpt_timeout": Value("1h", "proto.m4 confTO_RCPT"),
        "smtp_rset_timeout": Value("5min", "proto.m4 confTO_RSET"),
        "smtp_data_init_timeout": Value("5min", "proto.m4 confTO_DATAINIT"),
        "smtp_data_xfer_timeout": Value("1h", "proto.m4 confTO_DATABLOCK"),
        "smtp_data_done_timeout": Value("1h", "proto.m4 confTO_DATAFINAL"),
        "hopcount_limit": Value(25, "proto.m4 confMAX_HOP"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits."""
        return Spaced(settings, lambda n: 1800.0 * n)
