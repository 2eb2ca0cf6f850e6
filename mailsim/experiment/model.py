"""The scenario: what a user may write, with defaults.  Quantities are in base units."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from mailsim.experiment.auth_model import Certificate, MtaSts, Selector
from mailsim.experiment.clients_model import Clients
from mailsim.experiment.directory import OF_A_SERVER, Directory
from mailsim.experiment.dns_model import Dns
from mailsim.experiment.expect_model import Expectations
from mailsim.experiment.faults_model import Fault
from mailsim.experiment.find_model import Find
from mailsim.experiment.keys import Count, Model, Port, TlsOrImplicit
from mailsim.experiment.listen_model import Listen, User, ports
from mailsim.experiment.lists_model import MailList, SenderRewriting
from mailsim.experiment.network_model import Link, Network
from mailsim.experiment.params_model import AskedOfHops
from mailsim.experiment.postfix_model import Postfix
from mailsim.experiment.presets import with_preset
from mailsim.experiment.quantities import (
    Backlog,
    Duration,
    DurationDistribution,
    PositiveDuration,
    Rate,
    Recipients,
    Share,
    SizeDistribution,
    WarmUp,
)
from mailsim.experiment.record_model import RecordWhat
from mailsim.experiment.retry_model import Retries
from mailsim.experiment.sweep_model import Sweep
from mailsim.experiment.tcp_model import Tcp
from mailsim.experiment.transport_model import Transport
from mailsim.message import domain_of

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "Bulk",
    "Clients",
    "Dns",
    "Host",
    "Link",
    "Listen",
    "Network",
    "Postfix",
    "Scenario",
    "Traffic",
]


class Host(Model):
    """A machine: a mail host, a name server, a host of clients, or several of these.

    Attributes
    ----------
    at
        Node of the network it is linked to, another host, or a role of which it gets the next
        node; may be left out if the topology has it as a node or places hosts itself.
    listen
        Ports it listens on; 25 alone unless said.
    users
        Who may authenticate, by user name.
    domains
        Domains whose mail ends here; unless said, those it is an exchanger of, or its own name.
    mailboxes
        Shell patterns of the local parts that exist; all do unless said.
    preset
        A mail system by name, whose parameters, scheduler and times of retries hold unless said.
    retry
        When it tries again; unless said, as its preset or Postfix does.
    postfix
        Its parameters.
    backlog
        Connections that may wait for a worker slot, or unlimited.
    when_full
        What one more gets: 421 (reply), or no answer to its SYN (drop), as from a kernel.
    transports
        Further delivery transports by name, with limits of their own; for scheduler preemptive.
    lists
        Mailing lists by address.
    srs
        Rewrites senders of what aliases forward elsewhere, so that SPF does not fail.
    route
        Next hop by recipient domain, ``*`` for all others; in brackets, without an MX lookup;
        ``transport:`` may come before it.
    scheduler
        Which delivery starts next, among those that are ready.
    policies
        Asked in this order; the first verdict wins.
    receiver
        A large mail system by name, with numbers of one's own perhaps, whose limits hold for what
        comes in; asked before the policies.
    service_time
        Spent on each message before its final reply.
    dns
        Zones it answers for.
    dns_time
        How long its name server takes for an answer.
    clients
        Mail clients on it.
    dkim
        Domains whose outgoing mail it signs, each with the selector of its key.
    certificate
        What it shows in TLS.
    mta_sts
        MTA-STS policies that it serves, by domain.
    """

    at: str | None = None
    listen: Annotated[dict[Port, Listen] | None, BeforeValidator(ports)] = None
    users: dict[str, User] = Field(default_factory=dict)
    domains: list[str] | None = None
    mailboxes: list[str] = Field(default_factory=lambda: ["*"])
    preset: str | None = None
    retry: Retries | None = None
    postfix: Postfix = Postfix()
    backlog: Backlog = 128
    when_full: Literal["reply", "drop"] = "reply"
    transports: dict[str, Transport] = Field(default_factory=dict)
    lists: dict[str, MailList] = Field(default_factory=dict)
    srs: SenderRewriting | None = None
    route: dict[str, str] = Field(default_factory=dict)
    policies: list[dict[str, Any]] = Field(default_factory=list)
    receiver: Any = None
    scheduler: str = "fifo"
    service_time: DurationDistribution = Field(default="0s", validate_default=True)
    dns: list[str] = Field(default_factory=list)
    dns_time: DurationDistribution = Field(default="0s", validate_default=True)
    clients: Clients | None = None
    dkim: dict[str, Selector] = Field(default_factory=dict)
    certificate: Certificate | None = None
    mta_sts: dict[str, MtaSts] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _preset(cls, data: Any) -> Any:
        return with_preset(data)


class Bulk(Model):
    """A number of recipients to be served from an outbox.

    Attributes
    ----------
    recipients
        How many in all.
    start
        When the first message falls due.
    rate
        At which messages fall due; all at once unless said.
    """

    recipients: Count
    start: Duration = 0
    rate: Rate | None = None


class Traffic(Model):
    """A stream of messages.

    Attributes
    ----------
    from
        Sender: an address, or a domain of which somebody writes each time.
    to
        An address, a domain, or several of them with their shares.
    client
        Host whose clients send it; unless said, all hosts with clients in the sender's domain.
    size
        Of a message, header included.
    invalid
        Share of recipients that do not exist.
    recipients_per_message
        Recipients of one message.
    arrivals
        When messages fall due: a workload by name, with its options.
    bulk
        Instead of arrivals: a number of recipients.
    params
        What its messages ask of every hop, in parameters of MAIL and RCPT.
    """

    sender: str = Field(alias="from")
    to: Recipients
    client: str | None = None
    size: SizeDistribution = Field(default="4 kB", validate_default=True)
    invalid: Share = 0.0
    recipients_per_message: Count = 1
    arrivals: dict[str, Any] | None = None
    bulk: Bulk | None = None
    params: AskedOfHops = AskedOfHops()


class Scenario(Model):
    """A whole experiment.

    Attributes
    ----------
    mailsim
        Version of the format.
    description
        What it is about.
    seed
        Of all random numbers; a run is a function of scenario and seed.
    start
        Date and time of simulated second 0, for dates in messages.
    duration
        How long to simulate.
    warmup
        Time at the start that statistics leave out; auto finds its end in the delays (MSER-5).
    fidelity
        flights, or wire: each flight an event, each value through the codec; same rows.
    record
        What to record besides.
    zones
        Zone-file text by origin.
    dns
        How names are looked up.
    hosts
        Machines by name.
    network
        Its shape.
    links
        Figures of its links, and further links.
    tcp
        How all hosts speak TCP.
    traffic
        Streams of messages by name.
    faults
        What breaks, and when.
    expect
        What the run must do, such as p95(delay) < 90s; exit code 99 if it does not.
    sweep
        Which values to try instead of those above, and how often.
    find
        Or which value of a key to look for.
    smoke
        Values by path that make a short run of it, put over those above by --smoke.
    """

    mailsim: Literal[1]
    description: str = ""
    seed: Annotated[int, Field(ge=0, strict=True)] = 1
    start: str = "2026-01-01T00:00:00Z"
    duration: PositiveDuration
    warmup: WarmUp = 0
    fidelity: Literal["flights", "wire"] = "flights"
    record: RecordWhat = RecordWhat()
    zones: dict[str, str]
    dns: Dns = Dns()
    hosts: dict[str, Host]
    network: Network
    links: list[Link] = Field(default_factory=list)
    tcp: Tcp = Tcp()
    traffic: dict[str, Traffic]
    faults: list[Fault] = Field(default_factory=list)
    expect: Expectations = Field(default_factory=list)
    sweep: Sweep | None = None
    find: Find | None = None
    smoke: dict[str, Any] = Field(default_factory=dict)

    _path: Path = PrivateAttr(default=Path("scenario.yaml"))
    _is_partial: bool = PrivateAttr(default=False)
    _is_smoke: bool = PrivateAttr(default=False)
    _directory: Directory = PrivateAttr(default_factory=lambda: Directory({}, {}))
    _given_graph: Any = PrivateAttr(default=None)
    _values: Any = PrivateAttr(default=None)  # as the file has them, for the points of a sweep
    _built: Any = PrivateAttr(default=None)  # see experiment.network

    @field_validator("mailsim", mode="before")
    @classmethod
    def _version(cls, value: object) -> object:
        if value is True:  # which Python takes for 1
            raise ValueError("expected 1, got true")
        return value

    @field_validator("start")
    @classmethod
    def _date(cls, value: str) -> str:
        try:
            date: datetime | None = datetime.fromisoformat(value)
        except ValueError:
            date = None
        if date is None or date.tzinfo is None:
            raise ValueError(f"expected a date such as 2026-01-01T00:00:00Z, got {value!r}")
        return value

    @property
    def path(self) -> Path:
        """The file it was read from; files it names are relative to that."""
        return self._path

    @property
    def name(self) -> str:
        """Name of the file, without its ending; of its short run with ``-smoke`` behind it."""
        return f"{self._path.stem}-smoke" if self._is_smoke else self._path.stem

    @property
    def start_unix_s(self) -> int:
        """Wall-clock second of simulated time 0."""
        return int(datetime.fromisoformat(self.start).timestamp())

    @property
    def directory(self) -> Directory:
        """Who bears which name and address; filled by the loader."""
        return self._directory

    @property
    def given_graph(self) -> nx.Graph | None:
        """The network if it was given from Python, instead of the one that the file tells of."""
        graph: nx.Graph | None = self._given_graph
        return graph

    def listeners(self, host: str) -> dict[int, Listen]:
        """Return what a mail host listens on, defaults filled in."""
        listen = self.hosts[host].listen
        if listen is None:
            listen = {25: Listen()}
        usual_tls: dict[int, TlsOrImplicit] = {587: "encrypt", 465: "implicit"}
        return {
            port: given.model_copy(
                update={
                    "tls": given.tls or usual_tls.get(port, "may"),
                    "auth": given.auth or ("required" if port in usual_tls else "none"),
                }
            )
            for port, given in listen.items()
        }

    def client_hosts(self, traffic: Traffic) -> list[str]:
        """Return the hosts whose clients send a traffic."""
        if traffic.client is not None:
            return [traffic.client]
        domain = domain_of(traffic.sender) or traffic.sender.lower()
        return [
            name
            for name, host in self.hosts.items()
            if host.clients is not None and (name == domain or name.endswith(f".{domain}"))
        ]

    def resolved(self) -> dict[str, Any]:
        """Return the whole scenario with its defaults, as it could stand in a file.

        Read again from the scenario's own directory, because of the files that it names, it is
        the same scenario.  Keys of a server are left out where there is none: writing one makes
        a host a server.  So is ``smoke``, which says nothing of this run.
        """
        data = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"smoke"})
        for name in data["hosts"].keys() - set(self.directory.mail_hosts):
            for key in OF_A_SERVER:
                data["hosts"][name].pop(key, None)
        return data
