"""KumoMTA."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Kumomta"]


@preset("kumomta")
class Kumomta(Preset):
    """KumoMTA: 20 minutes, doubled each time, for a week; its jitter is left out.

    Source: KumoMTA crates/kumo-api-types, make_queue_config and make_egress_path.

    Example::

        preset: kumomta
    """

    values: ClassVar[dict[str, Value]] = {
        "maximal_queue_lifetime": Value("7d", "make_queue_config max_age"),
        "bounce_queue_lifetime": Value("7d", "make_queue_config max_age"),
        "default_destination_concurrency_limit": Value(32, "make_egress_path connection_limit"),
        "default_destination_recipient_limit": Value(
            100, "make_egress_path max_recipients_per_batch"
        ),
        "smtp_connect_timeout": Value("60s", "rfc5321 client_types.rs connect_timeout"),
        "smtp_helo_timeout": Value("5min", "rfc5321 client_types.rs ehlo_timeout"),
        "smtp_starttls_timeout": Value("5s", "rfc5321 client_types.rs starttls_timeout"),
        "smtp_mail_timeout": Value("5min", "rfc5321 client_types.rs mail_from_timeout"),
        "smtp_rcpt_timeout": Value("5min", "rfc5321 client_types.rs rcpt_to_timeout"),
        "smtp_rset_timeout": Value("5s", "rfc5321 client_types.rs rset_timeout"),
        "smtp_data_init_timeout": Value("5min", "rfc5321 client_types.rs data_timeout"),
        "smtp_data_done_timeout": Value("5min", "rfc5321 client_types.rs data_dot_timeout"),
        "message_size_limit": Value("20 MiB", "start_esmtp_listener max_message_size"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits."""
        return Spaced(settings, lambda n: 1200.0 * (2**n - 1), gives_up_early=True)
