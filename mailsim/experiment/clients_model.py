"""The mail clients on a host, as a user writes them."""

from __future__ import annotations

from typing import get_args

from pydantic import Field

from mailsim.experiment.keys import Count, Flag, Model, Port, TlsOrImplicit
from mailsim.experiment.listen_model import Mechanism

__all__ = ["Clients"]


class Clients(Model):
    """The mail clients on a host: people, or a program that sends in bulk.

    Attributes
    ----------
    count
        How many of them; each message comes from one of all clients that may send it.
    submit_to
        Host that they submit to.
    port
        Port there: 587 for submission, 25 for a server.
    tls
        Whether to use STARTTLS where it is offered (may), to insist on it (encrypt), or to
        begin with TLS (implicit); implicit on 465, none on 25, else encrypt.
    pipelining
        Use PIPELINING where it is offered.
    chunking
        Use BDAT where CHUNKING is offered.
    tls_resumption
        Resume TLS sessions, within two hours.
    initial_response
        Send the first response of AUTH along with the command, where the mechanism has one.
    mechanisms
        SASL mechanisms they know, the one they like best first.
    connections
        Connections a bulk sender opens at most, at a time.
    messages_per_connection
        After so many messages a bulk sender opens a new connection.
    talk_early
        They do not wait for the greeting, as some spammers; the policy postscreen sees that.
    """

    count: Count = 1
    submit_to: str
    port: Port = 587
    tls: TlsOrImplicit | None = None
    pipelining: Flag = True
    chunking: Flag = False
    tls_resumption: Flag = False
    initial_response: Flag = True
    mechanisms: list[Mechanism] = Field(default=list(get_args(Mechanism)))
    connections: Count = 10
    messages_per_connection: Count = 100
    talk_early: Flag = False
