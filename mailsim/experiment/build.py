"""From a checked scenario to a world ready to run."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from mailsim.dns import Authority
from mailsim.experiment.auth_model import add_security
from mailsim.experiment.directory import normal_name
from mailsim.experiment.faults import faults_of
from mailsim.experiment.model import Clients, Host, Scenario
from mailsim.experiment.network import build_graph
from mailsim.experiment.params_model import params_of
from mailsim.experiment.presets import retry_of
from mailsim.experiment.routing import host_routing
from mailsim.experiment.services import mail_parts
from mailsim.experiment.traffic import workload_of
from mailsim.experiment.transport_model import transport_settings
from mailsim.message import local_part_of, param
from mailsim.mta.auth.signer import Signer
from mailsim.mta.schedulers import Scheduler, schedulers
from mailsim.mta.schedulers.preemptive import Preemptive
from mailsim.mta.settings import Settings
from mailsim.record.log import Log
from mailsim.sim.client import ClientHost, Submission
from mailsim.sim.distributions import mixed, sampler
from mailsim.sim.exposed_hosts import ExposedClientHost, ExposedMailHost
from mailsim.sim.exposed_service import ExposedService
from mailsim.sim.fault_timing import run_fault
from mailsim.sim.mailhost import MailHost
from mailsim.sim.nameserver import NameServer
from mailsim.sim.network import Network
from mailsim.sim.service import Service
from mailsim.sim.streams import Streams
from mailsim.sim.traffic import Traffic
from mailsim.sim.world import World
from mailsim.smtp import Credentials

__all__ = ["build_world"]


def build_world(scenario: Scenario, seed: int, log: Log, replication: int = 0) -> World:
    """Return the world of a scenario, its traffic started, at time 0.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    log : Log
        Where the run is recorded.
    replication : int
        Its random numbers are independent of those of any other.
    """
    world = World(
        Network(build_graph(scenario)),
        Streams(seed, replication),
        log,
        start_unix_s=scenario.start_unix_s,
        is_wire=scenario.fidelity == "wire",
        dns=scenario.dns.settings(),
        tcp=scenario.tcp.settings(),
    )
    _addresses(scenario, world)
    add_security(scenario, world)
    for name in scenario.hosts:
        if scenario.hosts[name].dns:
            _name_server(scenario, world, name)
    for name in scenario.directory.mail_hosts:
        world.mail_hosts[name] = _mail_host(scenario, world, name)
    for name, host in scenario.hosts.items():
        if host.clients is not None:
            world.client_hosts[name] = _client_host(scenario, world, name, host.clients)
            if host.clients.talk_early:
                world.early_talkers.add(name)
    for chosen in faults_of(scenario):
        draws = world.streams[chosen.stream]
        world.env.process(run_fault(world, chosen.name, chosen.fault, chosen.timing, draws))
    for name in scenario.traffic:
        world.env.process(_traffic(scenario, world, name).run())
    return world


def _addresses(scenario: Scenario, world: World) -> None:
    """Give every host an address: from its zone, else the next of 10.0.0.0/8 that no zone has."""
    known, known6 = scenario.directory.addresses, scenario.directory.addresses6
    taken = {address for addresses in known.values() for address in addresses}
    every = (f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" for i in count(1))
    free = (address for address in every if address not in taken)
    for name in scenario.hosts:
        mine6 = known6.get(name, [])
        mine = known.get(name) or mine6 or [next(free)]
        world.addresses[name] = mine[0]
        if mine6:
            world.addresses6[name] = mine6[0]
        for address in (*mine, *mine6):
            world.hosts_at[address] = name


def _name_server(scenario: Scenario, world: World, name: str) -> None:
    host, records = scenario.hosts[name], scenario.directory.records
    origins = [normal_name(origin) for origin in host.dns]
    authority = Authority({origin: records[origin] for origin in origins})
    answer_ns = _draw(world, f"dns_time/{name}", host.dns_time)
    world.name_servers[name] = NameServer(world, name, authority, answer_ns)
    for origin in origins:
        world.zones[origin] = (*world.zones.get(origin, ()), name)


def _draw(world: World, name: str, distribution: Any) -> Callable[[], int]:
    sample, draws = _sampler(distribution), world.streams[name]
    return lambda: sample(draws)


def _sampler(distribution: Any) -> Any:
    if distribution.kind == "mixture":
        return mixed([(share, _sampler(part)) for share, part in distribution.parts])
    return sampler(distribution.kind, distribution.params, distribution.cdf)


def _mail_host(scenario: Scenario, world: World, name: str) -> MailHost:
    host = scenario.hosts[name]
    parts = mail_parts(scenario, name)
    settings = parts.settings
    mail_host = (ExposedMailHost if scenario.faults else MailHost)(
        world,
        name,
        settings,
        parts.reception,
        parts.mailboxes,
        host_routing(host),
        _draw(world, f"service/{name}", host.service_time),
        _scheduler(host, settings),
    )
    mail_host.expansion = parts.expansion
    mail_host.queue.retry = (
        retry_of(host.preset, settings)
        if host.retry is None
        else host.retry.plan(settings, world.streams[f"retry/{name}"].uniform)
    )
    mail_host.signer = Signer(host.dkim) if host.dkim else None
    for transport, own in host.transports.items():
        if own.destination_recipient_limit is not None:
            mail_host.queue.recipient_limits[transport] = own.destination_recipient_limit
    listeners = scenario.listeners(name)
    mail_host.services = {
        port: (ExposedService if scenario.faults else Service)(
            mail_host,
            port,
            config,
            settings.default_process_limit,
            host.backlog,
            listeners[port].tls_protocol,
        )
        for port, config in parts.configs.items()
    }
    for service in mail_host.services.values():
        service.is_silent = host.when_full == "drop"
    return mail_host


def _scheduler(host: Host, settings: Settings) -> Scheduler:
    if not host.transports:
        return schedulers.get(host.scheduler)(settings)
    own = {name: transport_settings(settings, t) for name, t in host.transports.items()}
    return Preemptive(settings, own)


def _client_host(scenario: Scenario, world: World, name: str, clients: Clients) -> ClientHost:
    listen = scenario.listeners(clients.submit_to)[clients.port]
    users = scenario.hosts[clients.submit_to].users if listen.auth != "none" else {}

    def credentials(sender: str) -> Credentials | None:
        if not users:
            return None
        local = local_part_of(sender)
        user = local if local in users else next(iter(users))
        return Credentials(user, users[user].password)

    submission = Submission(
        clients.submit_to,
        clients.port,
        clients.tls or {25: "none", 465: "implicit"}.get(clients.port, "encrypt"),
        clients.pipelining,
        clients.chunking,
        clients.connections,
        clients.messages_per_connection,
        clients.tls_resumption,
        clients.initial_response,
        any(
            name in scenario.client_hosts(traffic)
            and param(params_of("MAIL", traffic.params.mail), "XVERP") is not None
            for traffic in scenario.traffic.values()
        ),
        tuple(clients.mechanisms),
    )
    return (ExposedClientHost if scenario.faults else ClientHost)(
        world, name, submission, credentials
    )


def _traffic(scenario: Scenario, world: World, name: str) -> Traffic:
    given = scenario.traffic[name]
    clients = [
        world.client_hosts[host]
        for host in scenario.client_hosts(given)
        for _ in range(_count(scenario, host))
    ]
    return Traffic(
        world,
        name,
        workload_of(given),
        given.sender,
        {target.lower() if "@" not in target else target: s for target, s in given.to.items()},
        _sampler(given.size),
        clients,
        invalid=given.invalid,
        per_message=given.recipients_per_message,
        n_recipients=None if given.bulk is None else given.bulk.recipients,
        params=params_of("MAIL", given.params.mail),
        rcpt_params=params_of("RCPT", given.params.rcpt),
    )


def _count(scenario: Scenario, host: str) -> int:
    clients = scenario.hosts[host].clients
    return clients.count if clients is not None else 0
