"""What is out of order at the hosts of a world: which are down, slow, full, or mistrusted."""

from __future__ import annotations

from math import prod
from typing import Protocol

from mailsim.sim.clock import Clock
from mailsim.sim.network import Network

__all__ = ["Machine", "Machines", "Program"]


class Program(Protocol):
    """What runs on a machine."""

    def crash(self) -> None:
        """Lose all that is not on disk."""

    def restart(self) -> None:
        """Begin again with what is."""


class Machine:
    """A host as a machine.

    Attributes
    ----------
    crashed_ns : list of int
        When it crashed.
    slowness : list of float
        Factors by which its disk is slow.
    added_ns : int
        What its disk needs besides, for each message.
    n_full : int
        How many faults fill its disk now.
    n_expired : int
        How many say that its certificate has expired.
    n_silent, n_failing : int
        How many keep its name server from answering, and from answering well.
    """

    __slots__ = (
        "added_ns",
        "crashed_ns",
        "n_down",
        "n_expired",
        "n_failing",
        "n_full",
        "n_silent",
        "slowness",
    )

    def __init__(self) -> None:
        self.n_down = self.n_full = self.n_expired = self.added_ns = 0
        self.n_silent = self.n_failing = 0
        self.slowness: list[float] = []
        self.crashed_ns: list[int] = []

    @property
    def n_boots(self) -> int:
        """Crashes so far: what has seen another number did not survive one."""
        return len(self.crashed_ns)

    @property
    def is_down(self) -> bool:
        """True between a crash and the restart."""
        return self.n_down > 0

    def spent_ns(self, service_ns: int) -> int:
        """Return how long a service takes that takes ``service_ns`` in health."""
        factor: float = prod(self.slowness)
        return int(round(service_ns * factor)) + self.added_ns  # noqa: RUF046 (not when compiled)


class Machines:
    """All machines of a world; one of which nothing is known is well.

    Parameters
    ----------
    network : Network
        Whose links die with a machine.
    env : Clock
    """

    def __init__(self, network: Network, env: Clock) -> None:
        self._env = env
        self._network = network
        self._machines: dict[str, Machine] = {}
        self._programs: dict[str, list[Program]] = {}

    def __getitem__(self, name: str) -> Machine:
        machine = self._machines.get(name)
        if machine is None:
            machine = self._machines[name] = Machine()
        return machine

    def install(self, name: str, program: Program) -> None:
        """Say that a program runs on a machine."""
        self._programs.setdefault(name, []).append(program)

    def crash(self, name: str) -> None:
        """Let a machine die, unless it is dead, and with it its links and programs."""
        machine = self[name]
        machine.n_down += 1
        if machine.n_down > 1:
            return
        machine.crashed_ns.append(self._env.now)
        for a, b in self._network.links_of(name):
            self._network.take_down(a, b)
        for program in self._programs.get(name, ()):
            program.crash()

    def restart(self, name: str) -> None:
        """Start a machine, once all that brought it down is over."""
        machine = self[name]
        machine.n_down -= 1
        if machine.n_down:
            return
        for a, b in self._network.links_of(name):
            self._network.bring_up(a, b)
        for program in self._programs.get(name, ()):
            program.restart()
