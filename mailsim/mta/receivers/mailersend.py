"""MailerSend's relay."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, receiver

__all__ = ["Mailersend"]


@receiver("mailersend")
class Mailersend(Receiver):
    """MailerSend's relay: five messages in a connection.

    Source: listmonk issue 1518.

    Example::

        receiver: mailersend
    """

    numbers: ClassVar[dict[str, Number]] = {
        "messages_per_connection": Number(5, "github.com/knadh/listmonk/issues/1518"),
    }
