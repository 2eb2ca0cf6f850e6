"""Keys, certificates and policies of a host, as a user writes them; what can be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from mailsim.dns.records import zone_of
from mailsim.errors import Problem
from mailsim.experiment.keys import Flag, Model
from mailsim.experiment.quantities import PositiveDuration
from mailsim.message.address import is_domain
from mailsim.mta.auth.certificate import Certificate as Shown
from mailsim.mta.auth.certificate import tlsa_text
from mailsim.mta.auth.mta_sts import StsPolicy
from mailsim.spelling import nearest

if TYPE_CHECKING:
    from mailsim.experiment.model import Host, Scenario
    from mailsim.sim.world import World

__all__ = ["Certificate", "MtaSts", "Selector", "add_security", "check_auth", "check_signed"]

_SECOND = 1_000_000_000
_YEAR_S = 31_557_600
_TLSA = re.compile(r"\s*[0-3]\s+[01]\s+[0-2](\s+[0-9a-fA-F]+)+\s*")
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.I)
Where = tuple[str | int, ...]


def _tlsa(text: str) -> str:
    if not _TLSA.fullmatch(text):
        raise ValueError(f"expected a TLSA record such as '3 1 1 8cb0fc6c', got {text!r}")
    return text


def _selector(text: str) -> str:
    if not _SELECTOR.fullmatch(text):
        raise ValueError(f"expected a DKIM selector such as s2026, got {text!r}")
    return text


Tlsa = Annotated[
    str,
    AfterValidator(_tlsa),
    WithJsonSchema({"type": "string", "pattern": f"^{_TLSA.pattern}$"}),
]
Selector = Annotated[
    str,
    AfterValidator(_selector),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
            r"(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$",
        }
    ),
]


class Certificate(Model):
    """What a host shows in TLS.

    Attributes
    ----------
    names
        Whom it is for; its own name and all that lead to its addresses unless said.
    trusted
        Whether it is of an authority that clients trust.
    tlsa
        TLSA records that it fits, as in a zone file.
    """

    names: list[str] | None = None
    trusted: Flag = True
    tlsa: list[Tlsa] = Field(default_factory=list)


class MtaSts(Model):
    """An MTA-STS policy that a host serves over HTTPS (RFC 8461).

    Attributes
    ----------
    mode
        Whether senders refuse other servers (enforce), just look (testing), or neither.
    mx
        Names of the domain's exchangers; ``*.`` stands for one label.
    max_age
        How long senders keep it: at most 31557600 s.
    """

    mode: Literal["enforce", "testing", "none"]
    mx: list[str] = Field(default_factory=list)
    max_age: PositiveDuration


def check_auth(host: Host, where: Where) -> Iterator[Problem]:
    """Give all that is wrong with a host's keys, certificate and policies."""
    for domain in host.dkim:
        if not is_domain(domain):
            yield Problem(
                (*where, "dkim", domain), f"expected a domain, got {domain!r}", on_key=True
            )
    for domain, policy in host.mta_sts.items():
        place = (*where, "mta_sts", domain)
        if not is_domain(domain):
            yield Problem(place, f"expected a domain, got {domain!r}", on_key=True)
        if policy.max_age > _YEAR_S * _SECOND:
            message = f"expected at most {_YEAR_S} s (RFC 8461 section 3.2)"
            yield Problem((*place, "max_age"), message)
        if policy.mode != "none" and not policy.mx:
            yield Problem(place, f"mode {policy.mode} needs the names of exchangers: mx: [...]")
        for i, name in enumerate(policy.mx):
            if not is_domain(name.removeprefix("*.")):
                message = f"expected a name such as mx1.example.org or *.example.org, got {name!r}"
                yield Problem((*place, "mx", i), message)
    if host.certificate is not None:
        for i, name in enumerate(host.certificate.names or ()):
            if not is_domain(name.removeprefix("*.")):
                message = f"expected a name such as mx1.example.org or *.example.org, got {name!r}"
                yield Problem((*where, "certificate", "names", i), message)
    for domain in host.postfix.smtp_tls_policy_maps:
        if domain != "*" and not is_domain(domain.removeprefix(".")):
            message = f"expected a domain, .domain for all below it, or *, got {domain!r}"
            place = (*where, "postfix", "smtp_tls_policy_maps", domain)
            yield Problem(place, message, on_key=True)


def check_signed(scenario: Scenario) -> Iterator[Problem]:
    """Give the zones that are said to be signed and cannot be validated."""
    origins = {name.lower().removesuffix(".") for name in scenario.zones}
    signed = {name.lower().removesuffix(".") for name in scenario.dns.signed}
    for i, written in enumerate(scenario.dns.signed):
        name = written.lower().removesuffix(".")
        where: Where = ("dns", "signed", i)
        if name not in origins:
            yield Problem(where, f"unknown zone {written!r}", nearest(written, scenario.zones))
        elif (above := _above(name, origins)) is not None and above not in signed:
            message = f"{written} cannot be validated: the zone above it, {above}, is not signed"
            yield Problem(where, message)


def _above(name: str, origins: set[str]) -> str | None:
    return zone_of(name.partition(".")[2], origins) if name else None


def add_security(scenario: Scenario, world: World) -> None:
    """Give a world its signed zones, certificates and policies, if anybody looks at them."""
    parameters = [host.postfix for host in scenario.hosts.values()]
    if not any(p.smtp_tls_policy_maps or "dane" in p.smtp_tls_security_level for p in parameters):
        return
    world.signed = frozenset(name.lower().removesuffix(".") for name in scenario.dns.signed)
    names = _names(scenario, world)
    for name, host in scenario.hosts.items():
        given = host.certificate or Certificate()
        world.certificates[name] = Shown(
            tuple([one.lower() for one in given.names or names[name]]),
            given.trusted,
            tuple(map(tlsa_text, given.tlsa)),
        )
        if host.mta_sts:
            world.sts_policies[name] = {
                domain.lower(): StsPolicy(p.mode, tuple(p.mx), p.max_age // _SECOND)
                for domain, p in host.mta_sts.items()
            }


def _names(scenario: Scenario, world: World) -> dict[str, list[str]]:
    """Return the names that lead to each host: its own, and those of its addresses."""
    directory = scenario.directory
    names = {name: [name] for name in scenario.hosts}
    for name in (*directory.addresses, *directory.addresses6, *directory.aliases):
        for address in directory.all_addresses(directory.canonical(name)):
            found = names.get(world.hosts_at.get(address, ""))
            if found is not None and name not in found:
                found.append(name)
    return names
