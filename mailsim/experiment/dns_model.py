"""How names are looked up, as a user writes it."""

from __future__ import annotations

from pydantic import Field

from mailsim.dns import ResolverSettings
from mailsim.experiment.keys import Count, Flag, Model
from mailsim.experiment.quantities import PositiveDuration, Size

__all__ = ["Dns"]

_DEFAULT = ResolverSettings()


class Dns(Model):
    """How the resolvers of all hosts ask.

    Attributes
    ----------
    timeout
        How long to wait for an answer before the next name server is asked.
    attempts
        How often each name server of a zone is asked at most.
    udp_size
        Larger answers are asked for again over TCP.
    delegation
        Begin at the root zone and follow NS records down; else every resolver knows the
        name servers of each zone.
    signed
        Zones whose answers resolvers can validate (DNSSEC), for DANE.
    """

    timeout: PositiveDuration = _DEFAULT.timeout_ns
    attempts: Count = _DEFAULT.attempts
    udp_size: Size = _DEFAULT.udp_size_bytes
    delegation: Flag = _DEFAULT.is_delegated

    signed: list[str] = Field(default_factory=list)

    def settings(self) -> ResolverSettings:
        """Return it as resolvers take it."""
        return ResolverSettings(self.timeout, self.attempts, self.udp_size, self.delegation)
