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
        "message_size_limit": Value("20 MiB", "start_esmtp_listener max_message_size"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits."""
        return Spaced(settings, lambda n: 1200.0 * (2**n - 1), gives_up_early=True)
