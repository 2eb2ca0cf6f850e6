"""What makes a path more than latency and bandwidth: jitter, loss, and links that are shared."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

__all__ = ["Rough", "rough_of"]


class Rough(NamedTuple):
    """The links of a path that have more than latency and bandwidth.

    Attributes
    ----------
    loss : float
        Share of the segments that do not arrive.
    jitters : tuple of (int, int)
        Latency and jitter (ns) of each link that has some.
    shared : tuple of ((str, str), int)
        The shared links, near end first, and their bandwidth (bit/s).
    own_bit_s : int
        Bandwidth of the narrowest link that is not shared; 0 for no limit.
    """

    loss: float
    jitters: tuple[tuple[int, int], ...]
    shared: tuple[tuple[tuple[str, str], int], ...]
    own_bit_s: int

    def jitter_ns(self, uniform: Callable[[], float]) -> int:
        """Draw what a flight takes more, or less: uniform on each link, whose delay is not below 0.

        Source: the default of Linux's network emulator, ``netem delay TIME JITTER``.
        """
        return sum(
            max(-latency, round((2 * uniform() - 1) * jitter)) for latency, jitter in self.jitters
        )


def rough_of(nodes: Sequence[str], links: Sequence[dict[str, Any]]) -> Rough | None:
    """Return what is rough about a path, or None where it is plain.

    Parameters
    ----------
    nodes : sequence of str
        From end to end.
    links : sequence of dict
        Figures of the links between them.
    """
    arrives = math.prod(1 - link.get("loss", 0.0) for link in links)
    jitters = [(link["latency_ns"], link["jitter_ns"]) for link in links if link.get("jitter_ns")]
    shared, own = [], []
    for ends, link in zip(pairwise(nodes), links, strict=True):
        bit_s = link["bandwidth_bit_s"]
        if bit_s and link.get("is_shared"):
            shared.append((ends, bit_s))
        elif bit_s:
            own.append(bit_s)
    if arrives == 1 and not jitters and not shared:
        return None
    return Rough(1 - arrives, tuple(jitters), tuple(shared), min(own, default=0))
