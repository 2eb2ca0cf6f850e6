"""Stalwart's defaults."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, Said, receiver, said

__all__ = ["Stalwart"]


@receiver("stalwart-2026-11")
class Stalwart(Receiver):
    """Stalwart: five messages in a second of one address, 25 in an hour of one sender to a mailbox.

    Source: Stalwart's default inbound throttles.

    Example::

        receiver: stalwart-2026-11
    """

    numbers: ClassVar[dict[str, Number]] = {
        "ip_rate": Number("5/s", "queue.limiter.inbound, by remote_ip"),
        "ip_burst": Number(5, "the same: counted by the second"),
        "pair_rate": Number(
            "25/h", "queue.limiter.inbound, by sender_domain and rcpt; here by sender"
        ),
        "pair_burst": Number(25, "the same: counted by the hour"),
    }
    replies: ClassVar[dict[str, Said]] = {
        "ip": said(
            452,
            "4.4.5",
            "Stalwart smtp; the code is an assumption",
            "Rate limit exceeded, try again later.",
        ),
        "pair": said(
            452,
            "4.4.5",
            "Stalwart smtp; the code is an assumption",
            "Rate limit exceeded, try again later.",
        ),
    }
