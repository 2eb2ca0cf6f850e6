"""Comcast, as known in November 2026."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.receivers import Number, Receiver, receiver

__all__ = ["Comcast"]


@receiver("comcast-2026-11")
class Comcast(Receiver):
    """Comcast: 25 connections, a thousand messages in each.

    Source: KumoMTA shaping.toml, numbers "provided directly by Comcast".

    Example::

        receiver: comcast-2026-11
    """

    numbers: ClassVar[dict[str, Number]] = {
        "connections_per_ip": Number(25, "KumoMTA shaping.toml: provided directly by Comcast"),
        "messages_per_connection": Number(1000, "the same"),
    }
