"""What a relay demands of the TLS of each destination: levels, DANE (RFC 7672), MTA-STS (RFC 8461).

Postfix TLS_README; ``smtp_tls_security_level``, ``smtp_tls_policy_maps``.  Asked once for each
connection, by relays that demand more than one level of everybody.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from simpy import Event

from mailsim.dns import SERVFAIL
from mailsim.mta.auth.certificate import problem_by_dane, problem_by_name, usable_tlsa
from mailsim.mta.auth.mta_sts import StsPolicy
from mailsim.mta.settings import Settings
from mailsim.sim.resolver import Resolver
from mailsim.sim.sts_fetch import StsFetcher
from mailsim.sim.world import World
from mailsim.smtp import ClientConfig, Reply

__all__ = ["Plan", "Secured", "Security", "base_level"]

_DANE = ("dane", "dane-only")


def base_level(level: str) -> str:
    """Return what a level is where the DNS has nothing to say about it."""
    return "may" if level in _DANE else level


class Plan(NamedTuple):
    """What is demanded of the hosts of one destination.

    Attributes
    ----------
    level : str
        ``none``, ``may``, ``encrypt``, ``dane`` or ``dane-only``.
    domain : str
        The destination, if exchangers were looked up; else empty.
    policy : StsPolicy or None
        If it is to be enforced.
    """

    level: str
    domain: str
    policy: StsPolicy | None


class Secured(NamedTuple):
    """How to talk to one host.

    Attributes
    ----------
    config : ClientConfig
    problem : Reply or None
        What will be found wrong with the server's certificate.
    """

    config: ClientConfig
    problem: Reply | None


class Security:
    """The TLS policy of one relay.

    Parameters
    ----------
    world : World
    host : str
    settings : Settings
    config : ClientConfig
        What it says besides.
    """

    def __init__(self, world: World, host: str, settings: Settings, config: ClientConfig) -> None:
        self._world = world
        self._level = settings.smtp_tls_security_level
        self._levels: Mapping[str, str] = settings.smtp_tls_policy_maps
        self._resolver = Resolver.of(world, host)
        self._fetcher = StsFetcher(world, host, self._resolver)
        self._configs = {level: replace(config, tls=level) for level in ("none", "may", "encrypt")}

    @classmethod
    def of(
        cls, world: World, host: str, settings: Settings, config: ClientConfig
    ) -> Security | None:
        """Return the policy of a host, or None if one level holds for all and nothing is asked."""
        if settings.smtp_tls_security_level in _DANE or settings.smtp_tls_policy_maps:
            return cls(world, host, settings, config)
        return None

    def plan(self, destination: str, number: int) -> Generator[Event, Any, Plan]:
        """Return what is demanded of a destination.

        Parameters
        ----------
        destination : str
            A domain, or ``[host]``.
        number : int
            Number of the asking process.
        """
        name = destination.strip("[]")
        domain = "" if destination.startswith("[") else destination
        level = self._level_of(name)
        if level != "mta-sts":
            return Plan(level, domain, None)
        policy = None
        if domain:
            policy = yield from self._fetcher.policy(domain, number)
            if policy is not None and policy.mode != "enforce":
                policy = None
        return Plan(self._level, domain, policy)

    def _level_of(self, name: str) -> str:
        """Return the level for a destination: its own, that of a domain above, ``*``, or ours."""
        levels, above = self._levels, name
        if name in levels:
            return levels[name]
        while "." in above:
            above = above.partition(".")[2]
            if f".{above}" in levels:
                return levels[f".{above}"]
        return levels.get("*", self._level)

    def toward(
        self, plan: Plan, name: str, target: str, number: int
    ) -> Generator[Event, Any, Secured | Reply]:
        """Return how to talk to a host, or why not to.

        Parameters
        ----------
        plan : Plan
            That of the destination.
        name : str
            Of the exchanger.
        target : str
            The host that has its address; may be empty.
        number : int
            Number of the asking process.
        """
        level = plan.level
        if level in _DANE:
            found = yield from self._dane(plan, name, target, number)
            if found is not None:
                return found
            level = "may"
        if plan.policy is not None:
            if not plan.policy.allows(name):
                return _refusal(f"{name} is not in the MTA-STS policy of {plan.domain}")
            certificate, has_expired = self._certificate(target)
            problem = problem_by_name(certificate, name, has_expired=has_expired)
            return self._secured(problem)
        return Secured(self._configs[level], None)

    def _dane(
        self, plan: Plan, name: str, target: str, number: int
    ) -> Generator[Event, Any, Secured | Reply | None]:
        """Return what TLSA records demand, if there are any."""
        is_strict, world = plan.level == "dane-only", self._world
        if not world.is_signed(name) or (plan.domain and not world.is_signed(plan.domain)):
            return _refusal(f"non DNSSEC destination: {name}") if is_strict else None
        answer = yield from self._resolver.answer(f"_25._tcp.{name}", "TLSA", number)
        if answer.status == SERVFAIL:
            return _refusal(f"TLSA lookup error for {name}:25")
        records = usable_tlsa(answer.data)
        if records:
            certificate, has_expired = self._certificate(target)
            return self._secured(
                problem_by_dane(certificate, name, records, has_expired=has_expired)
            )
        if is_strict:
            return _refusal(f"no usable TLSA records for {name}:25")
        return self._secured("") if answer.data else None

    def _certificate(self, target: str) -> tuple[Any, bool]:
        return self._world.certificate(target), self._world.machines[target].n_expired > 0

    def _secured(self, problem: str) -> Secured:
        return Secured(self._configs["encrypt"], _refusal(problem) if problem else None)


def _refusal(text: str) -> Reply:
    return Reply(450, (text,), "4.7.5", is_ours=True)
