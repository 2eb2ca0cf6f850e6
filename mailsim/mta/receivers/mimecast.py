"""Mimecast."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, receiver

__all__ = ["Mimecast"]


@receiver("mimecast")
class Mimecast(Receiver):
    """Mimecast: ten connections, a hundred messages in each.

    Source: KumoMTA shaping.toml, numbers "provided directly by Mimecast".

    Example::

        receiver: mimecast
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(10, "KumoMTA shaping.toml: provided directly by Mimecast"),
        "messages_per_connection": Number(100, "the same"),
    }
