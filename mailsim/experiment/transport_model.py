"""Further delivery transports of a mail host, as in master(5) and transport(5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mailsim.experiment.keys import Count, Model
from mailsim.experiment.quantities import Duration, RateOr0
from mailsim.mta.settings import Settings

__all__ = ["Transport", "transport_settings"]


class Transport(Model):
    """A delivery transport; what is not given is that of the host's ``postfix``.

    Attributes
    ----------
    maxproc
        Its delivery agents.
    destination_concurrency_limit
        Deliveries to one destination at a time.
    initial_destination_concurrency
        The same at first.
    destination_recipient_limit
        Recipients of one message in one delivery.
    destination_rate_delay
        Time between deliveries to a destination, which are then serial.
    transport_rate_delay
        Time between all its deliveries.
    destination_message_rate, destination_message_burst
        Deliveries to a destination that may start in a second, and at once after a pause.
    """

    maxproc: Count | None = None
    destination_concurrency_limit: Count | None = None
    initial_destination_concurrency: Count | None = None
    destination_recipient_limit: Count | None = None
    destination_rate_delay: Duration | None = None
    transport_rate_delay: Duration | None = None
    destination_message_rate: RateOr0 | None = None
    destination_message_burst: Count | None = None


_NAMES = {
    "maxproc": "default_process_limit",
    "initial_destination_concurrency": "initial_destination_concurrency",
}


def transport_settings(settings: Settings, transport: Transport) -> Settings:
    """Return the settings of a host as they hold for a transport."""
    given: dict[str, Any] = {
        _NAMES.get(name, f"default_{name}"): value
        for name in Transport.model_fields
        if (value := getattr(transport, name)) is not None
    }
    return replace(settings, **given)
