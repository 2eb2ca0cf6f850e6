"""A certificate that nobody has renewed in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.sim.faults import fault
from mailsim.sim.faults._of_host import HostFault

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["ExpiredCertificate"]


@fault("expired_certificate")
class ExpiredCertificate(HostFault):
    """Let the certificate of a mail host be out of date.

    Mail clients refuse it at the handshake, and keep their mail until it is renewed.  Relays do
    not look at it: with ``smtp_tls_security_level`` ``may`` and ``encrypt`` they take any.

    Source: RFC 8314 section 4.4 (clients check the certificate), RFC 5280 section 6.1.3; Postfix
    TLS_README, "Opportunistic TLS" and "Mandatory TLS encryption": certificates are not checked.

    Example::

        expired_certificate: mx1.example.org
        at: 10s
        for: 30s

    Parameters
    ----------
    host : str
    """

    kind = "TLS host"

    def begin(self, world: World) -> None:
        """Let it expire."""
        world.machines[self.host].n_expired += 1

    def end(self, world: World) -> None:
        """Renew it."""
        world.machines[self.host].n_expired -= 1
