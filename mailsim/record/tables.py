"""The tables of a run: their columns, types and units, and the row each of them takes.

Inside the simulation a time is an integer count of nanoseconds; a column whose name ends in
``_s`` is written as float seconds.  ``None`` becomes a null.  Rows are plain tuples in the
order of the columns, which cost least to make while running.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FATES", "ON_DEMAND", "TABLES", "Column", "Table"]

FATES = ("delivered", "bounced", "expired", "refused", "discarded", "expanded", "queued")
"""What can become of a recipient; ``queued`` is whose fate is open when the run ends."""


class Column(NamedTuple):
    """One column of a table.

    Attributes
    ----------
    name : str
        With its unit at the end (``_s``, ``_bytes``) where it has one.
    type : str
        ``"int"``, ``"text"``, ``"bool"`` or ``"time"`` (nanoseconds in, seconds out).
    doc : str
        What it tells.
    """

    name: str
    type: str
    doc: str


class Table(NamedTuple):
    """One table: its name, what a row of it is, and its columns."""

    name: str
    row: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)


def _table(name: str, row: str, *columns: tuple[str, str, str]) -> Table:
    return Table(name, row, tuple(Column(*column) for column in columns))


DELIVERIES = _table(
    "deliveries",
    "a recipient of a message: its fate and its delays",
    ("message", "int", "number of the message, from 1, in the order they fell due"),
    ("recipient", "text", "envelope recipient"),
    ("sender", "text", "envelope sender; empty for a delivery report"),
    ("traffic", "text", "the traffic it belongs to; 'report' for delivery reports"),
    ("to_domain", "text", "domain of the recipient"),
    ("size_bytes", "int", "size of the content as the client submitted it"),
    ("submitted_at_s", "time", "when it fell due at the client"),
    ("accepted_at_s", "time", "when the first server took it over; null before that"),
    ("ended_at_s", "time", "when its fate was sealed; null while queued"),
    ("delay_s", "time", "ended - submitted; null while queued"),
    (
        "fate",
        "text",
        "delivered, bounced, expired, refused, discarded, expanded (to others) or queued",
    ),
    ("attempts", "int", "delivery attempts by the servers, all hops together"),
    ("hops", "int", "servers that took it over: its Received lines"),
    ("host", "text", "where it ended, or where it is queued"),
    ("reply", "text", "the reply that sealed its fate"),
)

ATTEMPTS = _table(
    "attempts",
    "a recipient in a delivery attempt of one hop, with Postfix's delays a/b/c/d",
    ("message", "int", "number of the message"),
    ("recipient", "text", "envelope recipient"),
    ("host", "text", "the client of the hop"),
    ("destination", "text", "next-hop name, as routing gave it"),
    ("relay", "text", "host[address]:port that was tried; 'none' if it came to none"),
    ("session", "int", "number of the session; null if there was none"),
    ("conn_use", "int", "how many messages the connection had carried, this one included"),
    ("ended_at_s", "time", "when the attempt ended"),
    ("delay_s", "time", "time since the message arrived at this host: a + b + c + d"),
    ("a_s", "time", "before the queue manager: arrival to entry into the active queue"),
    ("b_s", "time", "in the queue manager: active queue to hand-off"),
    ("c_s", "time", "connection set-up: DNS, TCP, greeting, EHLO, STARTTLS, AUTH, or RSET"),
    ("d_s", "time", "transmission: MAIL to the final reply"),
    (
        "status",
        "text",
        "sent, deferred, bounced or expired; at a client: sent, refused or deferred",
    ),
    ("code", "int", "SMTP reply code; null when no reply caused it"),
    ("enhanced", "text", "enhanced status code"),
    ("reply", "text", "the reply, or what went wrong"),
)

SESSIONS = _table(
    "sessions",
    "a connection, from the first SYN to the close",
    ("session", "int", "number of the session, from 1, in the order they opened"),
    ("client", "text", "host that connected"),
    ("server", "text", "host that was connected to"),
    ("port", "int", "TCP port"),
    ("opened_at_s", "time", "first SYN leaves the client"),
    ("arrived_at_s", "time", "complete at the server: it joins the backlog; null if it never was"),
    ("accepted_at_s", "time", "a worker slot took it; null if it was refused"),
    ("released_at_s", "time", "the server let go of the worker slot"),
    ("wait_s", "time", "accepted - arrived: time in the backlog"),
    ("service_s", "time", "service time the server spent on it"),
    ("tls", "text", "empty, 'starttls' or 'implicit'"),
    ("auth", "text", "SASL mechanism, or empty"),
    ("verbs", "text", "the commands in order, with their counts: 'EHLO=1 MAIL=2 ...'"),
    ("messages", "int", "messages the server accepted"),
    (
        "round_trips",
        "int",
        "times the client waited for the server: TCP and TLS handshakes and slow start included",
    ),
    ("sent_bytes", "int", "octets from client to server, above TCP"),
    ("received_bytes", "int", "octets from server to client, above TCP"),
    ("outcome", "text", "'quit', or the reply that ended it"),
)

QUEUES = _table(
    "queues",
    "a change of a queue's depth",
    ("at_s", "time", "when"),
    ("host", "text", "where"),
    (
        "queue",
        "text",
        "outbox; incoming (no room in active), active, deferred; backlog:PORT, busy:PORT (slots)",
    ),
    ("depth", "int", "number in it from then on"),
)

LOOKUPS = _table(
    "lookups",
    "a question to a host's resolver",
    ("at_s", "time", "when it was asked"),
    ("host", "text", "whose resolver"),
    ("name", "text", "name asked for"),
    ("type", "text", "MX, A, AAAA, TXT, ...; MTA-STS for a policy fetched over HTTPS"),
    (
        "answered_by",
        "text",
        "'cache', the name server, 'none' (nobody answered) or '.' (in no zone)",
    ),
    (
        "status",
        "text",
        "NOERROR, NODATA, NXDOMAIN, SERVFAIL; of HTTPS: 200, 404, certificate, refused, timeout",
    ),
    ("elapsed_s", "time", "simulated time the answer took"),
    ("answers", "int", "number of records in the answer"),
    ("ttl_s", "time", "how long the answer may still be kept"),
)

AUTHENTICATION = _table(
    "authentication",
    "a result of a policy spf, dkim or dmarc, as an Authentication-Results line has it (RFC 8601)",
    ("at_s", "time", "when it was known"),
    ("host", "text", "whose policy"),
    ("client", "text", "host that sent the mail"),
    ("message", "int", "number of the message; null at MAIL, before it is known"),
    ("method", "text", "spf, dkim or dmarc"),
    ("property", "text", "what was looked at: smtp.helo, smtp.mailfrom, header.d or header.from"),
    ("domain", "text", "the domain there"),
    ("result", "text", "none, pass, fail, softfail, neutral, temperror or permerror"),
    ("why", "text", "what led to it; may be empty"),
)

EVENTS = _table(
    "events",
    "a command, reply or content on the wire; only with 'record: {events: true}'",
    ("at_s", "time", "when it left its sender"),
    ("arrives_at_s", "time", "when it reached the other side"),
    ("session", "int", "number of the session"),
    ("message", "int", "number of the message it belongs to; null outside a transaction"),
    ("side", "text", "'C' or 'S'; '-' for what TCP and TLS do"),
    ("text", "text", "the line as it is on the wire, without its CRLF"),
    ("bytes", "int", "octets, CRLF included"),
)

FAULTS = _table(
    "faults",
    "a time in which something was out of order; only where a scenario has faults",
    ("began_at_s", "time", "when it began"),
    ("ended_at_s", "time", "when it ended, or would have after the run; null if never"),
    ("fault", "text", "the fault by name, as the scenario has it"),
    ("target", "text", "host, link (a - b) or domain it befell"),
)

DUPLICATES = _table(
    "duplicates",
    "a fate of a further copy of a message; only where a scenario has faults",
    ("at_s", "time", "when it was sealed"),
    ("message", "int", "number of the message"),
    ("recipient", "text", "envelope recipient, whose fate is in deliveries already"),
    ("host", "text", "where it was sealed"),
    ("fate", "text", "of the copy: delivered, bounced, expired, refused or discarded"),
    ("hops", "int", "servers that took the copy over"),
)

REPORTS = _table(
    "reports",
    "a recipient in a delivery report; the report itself is a message in deliveries",
    ("at_s", "time", "when it was made"),
    ("message", "int", "number of the message that it is about"),
    ("report", "int", "number that the report itself has as a message"),
    ("host", "text", "who reports"),
    ("to", "text", "who gets it: the envelope sender of the message, or postmaster"),
    ("recipient", "text", "envelope recipient of the message"),
    ("action", "text", "failed, delayed, delivered, relayed or expanded"),
    ("status", "text", "enhanced status code"),
    ("remote", "text", "the host that said so, or empty"),
    ("diagnostic", "text", "its reply, or what else there is to say"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        DELIVERIES, ATTEMPTS, SESSIONS, QUEUES, LOOKUPS, REPORTS, AUTHENTICATION,
        EVENTS, FAULTS, DUPLICATES,
    )
}  # fmt: skip
"""The tables by name, in the order a user meets them."""

ON_DEMAND = frozenset({"events", "faults", "duplicates"})
"""Those that only some runs have."""
