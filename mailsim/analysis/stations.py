"""What theory has to know of a scenario: its stations, and who comes to them.

A station is where somebody waits for something that is scarce: the worker slots of a port, a shared
link, the tokens of a receiver's limit.  Times in seconds, sizes in octets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .intervals import Interval

__all__ = [
    "Bucket",
    "Figure",
    "Fit",
    "Plant",
    "RateDelay",
    "SharedLink",
    "Slots",
    "Source",
    "Times",
]


class Times(NamedTuple):
    """Service times as the scenario has them.

    Attributes
    ----------
    kind : str
        ``constant``, ``exponential``, ``lognormal``, ``uniform``, ``weibull``, ``mixture`` or
        ``cdf``.
    mean_s : float
        NaN for ``cdf``.
    cv2 : float
        Squared coefficient of variation; NaN for ``cdf``.
    """

    kind: str
    mean_s: float
    cv2: float


class Source(NamedTuple):
    """What the clients of a host send.

    Attributes
    ----------
    arrival_per_s : float
        Messages; NaN if that is not constant.
    why_not : str
        Why it is no Poisson process; empty if it is one.
    """

    arrival_per_s: float
    why_not: str = ""


class Slots(NamedTuple):
    """The worker slots of a port, and the backlog before them.

    Attributes
    ----------
    host : str
    port : int
    slots : int
    backlog : int
        Connections that may wait; -1 for any number.
    times : Times
        Service time of a message.
    sources : mapping of str to Source
        The clients that submit here, by their host.
    is_behind_shared : bool
        Whether a shared link is on the way of any of them.
    """

    host: str
    port: int
    slots: int
    backlog: int
    times: Times
    sources: Mapping[str, Source]
    is_behind_shared: bool


class SharedLink(NamedTuple):
    """One direction of a shared link.

    Attributes
    ----------
    near, far : str
        Its ends.
    byte_s : float
        What it carries.
    sources : mapping of str to Source
        The clients whose way to their server it is on, by their host.
    servers : frozenset of (str, int)
        Host and port that these submit to.
    relays : bool
        Whether servers may send over it, too.
    own_byte_s : frozenset of float
        What each of them can take at most; 0 for no limit.
    is_plain : bool
        Whether their ways have neither latency, jitter nor loss, nor another shared link.
    """

    near: str
    far: str
    byte_s: float
    sources: Mapping[str, Source]
    servers: frozenset[tuple[str, int]]
    relays: bool
    own_byte_s: frozenset[float]
    is_plain: bool


class Bucket(NamedTuple):
    """A limit on the rate of messages that a receiver takes from each address.

    Attributes
    ----------
    host : str
    rate_per_s : float
    burst : int
    sources : mapping of str to Source
        The clients that submit here, by their host.
    why_not : str
        What else the receiver limits; empty if nothing.
    """

    host: str
    rate_per_s: float
    burst: int
    sources: Mapping[str, Source]
    why_not: str


class RateDelay(NamedTuple):
    """A sender that lets time pass between deliveries.

    Attributes
    ----------
    host : str
    delay_s : float
    is_between_ends : bool
        To one destination: from the end of a delivery, the only one at a time, to the next; else
        between the starts of all.
    why_not : str
        Why its deliveries are no single line; empty if they are.
    """

    host: str
    delay_s: float
    is_between_ends: bool
    why_not: str


class Plant(NamedTuple):
    """All stations of a scenario.

    Attributes
    ----------
    slots : tuple of Slots
    links : tuple of SharedLink
    buckets : tuple of Bucket
    delays : tuple of RateDelay
    has_faults : bool
    """

    slots: tuple[Slots, ...]
    links: tuple[SharedLink, ...]
    buckets: tuple[Bucket, ...]
    delays: tuple[RateDelay, ...]
    has_faults: bool


class Figure(NamedTuple):
    """One figure, by theory and as it was measured.

    Attributes
    ----------
    name : str
        As in :mod:`mailsim.analysis.queueing`.
    theory : float
    measured : Interval
        With the interval that batch means give it.
    """

    name: str
    theory: float
    measured: Interval

    @property
    def error(self) -> float:
        """Measured less theory, over theory; NaN where theory says 0."""
        return (self.measured.value - self.theory) / self.theory if self.theory else float("nan")


class Fit(NamedTuple):
    """A station beside theory.

    Attributes
    ----------
    station : str
        ``mx.example.org:25``, say.
    model : str
        Such as ``M/M/1``; empty if none fits.
    about : str
        Arrivals, service and number of slots that the model has.
    why_not : tuple of str
        Each reason why none fits.
    figures : tuple of Figure
        None if no model fits.
    """

    station: str
    model: str
    about: str
    why_not: tuple[str, ...]
    figures: tuple[Figure, ...]
