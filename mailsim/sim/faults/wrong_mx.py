"""An MX record that points to the wrong host."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.dns import Answer
from mailsim.options import options_of
from mailsim.sim.faults import Fault, Target, fault
from mailsim.sim.faults._options import name_of

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["WrongMx"]

_EXAMPLE = "{domain: example.net, to: mx.example.org}"


@fault("wrong_mx")
class WrongMx(Fault):
    """Let the zone of a domain have one wrong MX record instead of its own, with their TTL.

    Who asks meanwhile believes it until the TTL is over, even after the fault.  A host that knows
    nothing of the domain refuses its mail (554 relay access denied), so it comes back.

    Source: RFC 5321 section 5.1; RFC 1034 section 3.6 (what was cached lives for its
    TTL); mistakes in zones: RFC 1912 section 2.

    Example::

        wrong_mx: {domain: example.net, to: relay.example.org}
        at: 10s
        for: 30s

    Parameters
    ----------
    domain, to : str
        A mail domain, and the mail host that its MX points to.
    """

    def __init__(self, domain: str, to: str) -> None:
        self.domain = domain
        self.to = to
        self._right: list[Answer | None] = []

    @classmethod
    def from_options(cls, options: object) -> WrongMx:
        """Return the fault for ``{domain: ..., to: ...}``."""
        known = {"domain": name_of, "to": name_of}
        found = options_of("wrong_mx", options, known, _EXAMPLE)
        if set(found) != set(known):
            raise ValueError(f"expected {_EXAMPLE}, got {options!r}")
        return cls(found["domain"].lower(), found["to"])

    def targets(self) -> Iterable[Target]:
        """Return the domain and the host."""
        return (Target("mail domain", (self.domain,)), Target("mail host", (self.to,)))

    def begin(self, world: World) -> None:
        """Write the wrong record."""
        self._right = []
        for server in world.name_servers.values():
            right = server.authority.replace(self.domain, "MX", ((10, self.to),))
            self._right.append(right)

    def end(self, world: World) -> None:
        """Write the right ones again."""
        for server, right in zip(world.name_servers.values(), self._right, strict=True):
            if right is not None:
                server.authority.replace(self.domain, "MX", right.data)
