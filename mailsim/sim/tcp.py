"""TCP's slow start: how long a large flight takes on a path without loss that is not shared."""

from __future__ import annotations

from typing import Literal, NamedTuple

from mailsim.units import SECOND

__all__ = ["INITIAL_WINDOW", "MSS", "RTO", "Sender", "TcpSettings", "transmission_ns"]

MSS = 1460
"""Octets of a segment: Ethernet's 1500, less IPv4 and TCP headers (RFC 9293 section 3.7.1)."""
INITIAL_WINDOW = 10 * MSS
"""Octets that may be sent before the first acknowledgment (RFC 6928)."""
RTO = SECOND
"""The least time before a retransmission in ns, and the first one (RFC 6298 section 2)."""


class TcpSettings(NamedTuple):
    """How all hosts speak TCP.

    Attributes
    ----------
    congestion_control : str
        ``reno`` (RFC 5681) or ``cubic`` (RFC 9438): what a sender does about loss.
    acked_each : int
        A receiver acknowledges each so many segments: 1, or 2 where it delays acknowledgments
        (RFC 9293 section 3.8.6.3).
    """

    congestion_control: Literal["reno", "cubic"] = "reno"
    acked_each: int = 1


def transmission_ns(size_bytes: int, bit_s: int) -> int:
    """Return how long octets take to leave at ``bit_s``; 0 is for no limit."""
    # In two steps: compiled code multiplies by numbers above 2**31 several times as slowly.
    return size_bytes * 8 * 1_000_000_000 // bit_s if bit_s else 0


class Sender:
    """One side of a connection, as far as its congestion window goes.

    The window grows by a segment for each acknowledgment, so it doubles each time that it has been
    filled and each segment is acknowledged; a flow that the application limits does not open it
    (RFC 5681 section 3.1, RFC 7661).  After an idle time
    of more than the retransmission timeout it begins again (RFC 5681 section 4.1).  There is no
    limit by the receiver, and no loss for want of buffers.

    Source: J. Heidemann, K. Obraczka and J. Touch, "Modeling the performance of HTTP over
    several transport protocols", IEEE/ACM Transactions on Networking 5 (1997): a sender that
    has sent its window waits for the acknowledgment of the first segment in it.

    Parameters
    ----------
    rtt_ns : int
        Round-trip time without transmission.
    bit_s : int
        Bandwidth of the path; 0 for no limit.
    acked_each : int
        Segments that an acknowledgment is for.
    """

    __slots__ = ("_acked_bytes", "_bit_s", "_first_ack_ns", "_idle_from_ns", "_rtt_ns", "_window")

    def __init__(self, rtt_ns: int, bit_s: int, acked_each: int = 1) -> None:
        self._rtt_ns = rtt_ns
        self._bit_s = bit_s
        self._acked_bytes = acked_each * MSS
        self._first_ack_ns = rtt_ns + transmission_ns(self._acked_bytes, bit_s)
        self._window = INITIAL_WINDOW
        self._idle_from_ns = 0

    def send(self, size_bytes: int, t: int) -> tuple[int, int]:
        """Send a flight from ``t`` on.

        Returns
        -------
        left_ns : int
            When its last octet has left.
        n_waits : int
            How often the sender stood still until an acknowledgment came.
        """
        window, n_waits, rest = self._window, 0, size_bytes
        while rest > window:
            busy_ns = transmission_ns(window, self._bit_s)
            if busy_ns < self._first_ack_ns:
                n_waits += 1
            t += max(busy_ns, self._first_ack_ns)
            rest -= window
            window = self._grown(window)
        self._window = self._grown(window) if rest == window else window
        return t + transmission_ns(rest, self._bit_s), n_waits

    def _grown(self, window: int) -> int:
        return window - -window // self._acked_bytes * MSS

    def rest(self, t: int) -> None:
        """Say that all has been sent and answered at ``t``."""
        self._idle_from_ns = t

    def resume(self, t: int) -> None:
        """Say that more is going to be sent from ``t`` on."""
        if t - self._idle_from_ns > max(RTO, self._rtt_ns):
            self._window = INITIAL_WINDOW
