"""Microsoft's Outlook.com and Microsoft 365, as known in November 2026."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, Said, receiver, said, standing

__all__ = ["Microsoft"]

_LIMITS = "Exchange Online limits, Message Center MC272450"
_NDR = "Microsoft's NDR codes; 554 is an assumption"
_SLOW = said(
    *(451, "4.7.650", "seen in May 2026: forum.directadmin.com, thread 82240"),
    "The mail server [{address}] has been temporarily rate limited due to IP reputation. "
    "For e-mail delivery information, see https://aka.ms/postmaster (S775)",
)


@receiver("microsoft-2026-11")
class Microsoft(Receiver):
    """Microsoft: 451 4.7.650 at MAIL, and limits of an hour for each mailbox.

    Source: postmaster policies of Outlook.com (connections), Exchange Online limits (mailboxes),
    NDR codes.  What brings 4.7.650 is not published.

    Example::

        receiver: {microsoft-2026-11: {ip_rate: 10/s, connections_per_ip: 20}}
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(500, "Outlook.com postmaster policies: at most 500"),
        "messages_per_connection": Number(50, "assumption: KumoMTA shaping.toml keeps to that"),
        "ip_rate": Number("20/s", "assumption"),
        "ip_burst": Number(200, "assumption: ten seconds of it"),
        "mailbox_rate": Number("3600/h", _LIMITS),
        "mailbox_burst": Number(60, "assumption: a minute of it"),
        "pair_rate": Number("1200/h", f"{_LIMITS}: 33% of 3600"),
        "pair_burst": Number(20, "assumption: a minute of it"),
        **standing("assumption: the same as Gmail and Yahoo"),
    }
    replies: ClassVar[dict[str, Said]] = {
        "connections": said(
            *(421, "4.3.2", "Exchange receive connectors"),
            "The maximum number of concurrent connections has exceeded a limit, "
            "closing transmission channel",
        ),
        "ip": _SLOW,
        "quota": _SLOW,
        "mailbox": said(
            *(554, "5.2.122", _NDR),
            "The recipient has exceeded their limit for the number of messages "
            "they can receive per hour.",
        ),
        "pair": said(
            *(554, "5.2.121", _NDR),
            "The recipient's per hour message receive limit from specific sender exceeded.",
        ),
    }
