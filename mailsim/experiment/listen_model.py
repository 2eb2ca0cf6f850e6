"""The ports of a host and the people who may authenticate, as a user writes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mailsim.experiment.keys import Count, Flag, Model, TlsOrImplicit
from mailsim.experiment.quantities import Duration
from mailsim.smtp.server_config import DEFAULT_EXTENSIONS

__all__ = ["Listen", "Mechanism", "User", "ports"]

Mechanism = Literal["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"]


def ports(value: object) -> object:
    """Take a port in quotes for a number: JSON has no other keys."""
    if not isinstance(value, dict):
        return value
    numbers = [int(k) if isinstance(k, str) and k.isdecimal() else k for k in value]
    double = next((port for i, port in enumerate(numbers) if port in numbers[:i]), None)
    if double is not None:
        raise ValueError(f"port {double} is there twice")
    return dict(zip(numbers, value.values(), strict=True))


class Listen(Model):
    """A port a host listens on; 587 and 465 are submission: encrypted and authenticated.

    Attributes
    ----------
    tls
        Whether STARTTLS is offered (may) or demanded (encrypt), or TLS comes before everything
        else (implicit, as on 465 unless said).
    tls_protocol
        Which it speaks; TLS 1.3 takes a round trip, TLS 1.2 two.
    auth
        Whether AUTH is offered (optional) or demanded (required).
    mechanisms
        SASL mechanisms offered.
    extensions
        ESMTP extensions offered, in the order of the EHLO reply.
    limits
        MAILMAX, RCPTMAX and RCPTDOMAINMAX of a session (RFC 9422).
    deliver_by_min
        Least time that DELIVERBY may ask for (RFC 2852).
    lmtp
        Speak LMTP (RFC 2033) instead of SMTP.
    """

    tls: TlsOrImplicit | None = None
    tls_protocol: Literal["TLSv1.2", "TLSv1.3"] = "TLSv1.3"
    auth: Literal["none", "optional", "required"] | None = None
    mechanisms: list[Mechanism] = Field(default=["PLAIN", "LOGIN"])
    extensions: list[str] = Field(default_factory=lambda: list(DEFAULT_EXTENSIONS))
    limits: dict[Literal["MAILMAX", "RCPTMAX", "RCPTDOMAINMAX"], Count] = Field(
        default_factory=dict
    )
    deliver_by_min: Duration = 0
    lmtp: Flag = False


class User(Model):
    """Somebody who may authenticate.

    Attributes
    ----------
    password
        In clear; it stands in transcripts.
    """

    password: str
