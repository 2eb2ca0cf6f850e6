"""The traffic of a scenario: its workload, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from mailsim.errors import Problem, UnknownNameError, error_text
from mailsim.experiment.expansion import mailboxes_of
from mailsim.experiment.model import Scenario, Traffic
from mailsim.experiment.params_model import params_of
from mailsim.message import domain_of, is_address
from mailsim.message.address import is_domain, is_literal
from mailsim.sim.people import PEOPLE, no_such_user
from mailsim.sim.workloads import Workload, workloads
from mailsim.spelling import nearest
from mailsim.units import format_duration

__all__ = ["check_traffic", "workload_of"]

_MOST = 100_000_000
Where = tuple[str, ...]


def workload_of(traffic: Traffic) -> Workload:
    """Return the workload of a traffic.

    Raises
    ------
    ValueError, UnknownNameError
        If its options or its name are wrong.
    """
    if traffic.bulk is not None:
        from mailsim.sim.workloads.bulk import Bulk

        bulk = traffic.bulk
        n_messages = -(-bulk.recipients // traffic.recipients_per_message)
        return Bulk(n_messages, bulk.start, bulk.rate or 0.0)
    assert traffic.arrivals is not None
    ((name, options),) = traffic.arrivals.items()
    return workloads.get(name).from_options(options)


def check_traffic(scenario: Scenario, name: str) -> Iterator[Problem]:
    """Give all that is wrong with a traffic, held against the rest of the scenario."""
    traffic, where = scenario.traffic[name], ("traffic", name)
    if (traffic.arrivals is None) == (traffic.bulk is None):
        yield Problem(where, "expected either 'arrivals' or 'bulk'", on_key=True)
    elif traffic.arrivals is not None and len(traffic.arrivals) != 1:
        yield Problem((*where, "arrivals"), "expected one workload, such as {poisson: 120/min}")
    elif traffic.arrivals is not None:
        yield from _workload(scenario, traffic, where)
    elif traffic.bulk is not None and traffic.bulk.recipients > _MOST:
        message = f"expected at most {_MOST:,} recipients, got {traffic.bulk.recipients:,}"
        yield Problem((*where, "bulk", "recipients"), message)
    yield from _recipients(scenario, traffic, where)
    if name == "report":
        yield Problem(where, "the name 'report' is that of delivery reports", on_key=True)
    for key, verb in (("mail", "MAIL"), ("rcpt", "RCPT")):
        try:
            params_of(verb, getattr(traffic.params, key))
        except ValueError as error:
            yield Problem((*where, "params", key), str(error))
    sender = traffic.sender
    if "@" in sender and not is_address(sender):
        yield Problem((*where, "from"), f"{sender!r} is no mail address")
        return
    if "@" not in sender and not is_domain(sender):
        message = f"expected a mail address or a domain, got {sender!r}"
        yield Problem((*where, "from"), message)
        return
    domain = domain_of(sender) or sender.lower()
    if not _is_qualified(scenario, domain):
        message = f"expected a fully qualified domain (RFC 5321 section 2.3.5), got {domain!r}"
        yield Problem((*where, "from"), message, nearest(domain, scenario.directory.mail_domains))
        return
    yield from _clients(scenario, traffic, where)


def _is_qualified(scenario: Scenario, domain: str) -> bool:
    """Tell whether others could find a domain: it has a dot, or a zone of the scenario has it."""
    directory = scenario.directory
    if "." in domain or is_literal(domain):
        return True
    return directory.is_mail_domain(domain) or directory.is_unsure(domain)


def _workload(scenario: Scenario, traffic: Traffic, where: Where) -> Iterator[Problem]:
    assert traffic.arrivals is not None
    (name,) = traffic.arrivals
    try:
        n = workload_of(traffic).expected(scenario.duration) * traffic.recipients_per_message
        if n > _MOST and not scenario._is_partial:
            message = (
                f"expected at most {_MOST:,} recipients in a run, got about {n:.3g} in "
                f"{format_duration(scenario.duration)}: it would never end"
            )
            yield Problem((*where, "arrivals", name), message)
    except UnknownNameError as error:
        yield Problem((*where, "arrivals", name), str(error), on_key=True)
    except Exception as error:  # a class of the user's may raise anything
        yield Problem((*where, "arrivals", name), error_text(error))


def _recipients(scenario: Scenario, traffic: Traffic, where: Where) -> Iterator[Problem]:
    directory = scenario.directory
    for target in traffic.to:
        domain = domain_of(target) or target.lower()
        if "@" in target and not is_address(target):
            yield Problem((*where, "to"), f"{target!r} is no mail address")
        elif not directory.is_mail_domain(domain) and not directory.is_unsure(domain):
            path = (*where, "to", target) if len(traffic.to) > 1 else (*where, "to")
            hint = nearest(domain, directory.mail_domains)
            message = f"recipients of the unknown domain {domain!r}: no zone has its MX"
            yield Problem(path, message, hint, on_key=len(traffic.to) > 1)
    domains = [target.lower() for target in traffic.to if "@" not in target]
    if traffic.invalid:
        yield from _invalid(scenario, domains, (*where, "invalid"))
    most = traffic.recipients_per_message
    if domains and traffic.bulk is None and most > PEOPLE * len(domains):
        message = f"expected at most {PEOPLE * len(domains):,}, {PEOPLE} a domain, got {most:,}"
        yield Problem((*where, "recipients_per_message"), message)
    if not domains and most > len(traffic.to):
        message = f"expected at most {len(traffic.to)}, the addresses in 'to', got {most}"
        yield Problem((*where, "recipients_per_message"), message)


def _invalid(scenario: Scenario, domains: list[str], where: Where) -> Iterator[Problem]:
    """Object to invalid recipients that would be taken as valid ones."""
    if not domains:
        yield Problem(where, "no effect: 'to' names addresses, not a domain")
    directory = scenario.directory
    for name in directory.mail_hosts:
        mailboxes = mailboxes_of(scenario, name)
        for domain in domains:
            if domain in mailboxes.domains and mailboxes.exists(f"{no_such_user(1)}@{domain}"):
                yield Problem(
                    where,
                    f"no effect at {name}, which has a mailbox for any name of {domain}; "
                    "say which exist, such as mailboxes: ['user*']",
                )


def _clients(scenario: Scenario, traffic: Traffic, where: Where) -> Iterator[Problem]:
    clients = scenario.client_hosts(traffic)
    if not clients:
        message = (
            f"no host with 'clients' in the domain of {traffic.sender!r}; name one: 'client: host'"
        )
        yield Problem((*where, "from"), message)
    for client in clients:
        host = scenario.hosts.get(client)
        if host is None or host.clients is None:
            known = [n for n, h in scenario.hosts.items() if h.clients]
            message = f"{client!r} is no host with 'clients'"
            yield Problem((*where, "client"), message, nearest(client, known))
