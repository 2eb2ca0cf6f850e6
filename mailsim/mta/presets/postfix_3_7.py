"""Postfix 3.7, as in Debian 12."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset

__all__ = ["Postfix37"]


@preset("postfix-3.7")
class Postfix37(Preset):
    """Postfix 3.7.11 of Debian 12: no TLS unless set, and no defence against smuggled mail.

    Source: Debian 3.7.11-0+deb12u1, postconf -d.

    Example::

        preset: postfix-3.7
    """

    values: ClassVar[dict[str, Value]] = {
        "initial_destination_concurrency": Value(5, "mail_params.h DEF_INIT_DEST_CON"),
        "in_flow_delay": Value("1s", "mail_params.h DEF_IN_FLOW_DELAY"),
        "queue_run_delay": Value("300s", "mail_params.h DEF_QUEUE_RUN_DELAY"),
        "minimal_backoff_time": Value("300s", "mail_params.h DEF_MIN_BACKOFF_TIME"),
        "maximal_backoff_time": Value("4000s", "mail_params.h DEF_MAX_BACKOFF_TIME"),
        "maximal_queue_lifetime": Value("5d", "mail_params.h DEF_MAX_QUEUE_TIME"),
        "bounce_queue_lifetime": Value("5d", "mail_params.h DEF_DSN_QUEUE_TIME"),
        "smtp_tls_security_level": Value("none", "postconf -d: empty"),
        "smtpd_forbid_bare_newline": Value("no", "postconf -d"),
    }
    scheduler = "preemptive"
