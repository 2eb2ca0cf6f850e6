"""Next hops in a scenario: what of a host's transport map, smarthost and relay domains is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailsim.errors import Problem
from mailsim.experiment.model import Host, Scenario
from mailsim.message import domain_of, is_address
from mailsim.message.address import is_domain
from mailsim.mta.nowhere import NOWHERE, is_nowhere, said_nowhere
from mailsim.mta.routing import Routing, covers, routing_of
from mailsim.spelling import nearest

__all__ = ["check_routing", "host_routing"]

Where = tuple[str | int, ...]
_USUAL = ("", "smtp", "relay")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PORT = re.compile(r"[0-9]+")
_LONGEST = 400


def host_routing(host: Host) -> Routing:
    """Return the routing of a host."""
    postfix = host.postfix
    routes = {**postfix.transport_maps, **host.route}
    return routing_of(routes, postfix.relayhost, postfix.recipient_delimiter)


def check_routing(scenario: Scenario, name: str) -> Iterator[Problem]:
    """Give all that is wrong with where a host sends mail."""
    host, where, directory = scenario.hosts[name], ("hosts", name), scenario.directory
    postfix = host.postfix
    maps: list[tuple[Where, dict[str, str]]] = [
        ((*where, "route"), host.route),
        ((*where, "postfix", "transport_maps"), postfix.transport_maps),
    ]
    for place, routes in maps:
        for key, written in routes.items():
            yield from _key(key, (*place, key))
            if is_nowhere(written):
                yield from _reason(written, (*place, key))
                continue
            yield from _ending_here(scenario, name, key, (*place, key))
            transport, colon, rest = written.partition(":")
            has_transport = colon and (transport in host.transports or transport in _USUAL)
            hop = rest if has_transport else written
            if (
                _NAME.fullmatch(transport)
                and colon
                and not has_transport
                and (not _PORT.fullmatch(rest))
            ):
                known = [*_USUAL[1:], *NOWHERE, *host.transports]
                message = f"unknown transport {transport!r}: known are {', '.join(known)}"
                yield Problem((*place, key), message, nearest(transport, known))
            elif hop or not has_transport:
                yield from _hop(scenario, hop, "next hop", (*place, key))
    first: dict[str, Where] = {}
    for place, routes in reversed(maps):
        for key in routes:
            before = first.setdefault(key.lower(), (*place, key))
            if before != (*place, key):
                message = f"{key} is in {before[-2]}, too; expected one of them"
                if before[:-1] == place:
                    message = f"{key} is the same as {before[-1]} before; expected one of them"
                yield Problem((*place, key), message, on_key=True)
    if postfix.relayhost:
        yield from _hop(scenario, postfix.relayhost, "relayhost", (*where, "postfix", "relayhost"))
    for i, hop in enumerate(postfix.smtp_fallback_relay):
        place = (*where, "postfix", "smtp_fallback_relay", i)
        yield from _hop(scenario, hop, "fallback relay", place)
    for i, domain in enumerate(postfix.relay_domains):
        place = (*where, "postfix", "relay_domains", i)
        if not directory.is_mail_domain(domain.lower()) and not directory.is_unsure(domain.lower()):
            message = f"unknown domain {domain!r}: no zone has its MX"
            yield Problem(place, message, nearest(domain, directory.mail_domains))
    for i, domain in enumerate(host.domains or ()):
        if covers([d.lower() for d in postfix.relay_domains], domain.lower()):
            message = f"{domain} is of relay_domains, too; its mail ends here or goes on, not both"
            yield Problem((*where, "domains", i), message)


def _key(key: str, where: Where) -> Iterator[Problem]:
    is_known = key == "*" or is_address(key) or is_domain(key.removeprefix("."))
    if not is_known:
        message = f"expected a domain, .domain, an address or * of recipients, got {key!r}"
        yield Problem(where, message, on_key=True)


def _reason(written: str, where: Where) -> Iterator[Problem]:
    """Give what is wrong with an entry that leads nowhere."""
    said = said_nowhere(written)
    assert said is not None
    transport, _, reason = written.partition(":")
    if not (reason.isascii() and reason.isprintable()) or len(reason) > _LONGEST:
        message = f"expected a reason of at most {_LONGEST} printable ASCII characters after "
        yield Problem(where, f"{message}{transport}:, got {reason!r}")
    elif said.enhanced and int(said.enhanced[0]) != said.code // 100:
        is_put_off = said.enhanced[0] == "4" and transport == "error"
        message = f"{transport}: takes codes of class {said.code // 100}, got {said.enhanced}"
        yield Problem(where, message, f"retry:{reason}" if is_put_off else "")


def _ending_here(scenario: Scenario, name: str, key: str, where: Where) -> Iterator[Problem]:
    """Give an entry that has no effect, because its mail is not sent on."""
    domain = domain_of(key.lower()) if "@" in key else key.lower()
    if domain in scenario.directory.final_domains(name):
        message = f"no effect: mail for {domain} ends at {name}; only error:, retry: and discard: "
        yield Problem(where, f"{message}come before that", on_key=True)


def _hop(scenario: Scenario, hop: str, what: str, where: Where) -> Iterator[Problem]:
    directory = scenario.directory
    target = hop.strip("[]").lower()
    if hop.lower() not in (target, f"[{target}]") or not target:
        message = f"expected a domain or [host], got {hop!r}"
        yield Problem(where, message, f"[{target}]" if is_domain(target) else "")
    elif ":" in target or target.replace(".", "").isdecimal():
        message = (
            f"expected a domain or [host] as {what}, got {hop!r}: mail goes to port 25 of "
            "a host by name"
        )
        yield Problem(where, message)
    elif (
        directory.host_of(target) is None
        and target not in directory.mx_targets
        and not directory.is_unsure(target)
    ):
        hint = nearest(target, scenario.hosts)
        yield Problem(where, f"{what} {hop!r} is no known host", hint)
