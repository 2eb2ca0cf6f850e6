"""Yahoo, as known in November 2026."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, Said, receiver, said, standing

__all__ = ["Yahoo"]

_DEFERRED = said(
    *(421, "4.7.0", "senders.yahooinc.com, SMTP error codes"),
    "[TSS04] Messages from {address} temporarily deferred due to unexpected volume or user "
    "complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
)


@receiver("yahoo-2026-11")
class Yahoo(Receiver):
    """Yahoo: 20 messages in a connection; 421 4.7.0 [TSS04] at MAIL, then for two hours.

    Source: KumoMTA shaping.toml ("provided by Yahoo directly"), Yahoo's pages of error codes and
    sender requirements.  Its rates are not published.

    Example::

        receiver: {yahoo-2026-11: {cool_down: 4h}}
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(20, "assumption: Postfix's default gets through"),
        "messages_per_connection": Number(20, "KumoMTA shaping.toml: provided by Yahoo directly"),
        "ip_rate": Number("20/s", "assumption"),
        "ip_burst": Number(200, "assumption: ten seconds of it"),
        "cool_down": Number("2h", "assumption: KumoMTA shaping.toml suspends so long on [TSS04]"),
        **standing("Yahoo's sender requirements, the same as Gmail's"),
    }
    replies: ClassVar[dict[str, Said]] = {"ip": _DEFERRED, "quota": _DEFERRED}
