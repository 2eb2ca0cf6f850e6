"""Exchange Server 2016 and 2019."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, Said, receiver, said

__all__ = ["Exchange"]


@receiver("exchange-2019")
class Exchange(Receiver):
    """Exchange Server: twenty connections of one source, 600 messages in a minute (edge).

    Source: Microsoft, Message rate limits and throttling (Exchange Server).

    Example::

        receiver: exchange-2019
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(20, "MaxInboundConnectionPerSource"),
        "ip_rate": Number("600/min", "MessageRateLimit of an Edge Transport server"),
        "ip_burst": Number(600, "assumption: the limit counts by the minute"),
    }
    replies: ClassVar[dict[str, Said]] = {
        "connections": said(
            421,
            "4.3.2",
            "Exchange receive connectors",
            "The maximum number of concurrent connections has exceeded a limit, "
            "closing transmission channel",
        ),
        "ip": said(
            421,
            "4.4.2",
            "Exchange receive connectors",
            "Message submission rate for this client has exceeded the configured limit",
        ),
    }
