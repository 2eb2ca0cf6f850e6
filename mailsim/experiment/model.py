"""The scenario: what a user may write, with defaults.  Quantities are in base units."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator

from mailsim.dns.records import Record
from mailsim.experiment.quantities import (
    Backlog,
    Bandwidth,
    Duration,
    DurationDistribution,
    PositiveDuration,
    Rate,
    Recipients,
    Share,
    Size,
    SizeDistribution,
)
from mailsim.message import domain_of

__all__ = ["Bulk", "Clients", "Host", "Link", "Listen", "Network", "Postfix", "Scenario", "Traffic"]

_S = 1_000_000_000
Tls = Literal["none", "may", "encrypt"]
Count = Annotated[int, Field(ge=1, strict=True)]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Flag = Annotated[bool, Field(strict=True)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)


class Listen(_Model):
    """A port a host listens on; 587 is submission: encrypted and authenticated by default."""

    tls: Tls | None = None
    auth: Literal["none", "optional", "required"] | None = None


class User(_Model):
    """Somebody who may authenticate."""

    password: str


class Postfix(_Model):
    """postconf(5) parameters of a mail host, with Postfix's defaults; smtp_pipelining is ours."""

    queue_run_delay: PositiveDuration = 300 * _S
    minimal_backoff_time: PositiveDuration = 300 * _S
    maximal_backoff_time: PositiveDuration = 4000 * _S
    maximal_queue_lifetime: Duration = 5 * 86400 * _S
    bounce_queue_lifetime: Duration = 5 * 86400 * _S
    default_destination_concurrency_limit: Count = 20
    default_destination_recipient_limit: Count = 50
    default_process_limit: Count = 100
    message_active_limit: Count = 20_000
    message_size_limit: Size = 10_240_000
    smtpd_recipient_limit: Count = 1000
    hopcount_limit: Count = 50
    smtp_connect_timeout: PositiveDuration = 30 * _S
    smtp_connection_cache_on_demand: Flag = True
    smtp_connection_reuse_time_limit: Duration = 300 * _S
    smtp_tls_security_level: Tls = "may"
    smtp_pipelining: Flag = True


class Clients(_Model):
    """The mail clients on a host: people, or a program that sends in bulk."""

    count: Count = 1
    submit_to: str
    port: Port = 587
    tls: Tls | None = None
    pipelining: Flag = True
    connections: Count = 10
    messages_per_connection: Count = 100


class Host(_Model):
    """A machine: a mail host, a name server, a host of clients, or several of these."""

    at: str | None = None
    listen: dict[Port, Listen] | None = None
    users: dict[str, User] = Field(default_factory=dict)
    domains: list[str] | None = None
    mailboxes: list[str] = Field(default_factory=lambda: ["*"])
    postfix: Postfix = Postfix()
    backlog: Backlog = 128
    route: dict[str, str] = Field(default_factory=dict)
    policies: list[dict[str, Any]] = Field(default_factory=list)
    scheduler: str = "fifo"
    service_time: DurationDistribution = Field(default="0s", validate_default=True)
    dns: list[str] = Field(default_factory=list)
    clients: Clients | None = None


class Network(BaseModel):
    """The shape of the network: a topology by name, or a GraphML file."""

    model_config = ConfigDict(extra="allow", frozen=True)

    topology: str | None = None
    file: str | None = None
    center: str | None = None


class Link(_Model):
    """Figures of links: of all that have none of their own (``*``), or of one."""

    between: Any = Field(
        json_schema_extra={
            "anyOf": [
                {"const": "*"},
                {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
            ]
        }
    )
    latency: Duration | None = None
    bandwidth: Bandwidth | None = None

    @field_validator("between")
    @classmethod
    def _pair(cls, value: object) -> object:
        is_pair = (
            isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)
        )
        if value != "*" and not (is_pair and value[0] != value[1]):  # type: ignore[index]
            raise ValueError(f'expected "*" or [host, host], got {value!r}')
        return value


class Bulk(_Model):
    """A number of recipients to be served from an outbox."""

    recipients: Count
    start: Duration = 0
    rate: Rate | None = None


class Traffic(_Model):
    """A stream of messages."""

    sender: str = Field(alias="from")
    to: Recipients
    client: str | None = None
    size: SizeDistribution = Field(default="4 kB", validate_default=True)
    invalid: Share = 0.0
    recipients_per_message: Count = 1
    arrivals: dict[str, Any] | None = None
    bulk: Bulk | None = None


class RecordWhat(_Model):
    """What a run records besides the tables it always has."""

    events: Flag = False


class Scenario(_Model):
    """A whole experiment."""

    mailsim: Literal[1]
    description: str = ""
    seed: Annotated[int, Field(ge=0, strict=True)] = 1
    start: str = "2026-01-01T00:00:00Z"
    duration: PositiveDuration
    warmup: Duration = 0
    fidelity: Literal["flights", "wire"] = "flights"
    record: RecordWhat = RecordWhat()
    zones: dict[str, str]
    hosts: dict[str, Host]
    network: Network
    links: list[Link] = Field(default_factory=list)
    traffic: dict[str, Traffic]

    _path: Path = PrivateAttr(default=Path("scenario.yaml"))
    _records: dict[str, list[Record]] = PrivateAttr(default_factory=dict)

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
        """Name of the file, without its ending."""
        return self._path.stem

    @property
    def start_unix_s(self) -> int:
        """Wall-clock second of simulated time 0."""
        return int(datetime.fromisoformat(self.start).timestamp())

    def zones_parsed(self) -> dict[str, list[Record]]:
        """Return the records of each zone; filled by the loader."""
        return self._records

    def addresses(self) -> dict[str, list[str]]:
        """Return the addresses of each name that has any."""
        found: dict[str, list[str]] = {}
        for records in self._records.values():
            for record in records:
                if record.type == "A":
                    found.setdefault(record.name, []).append(record.data)
        return found

    def mx_targets(self) -> dict[str, list[str]]:
        """Return the mail exchangers of each domain, the null one left out."""
        found: dict[str, list[str]] = {}
        for records in self._records.values():
            for record in records:
                if record.type == "MX" and record.data[1]:
                    found.setdefault(record.name, []).append(record.data[1])
        return found

    def host_of(self, name: str) -> str | None:
        """Return the host that bears a DNS name: by that name, or by its address."""
        if name in self.hosts:
            return name
        addresses = self.addresses()
        mine = addresses.get(name, [])
        return next((h for h in self.hosts if set(addresses.get(h, [])) & set(mine)), None)

    def mail_hosts(self) -> list[str]:
        """Return the hosts that speak SMTP, in the order of the scenario."""
        named = {self.host_of(t) for targets in self.mx_targets().values() for t in targets}
        for host in self.hosts.values():
            if host.clients is not None:
                named.add(host.clients.submit_to)
            named |= {self.host_of(hop.strip("[]").lower()) for hop in host.route.values()}
        keys = {
            "listen", "users", "domains", "mailboxes", "postfix", "backlog", "route",
            "policies", "scheduler", "service_time",
        }  # fmt: skip
        return [n for n, h in self.hosts.items() if n in named or h.model_fields_set & keys]

    def final_domains(self, host: str) -> tuple[str, ...]:
        """Return the domains whose mail ends at a host: those it is an exchanger of."""
        given = self.hosts[host].domains
        if given is not None:
            return tuple(given)
        return tuple(
            domain
            for domain, targets in self.mx_targets().items()
            if any(self.host_of(target) == host for target in targets)
        )

    def listeners(self, host: str) -> dict[int, Listen]:
        """Return what a mail host listens on, defaults filled in."""
        listen = self.hosts[host].listen
        if listen is None:
            listen = {25: Listen()}
        return {
            port: Listen(
                tls=given.tls or ("encrypt" if port == 587 else "may"),
                auth=given.auth or ("required" if port == 587 else "none"),
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
        """Return the whole scenario with its defaults, as it could stand in a file."""
        return self.model_dump(mode="json", by_alias=True)
