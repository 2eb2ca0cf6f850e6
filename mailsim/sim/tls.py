"""TLS handshakes: their flights, and the sessions that a client may resume."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from simpy import Event

from mailsim.sim.service import Service
from mailsim.sim.world import World

__all__ = ["Handshake", "TlsSessions", "agreed", "handshake_of", "shake"]


class Handshake(NamedTuple):
    """What travels before a connection is encrypted.

    What the client says last goes with its first command and costs no time of its own.

    Attributes
    ----------
    flights : tuple of (int, int)
        Octets up and down, a pair for each round trip.
    up_bytes, down_bytes : int
        Their sums.
    """

    flights: tuple[tuple[int, int], ...]
    up_bytes: int
    down_bytes: int


def _handshake(*flights: tuple[int, int]) -> Handshake:
    return Handshake(flights, sum(up for up, _ in flights), sum(down for _, down in flights))


# A ClientHello of OpenSSL has 517 octets, padding included (RFC 7685).  A certificate chain of
# usual length makes it 3000 back (assumption).  Without one: ServerHello about 90 to 130, with
# the extensions, ChangeCipherSpec and Finished under TLS 1.2 51, a ticket about 200.
_HANDSHAKES = {
    ("TLSv1.3", False): _handshake((517, 3000)),
    ("TLSv1.3", True): _handshake((517, 250)),
    ("TLSv1.2", False): _handshake((517, 3000), (93, 250)),
    ("TLSv1.2", True): _handshake((517, 150)),
}


def handshake_of(protocol: str, *, is_resumed: bool) -> Handshake:
    """Return the handshake of ``TLSv1.2`` or ``TLSv1.3``.

    One round trip in TLS 1.3 (RFC 8446 section 2), resumed (section 2.2) or not: early data is
    not used, for a server that speaks SMTP would have to guard against replays of it (appendix
    E.5).  Two in TLS 1.2 (RFC 5246 section 7.3), one of them if the session is resumed by ticket
    (RFC 5077 section 3.1).
    """
    return _HANDSHAKES[protocol, is_resumed]


class TlsSessions:
    """The TLS sessions that the clients of one host may resume.

    Source: RFC 8446 section 2.2, RFC 5077; Postfix ``smtp_tls_session_cache_database``.

    Parameters
    ----------
    lifetime_ns : int
        How long a session may be resumed after it was set up.
    """

    def __init__(self, lifetime_ns: int) -> None:
        self._lifetime_ns = lifetime_ns
        self._since: dict[tuple[str, int], int] = {}

    def has(self, server: str, port: int, now_ns: int) -> bool:
        """Tell whether there is a session with that server to resume."""
        since = self._since.get((server, port))
        return since is not None and now_ns - since < self._lifetime_ns

    def keep(self, server: str, port: int, now_ns: int) -> None:
        """Keep a session that has been set up."""
        self._since[server, port] = now_ns


def agreed(
    world: World, number: int, service: Service, sessions: TlsSessions | None, t: int
) -> Generator[Event, Any, Handshake]:
    """Return the handshake that a client and a service agree on at ``t``.

    Parameters
    ----------
    world : World
    number : int
        Number of the client's process.
    service : Service
    sessions : TlsSessions or None
        Those of the client's host, which others use too: a synchronisation point.
    t : int
    """
    is_resumed = False
    if sessions is not None:
        yield world.at(t, number)
        is_resumed = sessions.has(service.host, service.port, t)
    return handshake_of(service.tls_protocol, is_resumed=is_resumed)


Travel = Callable[[int, int, bool], Generator[Event, Any, int]]


def shake(
    handshake: Handshake, hello: int, travel: Travel, *, is_implicit: bool
) -> Generator[Event, Any, int]:
    """Let the flights of a handshake travel; return when the side that speaks next may (ns).

    Parameters
    ----------
    handshake : Handshake
    hello : int
        When the client's first flight is at the server.
    travel : callable
        Takes when a flight leaves, its octets and whether it goes up; returns when it arrives.
    is_implicit : bool
        Whether TLS comes before the greeting (RFC 8314): then the server speaks next, after the
        client's last flight; its own last one goes with the greeting.
    """
    (_, down), *more = handshake.flights
    t = yield from travel(hello, down, False)
    for up, down in more:
        t = yield from travel(t, up, True)
        if not is_implicit:
            t = yield from travel(t, down, False)
    if is_implicit and not more:
        t = yield from travel(t, 0, True)
    return t
