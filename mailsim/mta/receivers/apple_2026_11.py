"""Apple's iCloud Mail, as known in November 2026."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, receiver

__all__ = ["Apple"]


@receiver("apple-2026-11")
class Apple(Receiver):
    """iCloud Mail: ten connections, five messages in each.

    Source: KumoMTA shaping.toml; support.apple.com/en-us/102322.

    Example::

        receiver: apple-2026-11
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(10, "KumoMTA shaping.toml, provider_connection_limit"),
        "messages_per_connection": Number(5, "KumoMTA shaping.toml, max_deliveries_per_connection"),
    }
