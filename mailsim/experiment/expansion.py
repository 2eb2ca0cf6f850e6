"""Aliases, lists and rewritten senders of a host: their making, and what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.errors import Problem
from mailsim.experiment.lists_model import MailList
from mailsim.experiment.model import Host, Scenario
from mailsim.message import domain_of, is_address, local_part_of
from mailsim.message.address import is_domain
from mailsim.mta.expansion import Expansion
from mailsim.mta.lists import MailingList
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.srs import Srs
from mailsim.spelling import nearest

__all__ = ["check_expansion", "expansion_of", "mailboxes_of"]

Where = tuple[str | int, ...]
_DAY_NS = 86400 * 1_000_000_000


def expansion_of(host: Host, mailboxes: Mailboxes) -> Expansion | None:
    """Return the aliases, lists and rewriting of a host; None if it has nothing of the kind."""
    postfix = host.postfix
    if not (postfix.virtual_alias_maps or postfix.alias_maps or host.lists or host.srs):
        return None
    srs = None
    if host.srs is not None:
        given = host.srs
        srs = Srs(given.domain, given.secret, given.hash_length, given.max_age // _DAY_NS)
    return Expansion(
        mailboxes,
        postfix.virtual_alias_maps,
        postfix.alias_maps,
        _lists(host),
        srs,
        by_original=postfix.enable_original_recipient,
        delimiter=postfix.recipient_delimiter,
    )


def mailboxes_of(scenario: Scenario, name: str) -> Mailboxes:
    """Return the mailboxes of a host; where bounces of its lists go is one, too."""
    host = scenario.hosts[name]
    patterns = [*host.mailboxes, *(p for one in _lists(host) for p in one.bounce_patterns)]
    delimiter = host.postfix.recipient_delimiter
    return Mailboxes(scenario.directory.final_domains(name), patterns, delimiter)


def _lists(host: Host) -> list[MailingList]:
    return [
        MailingList(
            address,
            given.addresses(),
            given.sender or "",
            _delimiters(given, host),
            is_ezmlm=given.verp == "ezmlm",
        )
        for address, given in host.lists.items()
    ]


def _delimiters(given: MailList, host: Host) -> str:
    if given.verp in ("no", "ezmlm"):
        return ""
    return host.postfix.default_verp_delimiters if given.verp == "yes" else given.verp


def check_expansion(scenario: Scenario, name: str) -> Iterator[Problem]:
    """Give all that is wrong with the aliases, lists and rewriting of a host."""
    host, where = scenario.hosts[name], ("hosts", name)
    final = [domain.lower() for domain in scenario.directory.final_domains(name)]
    problems = list(_aliases(scenario, host, where))
    for address, given in host.lists.items():
        problems += _list(scenario, host, address, given, (*where, "lists", address))
        if is_address(address) and domain_of(address) not in final:
            message = f"list {address}: mail for {domain_of(address)} does not end at {name}"
            hint = nearest(domain_of(address), final)
            problems.append(Problem((*where, "lists", address), message, hint, on_key=True))
    if host.srs is not None:
        domain = host.srs.domain.lower()
        if domain not in final:
            message = f"mail for {domain!r} does not end at {name}: no bounce would come back"
            problems.append(Problem((*where, "srs", "domain"), message, nearest(domain, final)))
        if not host.srs.secret:
            problems.append(Problem((*where, "srs", "secret"), "expected a secret, got ''"))
    yield from problems
    if not problems:
        yield from _circles(host, where, final)


def _list(
    scenario: Scenario, host: Host, address: str, given: MailList, where: Where
) -> Iterator[Problem]:
    if not is_address(address):
        yield Problem(where, f"expected the address of a list, got {address!r}", on_key=True)
        return
    aliases = {*host.postfix.virtual_alias_maps, *host.postfix.alias_maps}
    if {address.lower(), local_part_of(address).lower()} & {key.lower() for key in aliases}:
        yield Problem(where, f"{address} is an alias, too; expected one of them", on_key=True)
    if isinstance(given.members, list):
        for i, member in enumerate(given.members):
            yield from _target(scenario, member, (*where, "members", i), is_full=True)
    else:
        for domain in given.members:
            yield from _domain(scenario, domain.lower(), (*where, "members", domain), on_key=True)
    if given.sender is not None:
        if not is_address(given.sender):
            yield Problem((*where, "sender"), f"{given.sender!r} is no mail address")
        elif given.verp == "ezmlm":
            message = f"ezmlm makes its own senders, {local_part_of(address)}-return-NUMBER"
            yield Problem((*where, "sender"), f"contradicts verp: {message}")
    delimiter, delimiters = host.postfix.recipient_delimiter, _delimiters(given, host)
    if delimiter and delimiters and delimiters[0] not in delimiter:
        message = (
            f"delimiters {delimiters} contradict recipient_delimiter {delimiter}: at this host "
            f"{delimiters[0]!r} does not part a local part from its extension"
        )
        yield Problem((*where, "verp"), message)


def _aliases(scenario: Scenario, host: Host, where: Where) -> Iterator[Problem]:
    for kind in ("virtual_alias_maps", "alias_maps"):
        first: dict[str, str] = {}
        for key, targets in getattr(host.postfix, kind).items():
            place: Where = (*where, "postfix", kind, key)
            if (before := first.setdefault(key.lower(), key)) != key:
                message = f"{key} is the same as {before} before; expected one of them"
                yield Problem(place, message, on_key=True)
            if kind == "alias_maps" and "@" in key:
                message = f"expected a local part as alias, got {key!r}: addresses are for "
                yield Problem(place, f"{message}virtual_alias_maps", on_key=True)
            elif "@" in key and not is_address(key) and not is_domain(key.removeprefix("@")):
                message = f"expected an address, @domain or a local part as alias, got {key!r}"
                yield Problem(place, message, on_key=True)
            if not targets:
                yield Problem(place, f"alias {key}: expected addresses, got none")
            for target in targets:
                yield from _target(scenario, target, place)


def _target(
    scenario: Scenario, target: str, where: Where, *, is_full: bool = False
) -> Iterator[Problem]:
    whole = target if "@" in target else f"{target}@local.invalid"
    if target.startswith("@") and not is_full:
        whole = f"x{target}"
    if not is_address(whole) or (is_full and whole != target):
        yield Problem(where, f"{target!r} is no mail address")
    elif "@" in target:
        yield from _domain(scenario, domain_of(whole), where)


def _domain(
    scenario: Scenario, domain: str, where: Where, *, on_key: bool = False
) -> Iterator[Problem]:
    directory = scenario.directory
    if not directory.is_mail_domain(domain) and not directory.is_unsure(domain):
        message = f"members of the unknown domain {domain!r}: no zone has its MX"
        yield Problem(where, message, nearest(domain, directory.mail_domains), on_key=on_key)


def _circles(host: Host, where: Where, final: list[str]) -> Iterator[Problem]:
    """Find aliases that lead round in circles; what leads straight to itself is final.

    So ``bob: bob, carol`` keeps a copy, and ``bob@example.net: bob@example.net`` keeps an address
    out of ``@example.net`` (virtual(5)).
    """
    expansion = expansion_of(host, Mailboxes(final))
    if expansion is None:
        return
    told: set[str] = set()
    for kind in ("virtual_alias_maps", "alias_maps"):
        for key in getattr(host.postfix, kind):
            start = key.lower() if "@" in key else f"{key}@{final[0] if final else ''}".lower()
            start = f"anybody{start}" if start.startswith("@") else start
            circle = _circle(expansion, start, [])
            if circle and not told & set(circle):
                told |= set(circle)
                shown = " -> ".join([*circle, circle[0]])
                message = f"alias {key} expands to itself: {shown}"
                yield Problem((*where, "postfix", kind, key), message)


def _circle(expansion: Expansion, address: str, way: list[str]) -> list[str]:
    """Return a circle of addresses that one leads into; empty if there is none."""
    if address in way:
        return way[way.index(address) :]
    members = [member.lower() for member in expansion.lookup(address) or ()]
    for member in members:
        if member != address and (found := _circle(expansion, member, [*way, address])):
            return found
    return []
