"""Transport maps that send mail round in circles."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.dns import without_own
from mailsim.errors import Problem
from mailsim.experiment.model import Scenario
from mailsim.experiment.routing import host_routing
from mailsim.message import domain_of
from mailsim.mta.nowhere import is_nowhere
from mailsim.mta.routing import Routing, covers

__all__ = ["check_loops"]

_ANY = "any.invalid"
"""A domain that no map names, to follow what holds for all others (RFC 2606)."""


def check_loops(scenario: Scenario) -> Iterator[Problem]:
    """Give each circle that mail would go in, at the first entry that is part of it.

    Maps are followed from host to host, exchangers only where there is a single best one: what
    depends on chance or on faults ends by ``hopcount_limit`` when it comes to that.
    """
    hosts = {
        name: host_routing(host)
        for name, host in scenario.hosts.items()
        if host.route or host.postfix.transport_maps or host.postfix.relayhost
    }
    if not hosts:
        return
    walk = _Walk(scenario, hosts)
    for recipient in walk.recipients():
        settled: set[str] = set()
        for name in hosts:
            way: list[str] = []
            at: str | None = name
            while at is not None and at not in settled:
                settled.add(at)
                way.append(at)
                at = walk.after(at, recipient)
            if at in way:
                circle = way[way.index(at) :]
                yield walk.problem(circle, recipient)


class _Walk:
    """Follows mail from host to host."""

    def __init__(self, scenario: Scenario, routing: dict[str, Routing]) -> None:
        self._scenario = scenario
        self._routing = routing
        self._exchangers: dict[str, list[tuple[int, str]]] = {}
        for records in scenario.directory.records.values():
            for record in records:
                if record.type == "MX":
                    self._exchangers.setdefault(record.name, []).append(record.data)

    def recipients(self) -> list[str]:
        """Return whom to follow: somebody of each entry of a map, and of a domain that has none.

        Of relay domains, too: their mail comes to a host because of the DNS, and a smarthost may
        send it back for the same reason.
        """
        named = [f"anybody@{_ANY}"]
        for name in self._routing:
            host = self._scenario.hosts[name]
            for key in (*host.route, *host.postfix.transport_maps):
                if key != "*":
                    domain = f"{_ANY}{key}" if key.startswith(".") else key
                    named.append((key if "@" in key else f"anybody@{domain}").lower())
        for host in self._scenario.hosts.values():
            named += [f"anybody@{domain.lower()}" for domain in host.postfix.relay_domains]
        return list(dict.fromkeys(named))

    def after(self, name: str, recipient: str) -> str | None:
        """Return where a host sends mail for somebody, if it is one host only."""
        directory, domain = self._scenario.directory, domain_of(recipient)
        if domain in directory.final_domains(name):
            return None
        routing = self._routing.get(name)
        hop = routing.next_hop(recipient) if routing is not None else domain
        if is_nowhere(hop):
            return None
        hop = hop.rpartition(":")[2]
        targets = [hop.strip("[]")]
        if not hop.startswith("[") and hop in self._exchangers:
            usable = without_own(self._exchangers[hop], name)
            best = min((preference for preference, _ in usable), default=0)
            targets = [target for preference, target in usable if preference == best]
        if len(targets) != 1:
            return None
        found = directory.hosts_of(targets[0])
        return found[0] if len(found) == 1 else None

    def problem(self, circle: list[str], recipient: str) -> Problem:
        """Return the circle as a problem of the first host in it that has an entry."""
        owner = min((n for n in circle if n in self._routing), key=list(self._routing).index)
        start = circle.index(owner)
        shown = [*circle[start:], *circle[:start], owner]
        host, domain = self._scenario.hosts[owner], domain_of(recipient)
        what = "mail" if domain == _ANY else f"mail for {domain.removeprefix(_ANY)}"
        message = f"the transport map loops: {what} goes {' -> '.join(shown)}"
        for place, keys in (
            (("route",), list(host.route)),
            (("postfix", "transport_maps"), list(host.postfix.transport_maps)),
        ):
            for key in keys:
                named = key.rpartition("@")[2].lower()
                if named == "*" or covers([named.removeprefix(".")], domain):
                    return Problem(("hosts", owner, *place, key), message)
        return Problem(("hosts", owner, "postfix", "relayhost"), message)
