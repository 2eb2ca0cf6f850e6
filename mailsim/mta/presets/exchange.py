"""Exchange Server 2016 and 2019."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Exchange"]


@preset("exchange")
class Exchange(Preset):
    """Exchange: every 15 minutes for 2 days.

    Source: Microsoft, TransportServer.MessageRetryInterval (15 minutes) and Set-TransportService.

    Example::

        preset: exchange
    """

    values: ClassVar[dict[str, Value]] = {
        "maximal_queue_lifetime": Value("2d", "Set-TransportService MessageExpirationTimeout"),
        "bounce_queue_lifetime": Value("2d", "Set-TransportService MessageExpirationTimeout"),
        "default_destination_concurrency_limit": Value(
            20, "Set-TransportService MaxPerDomainOutboundConnections"
        ),
        "default_process_limit": Value(1000, "Set-TransportService MaxOutboundConnections"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits."""
        return Spaced(settings, lambda n: 900.0 * n)
