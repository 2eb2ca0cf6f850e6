"""Links that are shared: each flow that crosses them gets its fair share of them, at any moment."""

from __future__ import annotations

import math
from collections.abc import Callable

from simpy import Event

from mailsim.sim.clock import Clock, SyncPoint

__all__ = ["Sharing"]

Link = tuple[tuple[str, str], int]


class _Flow:
    """Octets under way: how many are left, and at which rate they leave now."""

    __slots__ = ("bit_s", "cap_bit_s", "done", "ends_ns", "left_bits", "links")

    def __init__(self, bits: int, links: tuple[Link, ...], cap_bit_s: int, done: Event) -> None:
        self.left_bits = float(bits)
        self.links = links
        self.cap_bit_s = cap_bit_s or math.inf
        self.done = done
        self.bit_s = 0.0
        self.ends_ns = 0


class Sharing:
    """All shared links of a network and the flows over them.

    The rates are max-min fair: nobody can get more without somebody who has less getting still
    less.  Each direction of a link is a link of its own.

    Source: D. Bertsekas and R. Gallager, "Data Networks", 2nd edition (1992), section 6.5.2: the
    rates of all flows rise together until a link is full or a flow has what it can take.  On one
    link that is processor sharing (L. Kleinrock, "Time-shared systems: a theoretical treatment",
    Journal of the ACM 14 (1967)).

    Parameters
    ----------
    env : Clock
    next_number : callable
        Gives a number that no other process has.
    """

    def __init__(self, env: Clock, next_number: Callable[[], int]) -> None:
        self._env = env
        self._next_number = next_number
        self._number = 0
        self._flows: dict[_Flow, None] = {}
        self._settled_ns = 0
        self._plan: SyncPoint | None = None

    def carry(self, size_bytes: int, links: tuple[Link, ...], cap_bit_s: int) -> Event:
        """Let octets leave from now on; return the event of the last of them having left.

        Parameters
        ----------
        size_bytes : int
        links : tuple of ((str, str), int)
            The shared links on its way, and their bandwidth (bit/s).
        cap_bit_s : int
            What it can take at most; 0 for no limit.
        """
        self._number = self._number or self._next_number()
        self._settle()
        done = self._env.event()
        self._flows[_Flow(8 * size_bytes, links, cap_bit_s, done)] = None
        self._share()
        return done

    def _settle(self) -> None:
        """Take off what has left since the rates were set."""
        now = self._env.now
        elapsed_s = (now - self._settled_ns) / 1e9
        if elapsed_s:
            for flow in self._flows:
                flow.left_bits -= flow.bit_s * elapsed_s
        self._settled_ns = now

    def _share(self) -> None:
        """Set the rates anew, and plan for the moment when the first flow is over."""
        self._fill()
        now, first = self._env.now, None
        for flow in self._flows:
            flow.ends_ns = now + max(0, math.ceil(flow.left_bits * 1e9 / flow.bit_s - 1e-3))
            if first is None or flow.ends_ns < first:
                first = flow.ends_ns
        self._plan = None
        if first is not None:
            self._plan = point = SyncPoint(self._env, first, self._number)
            assert point.callbacks is not None
            point.callbacks.append(self._end)

    def _fill(self) -> None:
        free: dict[tuple[str, str], float] = {}
        users: dict[tuple[str, str], int] = {}
        for flow in self._flows:
            for link, bit_s in flow.links:
                free[link] = bit_s
                users[link] = users.get(link, 0) + 1
        rising = list(self._flows)
        while rising:
            tightest = min(
                (link for link in users if users[link]), key=lambda a: free[a] / users[a]
            )
            share = free[tightest] / users[tightest]
            settled = [flow for flow in rising if flow.cap_bit_s <= share] or [
                flow for flow in rising if any(link == tightest for link, _ in flow.links)
            ]
            for flow in settled:
                flow.bit_s = min(share, flow.cap_bit_s)
                for link, _ in flow.links:
                    free[link] -= flow.bit_s
                    users[link] -= 1
            gone = set(settled)
            rising = [flow for flow in rising if flow not in gone]

    def _end(self, point: Event) -> None:
        if point is not self._plan:  # a flow has come since, and the rates are others
            return
        self._settle()
        now = self._env.now
        for flow in [flow for flow in self._flows if flow.ends_ns <= now]:
            del self._flows[flow]
            flow.done.succeed()
        self._share()
