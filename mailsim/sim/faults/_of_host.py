"""What the faults of one host share that are told by its name alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from mailsim.sim.faults import Fault, Target
from mailsim.sim.faults._options import name_of

__all__ = ["HostFault"]


class HostFault(Fault):
    """A fault of one host.

    Parameters
    ----------
    host : str

    Attributes
    ----------
    kind : str
        What the host must be; see :class:`~mailsim.sim.faults.Target`.
    """

    kind: ClassVar[str]

    def __init__(self, host: str) -> None:
        self.host = host

    @classmethod
    def from_options(cls, options: object) -> Self:
        """Return the fault for the name of a host."""
        return cls(name_of(options))

    def targets(self) -> Iterable[Target]:
        """Return the host."""
        return (Target(self.kind, (self.host,)),)
