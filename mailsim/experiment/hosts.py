"""The hosts of a scenario: what can be wrong with each, held against the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mailsim.dns.records import zone_of
from mailsim.errors import Problem, UnknownNameError, error_text
from mailsim.experiment.auth_model import check_auth
from mailsim.experiment.directory import normal_name
from mailsim.experiment.expansion import check_expansion
from mailsim.experiment.model import Host, Scenario
from mailsim.experiment.postfix_model import check_postfix
from mailsim.experiment.receivers import check_receiver
from mailsim.experiment.routing import check_routing
from mailsim.message.address import is_domain
from mailsim.mta.nowhere import NOWHERE
from mailsim.smtp.extensions import extensions
from mailsim.smtp.server_config import NEEDED
from mailsim.spelling import nearest

__all__ = ["check_host", "place_of", "place_told"]

_MOST_CLIENTS = 1_000_000
Where = tuple[str | int, ...]


def check_host(scenario: Scenario, name: str) -> Iterator[Problem]:
    """Give all that is wrong with a host."""
    host, where, directory = scenario.hosts[name], ("hosts", name), scenario.directory
    if name != normal_name(name):
        message = f"host {name}: expected small letters and no final dot"
        yield Problem(where, message, normal_name(name), on_key=True)
    elif not name.isascii() or (name in directory.mail_hosts and not is_domain(name)):
        message = f"host {name}: expected letters, digits and hyphens between dots"
        if not name.isascii():
            message += "; write the A-labels (xn--...) of other letters, RFC 5890"
        yield Problem(where, message, on_key=True)
    elif (
        name in directory.mail_hosts
        and not directory.all_addresses(name)
        and not directory.is_unsure(name)
    ):
        origin = zone_of(name, directory.records)
        place = f"zone {origin}" if origin else "any zone"
        yield Problem(where, f"host {name} has no A or AAAA record in {place}", on_key=True)
    origins = [normal_name(origin) for origin in scenario.zones]
    for i, origin in enumerate(host.dns):
        if normal_name(origin) not in origins:
            hint = nearest(origin, scenario.zones)
            yield Problem((*where, "dns", i), f"unknown zone {origin!r}", hint)
    yield from check_routing(scenario, name)
    yield from check_expansion(scenario, name)
    for i, domain in enumerate(host.domains or ()):
        if not directory.is_mail_domain(domain.lower()) and not directory.is_unsure(domain.lower()):
            message = f"unknown domain {domain!r}: no zone has its MX"
            hint = nearest(domain, directory.mail_domains)
            yield Problem((*where, "domains", i), message, hint)
    for i, pattern in enumerate(host.mailboxes):
        if not pattern or "@" in pattern:
            message = f"expected a pattern of local parts such as 'user*', got {pattern!r}"
            yield Problem((*where, "mailboxes", i), message)
    yield from _listeners(host, where)
    yield from _named(host, where)
    if host.when_full == "drop" and host.backlog < 0:
        message = "when_full: no effect, as the backlog is unlimited: it is never full"
        yield Problem((*where, "when_full"), message)
    for named, own in host.transports.items():
        at: Where = (*where, "transports", named)
        limit, initial = own.destination_concurrency_limit, own.initial_destination_concurrency
        if limit is not None and initial is not None and initial > limit:
            message = f"expected at most destination_concurrency_limit, {limit}, got {initial}"
            yield Problem((*at, "initial_destination_concurrency"), message)
        if host.scheduler != "preemptive":
            message = "no effect with this scheduler; set scheduler: preemptive"
            yield Problem(at, f"transport {named}: {message}", on_key=True)
        elif named in ("smtp", "relay", *NOWHERE):
            message = (
                "is Postfix's own, whose parameters stand under postfix; expected another name"
            )
            yield Problem(at, f"transport {named}: {message}", on_key=True)
        elif not named.replace("-", "").replace("_", "").isalnum():
            message = f"expected letters, digits, - and _ in a name, got {named!r}"
            yield Problem(at, message, on_key=True)
    yield from check_postfix(host.postfix, host.scheduler, (*where, "postfix"))
    yield from _policies(scenario, name)
    yield from check_auth(host, where)
    if host.receiver is not None:
        yield from check_receiver(host.receiver, list(scenario.hosts), (*where, "receiver"))
    if host.clients is not None:
        yield from _clients(scenario, name)


def _listeners(host: Host, where: Where) -> Iterator[Problem]:
    for port, listen in (host.listen or {}).items():
        offered = listen.extensions
        for i, name in enumerate(offered):
            place = (*where, "listen", port, "extensions", i)
            try:
                extensions.get(name)
            except UnknownNameError as error:
                yield Problem(place, str(error))
            needed = NEEDED.get(name)
            if needed is not None and needed not in offered:
                yield Problem(place, f"{name} cannot be offered without {needed}")


def _named(host: Host, where: Where) -> Iterator[Problem]:
    from mailsim.mta.presets import presets
    from mailsim.mta.schedulers import schedulers

    named = ((schedulers, host.scheduler, "scheduler"), (presets, host.preset, "preset"))
    for room, name, key in named:
        try:
            if name is not None:
                room.get(name)
        except UnknownNameError as error:
            yield Problem((*where, key), str(error))


def _policies(scenario: Scenario, name: str) -> Iterator[Problem]:
    from mailsim.mta.policies import policies

    for i, item in enumerate(scenario.hosts[name].policies):
        where: Where = ("hosts", name, "policies", i)
        if len(item) != 1:
            yield Problem(where, "expected one policy per list item, such as {greylist: {}}")
            continue
        ((policy, options),) = item.items()
        where = (*where, policy)
        try:
            made = policies.get(policy).from_options(options)
            named = list(made.hosts())
        except UnknownNameError as error:
            yield Problem(where, str(error), on_key=True)
        except Exception as error:  # a class of the user's may raise anything
            text = error_text(error)
            yield Problem((*where, *place_told(policy, text, options)), text)
        else:
            for host in named:
                if host not in scenario.hosts:
                    place = (*where, *place_of(host, options))
                    message = f"{policy}: unknown host {host!r}"
                    yield Problem(place, message, nearest(host, scenario.hosts))


def place_told(name: str, text: str, options: Any) -> Where:
    """Return the way to the option of ``name`` that an error speaks of: ``name: key: ...``."""
    key = text.removeprefix(f"{name}: ").partition(":")[0]
    return (key,) if isinstance(options, dict) and key in options else ()


def place_of(value: object, options: Any) -> Where:
    """Return the way to a value within options; empty if it is not written there."""
    if isinstance(options, list):
        options = dict(enumerate(options))
    for key, inner in options.items() if isinstance(options, dict) else ():
        if inner == value:
            return (key,)
        if below := place_of(value, inner):
            return (key, *below)
    return ()


def _clients(scenario: Scenario, name: str) -> Iterator[Problem]:
    clients, where = scenario.hosts[name].clients, ("hosts", name, "clients")
    assert clients is not None
    if clients.count > _MOST_CLIENTS:
        message = f"expected at most {_MOST_CLIENTS:,} clients, got {clients.count:,}"
        yield Problem((*where, "count"), message)
    server = clients.submit_to
    if server not in scenario.hosts:
        hint = nearest(server, scenario.hosts)
        yield Problem((*where, "submit_to"), f"unknown host {server!r}", hint)
        return
    listen = scenario.listeners(server).get(clients.port)
    if listen is None:
        ports = ", ".join(map(str, scenario.listeners(server)))
        only = f", only on {ports}" if ports else ", nor on any other"
        message = f"{server} does not listen on port {clients.port}{only}"
        yield Problem((*where, "submit_to"), message)
    elif not _have_a_family(scenario, name, server):
        message = f"{name} cannot reach {server}: one has IPv4 addresses only, the other IPv6 only"
        yield Problem((*where, "submit_to"), message)
    elif clients.tls in ("encrypt", "implicit") and listen.tls == "none":
        message = f"expected a port with TLS, got {server}:{clients.port}, which has none"
        yield Problem((*where, "tls"), message)
    elif (clients.tls == "implicit") != (listen.tls == "implicit") and clients.tls is not None:
        message = f"{clients.tls} does not fit {server}:{clients.port}, where TLS is {listen.tls}"
        yield Problem((*where, "tls"), message)
    elif listen.auth == "required" and not scenario.hosts[server].users:
        message = f"{server} requires AUTH on port {clients.port} but has no users"
        yield Problem((*where, "submit_to"), message)


def _have_a_family(scenario: Scenario, name: str, server: str) -> bool:
    """Tell whether a host has an address of a family that a server has; without records: IPv4."""
    directory = scenario.directory
    if not directory.all_addresses(server):  # which is told of there
        return True
    is_of_4 = name in directory.addresses or name not in directory.addresses6
    return (is_of_4 and server in directory.addresses) or (
        name in directory.addresses6 and server in directory.addresses6
    )
