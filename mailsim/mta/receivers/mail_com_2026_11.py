"""mail.com."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, receiver

__all__ = ["MailCom"]


@receiver("mail-com-2026-11")
class MailCom(Receiver):
    """mail.com: a hundred messages in a connection.

    Source: KumoMTA shaping.toml, number "provided directly by mail.com".

    Example::

        receiver: mail-com-2026-11
    """

    numbers: ClassVar[dict[str, Number]] = {
        "messages_per_connection": Number(
            100, "KumoMTA shaping.toml: provided directly by mail.com"
        ),
    }
