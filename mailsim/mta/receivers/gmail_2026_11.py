"""Gmail, as known in November 2026."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, Said, receiver, said, standing

__all__ = ["Gmail"]

_ERRORS = "knowledge.workspace.google.com, Gmail SMTP errors and codes"
_LIMITS = "support.google.com/a/answer/1366776, receiving limits"
_SPAM = "To protect our users from spam, mail sent from it has been temporarily rate limited."


@receiver("gmail-2026-11")
class Gmail(Receiver):
    """Gmail: 421 4.7.28 after a message too many, 450 4.2.1 for a mailbox that gets too much.

    Source: Google's pages of error codes, sender guidelines and receiving limits; that 4.7.28
    answers the end of DATA: list mailop, message 20199.  Its rates are not published.

    Example::

        receiver: {gmail-2026-11: {ip_rate: 40/s, new: [mx1.example.org]}}
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(20, "assumption: Postfix's default gets through"),
        "ip_rate": Number("20/s", "assumption"),
        "ip_burst": Number(200, "assumption: ten seconds of it"),
        "network_rate": Number("100/s", "assumption: five addresses"),
        "network_burst": Number(1000, "assumption: ten seconds of it"),
        "domain_rate": Number("50/s", "assumption"),
        "domain_burst": Number(500, "assumption: ten seconds of it"),
        "mailbox_rate": Number("60/min", _LIMITS),
        "mailbox_burst": Number(60, f"{_LIMITS}: per minute"),
        **standing("support.google.com/a/answer/81126, sender guidelines"),
    }
    replies: ClassVar[dict[str, Said]] = {
        "connections": said(421, "4.7.0", _ERRORS, "Try again later, closing connection."),
        "ip": said(
            *(421, "4.7.28", _ERRORS),
            "Gmail has detected an unusual rate of unsolicited mail originating",
            f"from your IP address [{{address}}]. {_SPAM}",
        ),
        "network": said(
            *(421, "4.7.28", _ERRORS),
            "Gmail has detected an unusual rate of unsolicited mail originating",
            f"from your IP Netblock [{{address}}]. {_SPAM}",
        ),
        "domain": said(
            *(421, "4.7.28", _ERRORS),
            "Gmail has detected an unusual rate of unsolicited mail originating",
            f"from your SPF domain [{{domain}}]. {_SPAM}",
        ),
        "quota": said(
            *(421, "4.7.28", "the code is Gmail's, the words are an assumption"),
            "Gmail has detected an unusual rate of mail originating",
            f"from your IP address [{{address}}] with low reputation. {_SPAM}",
        ),
        "mailbox": said(
            *(450, "4.2.1", _ERRORS),
            "The user you are trying to contact is receiving email too quickly.",
            "Please resend your message at a later time.",
        ),
    }
    judges_at: ClassVar[str] = "message"
