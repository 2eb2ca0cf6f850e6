"""Fetching MTA-STS policies over simulated HTTPS: TCP, TLS, one request (RFC 8461 section 3.3)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from mailsim.mta.auth.certificate import problem_by_name
from mailsim.mta.auth.mta_sts import FETCH_TIMEOUT_NS, StsCache, StsPolicy, sts_id
from mailsim.sim.clock import SECOND
from mailsim.sim.resolver import Resolver
from mailsim.sim.tls import handshake_of
from mailsim.sim.world import World

__all__ = ["StsFetcher"]

_REQUEST_BYTES = 100
"""GET, Host, User-Agent (assumption); the path alone has 27."""
_RESPONSE_BYTES = 200
"""Status line and headers (assumption)."""


class StsFetcher:
    """The MTA-STS policies that one host knows.

    A fetch under way is shared by all who want it.

    Parameters
    ----------
    world : World
    host : str
    resolver : Resolver
        That of the host.
    """

    def __init__(self, world: World, host: str, resolver: Resolver) -> None:
        self._world = world
        self._host = host
        self._resolver = resolver
        self._cache = StsCache()
        self._under_way: dict[str, Event] = {}

    def policy(self, domain: str, number: int) -> Generator[Event, Any, StsPolicy | None]:
        """Return the policy that holds for mail to a domain now, or None.

        Parameters
        ----------
        domain : str
        number : int
            Number of the asking process.
        """
        env = self._world.env
        answer = yield from self._resolver.answer(f"_mta-sts.{domain}", "TXT", number)
        while (under_way := self._under_way.get(domain)) is not None:
            yield under_way
        version = sts_id(answer.data)
        if self._cache.needs(domain, version, env.now):
            done = self._under_way[domain] = env.event()
            policy = yield from self._fetch(domain, number)
            self._cache.put(domain, version, policy, env.now)
            del self._under_way[domain]
            done.succeed()
        return self._cache.get(domain, env.now)

    def _fetch(self, domain: str, number: int) -> Generator[Event, Any, StsPolicy | None]:
        world, name, asked_ns = self._world, f"mta-sts.{domain}", self._world.env.now
        answer = yield from self._resolver.answer(name, "A", number)
        if not answer.data:
            return None
        target = world.hosts_at.get(answer.data[0], "")
        policy, status, ends_ns = self._get(target, domain, world.env.now)
        yield world.at(ends_ns, number)
        ttl_ns = 0 if policy is None else policy.max_age_s * SECOND
        elapsed_ns = ends_ns - asked_ns
        row = (asked_ns, self._host, name, "MTA-STS", target or "none", status, elapsed_ns)
        world.log.lookups.append((*row, int(policy is not None), ttl_ns))
        return policy

    def _get(self, target: str, domain: str, t: int) -> tuple[StsPolicy | None, str, int]:
        """Return the policy, how the request ends, and when (ns)."""
        world = self._world
        if not target or not world.network.reaches(self._host, target):
            return None, "timeout", t + FETCH_TIMEOUT_NS
        path = world.network.path(self._host, target)
        t += 2 * path.latency_ns
        served = world.sts_policies.get(target)
        if served is None:
            return None, "refused", t
        for up, down in handshake_of("TLSv1.3", is_resumed=False).flights:
            t += path.flight_ns(up) + path.flight_ns(down)
        has_expired = world.machines[target].n_expired > 0
        name = f"mta-sts.{domain}"
        if problem_by_name(world.certificate(target), name, has_expired=has_expired):
            return None, "certificate", t
        policy = served.get(domain)
        size = _RESPONSE_BYTES + (0 if policy is None else len(policy.text()))
        t += path.flight_ns(_REQUEST_BYTES) + path.flight_ns(size)
        return policy, "404" if policy is None else "200", t
