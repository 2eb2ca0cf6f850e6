"""A server that somebody runs for a few domains."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, Said, receiver, said

__all__ = ["SelfHosted"]


@receiver("self-hosted")
class SelfHosted(Receiver):
    """A server of one's own: five connections for each client.

    Source: zotonic issue 993: five connections per client are commonly tolerated.

    Example::

        receiver: self-hosted
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(5, "github.com/zotonic/zotonic/issues/993"),
    }
    replies: ClassVar[dict[str, Said]] = {
        "connections": said(
            421, "4.7.0", "Postfix smtpd(8)", "Error: too many connections from {address}"
        ),
    }
