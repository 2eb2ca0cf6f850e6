"""Orange (France), as known in November 2026."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, receiver

__all__ = ["Orange"]


@receiver("orange-2026-11")
class Orange(Receiver):
    """Orange: two connections, a hundred messages in each.

    Source: KumoMTA shaping.toml (orange.fr); a later version has three connections.

    Example::

        receiver: orange-2026-11
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(2, "KumoMTA shaping.toml, connection_limit"),
        "messages_per_connection": Number(
            100, "KumoMTA shaping.toml, max_deliveries_per_connection"
        ),
    }
