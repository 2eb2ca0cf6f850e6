"""What the options of faults are read by: hosts by name, and links by their ends or by a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.sim.faults import Target

if TYPE_CHECKING:
    from mailsim.sim.network import Network

__all__ = ["Links", "name_of"]


def name_of(value: object) -> str:
    """Return a value that must be a name.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(value, str) or not value:
        raise ValueError(f"expected the name of a host, got {value!r}")
    return value


class Links:
    """A link by its two ends, or all links of a node.

    Parameters
    ----------
    names : tuple of str
        Two ends, or one node.
    """

    def __init__(self, *names: str) -> None:
        self.names = names

    @classmethod
    def parse(cls, value: object) -> Links:
        """Return the links that a scenario names.

        Raises
        ------
        ValueError
            If it is neither two names nor one.
        """
        if isinstance(value, str) and value:
            return cls(value)
        if (
            isinstance(value, list)
            and len(value) == 2
            and all(isinstance(end, str) and end for end in value)
            and value[0] != value[1]
        ):
            return cls(*value)
        raise ValueError(f"expected [host, host] or the name of one, got {value!r}")

    def target(self) -> Target:
        """Return what must exist."""
        return Target("link" if len(self.names) == 2 else "node", self.names)

    def of(self, network: Network) -> list[tuple[str, str]]:
        """Return the links."""
        if len(self.names) == 2:
            return [(self.names[0], self.names[1])]
        return network.links_of(self.names[0])
