"""Who bears which name and address: the zones of a scenario, held against its hosts.

Worked out once, when the zones have been read; a scenario of thousands of hosts asks often.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mailsim.dns.records import Record, zone_of
from mailsim.mta.nowhere import is_nowhere
from mailsim.mta.routing import covers

if TYPE_CHECKING:
    from mailsim.experiment.model import Host

__all__ = ["OF_A_SERVER", "Directory", "normal_name"]

OF_A_SERVER = {
    "listen", "users", "domains", "mailboxes", "preset", "postfix", "retry", "backlog",
    "when_full", "transports", "lists", "srs", "route", "policies", "receiver", "scheduler",
    "service_time", "dkim",
}  # fmt: skip
"""Keys of a host that only a server has."""


def normal_name(name: str) -> str:
    """Return a DNS name as :class:`~mailsim.dns.records.Record` writes it (RFC 4343).

    Examples
    --------
    >>> normal_name("Example.ORG.")
    'example.org'
    """
    return name.lower().removesuffix(".")


class Directory:
    """The names in a scenario.

    Parameters
    ----------
    hosts : mapping of str to Host
    records : mapping of str to list of Record
        By origin, in its normal form.
    unreadable : iterable of str
        Origins of zones that have an error, so that nobody knows what is in them.

    Attributes
    ----------
    records : mapping of str to list of Record
        As given.
    addresses : dict of str to list of str
        Of each name that has any: IPv4.
    addresses6 : dict of str to list of str
        The same for IPv6.
    mx_targets : dict of str to list of str
        The mail exchangers of each domain, the null one left out (RFC 7505).
    mail_domains : set of str
        Names with any MX record, a null one included.
    aliases : dict of str to str
        What each CNAME record points to.
    mail_hosts : list of str
        The hosts that speak SMTP, in the order of the scenario: exchangers, servers that
        clients submit to, next hops, and hosts with a key that only a server has.
    """

    def __init__(
        self,
        hosts: Mapping[str, Host],
        records: Mapping[str, list[Record]],
        unreadable: Iterable[str] = (),
    ) -> None:
        self.records = records
        self._hosts = hosts
        self._unreadable = frozenset(unreadable)
        self._origins = self._unreadable | set(records)
        self.addresses: dict[str, list[str]] = {}
        self.addresses6: dict[str, list[str]] = {}
        self.mx_targets: dict[str, list[str]] = {}
        self.mail_domains: set[str] = set()
        self.aliases: dict[str, str] = {}
        for members in records.values():
            for record in members:
                if record.type in ("A", "AAAA"):
                    family = self.addresses if record.type == "A" else self.addresses6
                    known = family.setdefault(record.name, [])
                    if record.data not in known:  # a zone above may have it too, as glue
                        known.append(record.data)
                elif record.type == "CNAME":
                    self.aliases[record.name] = record.data
                elif record.type == "MX":
                    self.mail_domains.add(record.name)
                    if record.data[1]:
                        self.mx_targets.setdefault(record.name, []).append(record.data[1])
        self._order = {name: i for i, name in enumerate(hosts)}
        self._owners: dict[str, str] = {}
        for name in hosts:
            for address in self.all_addresses(name):
                self._owners.setdefault(address, name)
        self._domains: dict[str, list[str]] = {}
        for domain, targets in self.mx_targets.items():
            for host in self._hosts_of(targets):
                self._domains.setdefault(host, []).append(domain)
        for name in dict.fromkeys((*self.addresses, *self.addresses6)):
            if name not in self.mail_domains and name not in hosts:  # its own exchanger (5.1)
                for host in self.hosts_of(name):
                    self._domains.setdefault(host, []).append(name)
        for alias in self.aliases:  # mail to it goes where its target's goes (RFC 5321 5.1)
            for host in self._hosts_of(self._targets(alias)):
                self._domains.setdefault(host, []).append(alias)
        self.mail_hosts = self._find_mail_hosts()

    def is_unsure(self, name: str) -> bool:
        """Tell whether a name lies in a zone that could not be read."""
        return zone_of(name, self._origins) in self._unreadable

    def is_mail_domain(self, domain: str) -> bool:
        """Tell whether a domain has an MX record, or an address instead (RFC 5321 5.1)."""
        name = self.canonical(domain)
        return name in self.mail_domains or bool(self.all_addresses(name))

    def all_addresses(self, name: str) -> list[str]:
        """Return the addresses of a name, those of IPv4 first."""
        return [*self.addresses.get(name, []), *self.addresses6.get(name, [])]

    def canonical(self, name: str) -> str:
        """Return the name that an alias leads to; the name itself if it is none."""
        seen = {name}
        while name in self.aliases:
            name = self.aliases[name]
            if name in seen:  # a loop is reported where the zones are read
                break
            seen.add(name)
        return name

    def _targets(self, alias: str) -> list[str]:
        return self.mx_targets.get(self.canonical(alias), [])

    def host_of(self, name: str) -> str | None:
        """Return the host that bears a DNS name: by that name, or by its address.

        Of several hosts behind one name it is the first in the order of the scenario.
        """
        return min(self.hosts_of(name), key=self._order.__getitem__, default=None)

    def hosts_of(self, name: str) -> list[str]:
        """Return all hosts behind a DNS name: the one of that name, else those at its addresses."""
        if name in self._hosts:
            return [name]
        owners = [self._owners[a] for a in self.all_addresses(name) if a in self._owners]
        return list(dict.fromkeys(owners))

    def _hosts_of(self, names: Iterable[str]) -> list[str]:
        return list(dict.fromkeys([host for name in names for host in self.hosts_of(name)]))

    def final_domains(self, host: str) -> tuple[str, ...]:
        """Return the domains whose mail ends at a host.

        Unless said they are those it is an exchanger of, without its relay domains; of none, it
        is one of its own name, as a name without MX records is (RFC 5321 section 5.1).
        """
        given = self._hosts[host].domains
        if given is not None:
            return tuple(given)
        own = [host] if host not in self.mail_domains and self.all_addresses(host) else []
        found = self._domains.get(host, own)
        relayed = [domain.lower() for domain in self._hosts[host].postfix.relay_domains]
        return tuple([d for d in found if not covers(relayed, d)] if relayed else found)

    def _find_mail_hosts(self) -> list[str]:
        named = set(self._domains)
        for host in self._hosts.values():
            if host.clients is not None:
                named.add(host.clients.submit_to)
            postfix = host.postfix
            for hop in (
                *host.route.values(),
                *postfix.transport_maps.values(),
                *postfix.smtp_fallback_relay,
                postfix.relayhost,
            ):
                if not is_nowhere(hop):
                    named.update(self.hosts_of(hop.rpartition(":")[2].strip("[]").lower()))
        return [n for n, h in self._hosts.items() if n in named or h.model_fields_set & OF_A_SERVER]
