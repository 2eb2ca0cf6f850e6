"""A connection over a path that jitters, loses segments or is shared: each flight is an event.

All that is random or shared is drawn and taken at the moment a flight, or a round of it, leaves:
one more synchronisation point.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from mailsim.sim.cubic import CubicSender
from mailsim.sim.loss import LossySender
from mailsim.sim.network import Path
from mailsim.sim.rough import Rough
from mailsim.sim.tcp import RTO, transmission_ns
from mailsim.sim.world import World

__all__ = ["SYN_RETRIES", "Line"]

SYN_RETRIES = 6
"""Linux ``net.ipv4.tcp_syn_retries``: gives up after 127 s."""


class Line:
    """One connection over such a path.

    Parameters
    ----------
    world : World
    host, target : str
        The client's host and the server's.
    path : Path
    rough : Rough
        Of that path.

    Attributes
    ----------
    up : LossySender
        The client's side.
    """

    def __init__(self, world: World, host: str, target: str, path: Path, rough: Rough) -> None:
        self._world = world
        self._latency_ns = path.latency_ns
        self._bit_s = path.bandwidth_bit_s
        self._rough = rough
        back = tuple(((b, a), bit_s) for (a, b), bit_s in rough.shared)
        self._shared = (back, rough.shared)
        self._uniform = world.streams[f"line/{host}/{target}"].uniform
        self.up = self._sender()
        self._senders = (self._sender(), self.up)

    def _sender(self) -> LossySender:
        tcp = self._world.tcp
        kind = CubicSender if tcp.congestion_control == "cubic" else LossySender
        loss = self._rough.loss
        return kind(2 * self._latency_ns, self._bit_s, loss, self._uniform, tcp.acked_each)

    def connect(
        self, t: int, number: int, timeout_ns: int
    ) -> Generator[Event, Any, tuple[int, int] | None]:
        """Let SYN, SYN-ACK and ACK travel; again after 1, 3, 7 s where one is lost (RFC 6298).

        Returns
        -------
        (int, int) or None
            When the client knows that it is connected, and when the server does; None after
            the time-out.
        """
        yield self._world.at(t, number)
        begun, wait_ns = t, RTO
        for _ in range(SYN_RETRIES + 1):
            if not any(self._is_lost() for _ in range(3)):
                known = t + self._delay_ns() + self._delay_ns()
                return known, known + self._delay_ns()
            t, wait_ns = t + wait_ns, 2 * wait_ns
            if t - begun >= timeout_ns:
                break
        return None

    def carry(
        self, t: int, size_bytes: int, is_up: bool, number: int
    ) -> Generator[Event, Any, tuple[int, int]]:
        """Let a flight travel that leaves at ``t``.

        Returns
        -------
        arrives_ns : int
        n_waits : int
            How often its sender stood still.
        """
        world, shared = self._world, self._shared[is_up]
        sender, n_waits = self._senders[is_up], 0
        yield world.at(t, number)
        if shared and sender.is_unlimited_by(self._bit_s):
            yield world.sharing.carry(size_bytes, shared, self._rough.own_bit_s)
            return world.env.now + self._latency_ns + self._jitter_ns(), 0
        for octets, least_ns, is_last in sender.rounds(size_bytes):
            begun = t
            if shared:
                yield world.sharing.carry(octets, shared, self._rough.own_bit_s)
                t = world.env.now
            else:
                t += transmission_ns(octets, self._bit_s)
            if not is_last and t < begun + least_ns:
                n_waits += 1
                t = begun + least_ns
                if shared:
                    yield world.at(t, number)
        return t + self._delay_ns(), n_waits

    def _is_lost(self) -> bool:
        return self._rough.loss > 0 and self._uniform() < self._rough.loss

    def _delay_ns(self) -> int:
        return self._latency_ns + self._jitter_ns()

    def _jitter_ns(self) -> int:
        return self._rough.jitter_ns(self._uniform)
