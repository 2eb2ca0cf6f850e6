"""From a destination to the hosts to try: MX and address lookups (RFC 5321 section 5.1)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from mailsim.dns import NXDOMAIN, SERVFAIL, Answer, order_mx, without_own
from mailsim.sim.resolver import Resolver
from mailsim.sim.world import World
from mailsim.smtp import Reply

__all__ = ["NextHop"]


class NextHop:
    """Finds where to connect to, for one host.

    Parameters
    ----------
    world : World
    host : str

    Attributes
    ----------
    resolver : Resolver
    """

    def __init__(self, world: World, host: str) -> None:
        self._host = host
        self.resolver = Resolver(world, host)
        self._random = world.streams[f"mx/{host}"].uniform

    def resolve(
        self, destination: str, number: int
    ) -> Generator[Event, Any, list[tuple[str, str]] | Reply]:
        """Return the hosts to try in order, or the reply that the lookup amounts to.

        Parameters
        ----------
        destination : str
            A domain, or ``[host]`` to skip the MX lookup.
        number : int
            Number of the asking process.

        Returns
        -------
        list of (str, str), or Reply
            Names and addresses; 4yz when the answer may be another one later, else 5yz.
        """
        resolver = self.resolver
        names = [destination.strip("[]")]
        if not destination.startswith("["):
            answer = resolver.cached(destination, "MX")
            if answer is None:
                answer = yield from resolver.ask(destination, "MX", number)
            if answer.status in (NXDOMAIN, SERVFAIL):
                return _failure(destination, "MX", answer)
            records = list(answer.data)
            if records == [(0, "")]:
                text = f"Domain {destination} does not accept mail (nullMX)"
                return Reply(556, (text,), "5.1.10", is_ours=True)
            if records:  # none: the domain itself, an implicit MX
                usable = without_own(records, self._host)
                if not usable:
                    text = f"mail for {destination} loops back to myself"
                    return Reply(554, (text,), "5.4.6", is_ours=True)
                names = [target for _, target in order_mx(usable, self._random)]
        hosts: list[tuple[str, str]] = []
        for name in names:
            answer = resolver.cached(name, "A")
            if answer is None:
                answer = yield from resolver.ask(name, "A", number)
            hosts += [(name, address) for address in answer.data]
        assert answer is not None
        return hosts or _failure(names[0], "A", answer)


def _failure(name: str, type: str, answer: Answer) -> Reply:
    text = f"Host or domain name not found. Name service error for name={name} type={type}"
    if answer.status == SERVFAIL:
        return Reply(451, (f"{text}: Host not found, try again",), "4.4.3", is_ours=True)
    return Reply(550, (f"{text}: Host not found",), "5.4.4", is_ours=True)
