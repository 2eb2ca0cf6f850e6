"""What the topologies share that are read from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx

from mailsim.errors import ConfigError
from mailsim.sim.graphs import Raw, tidy
from mailsim.sim.topologies import Topology

__all__ = ["Raw", "Reader"]


class Reader(Topology):
    """A topology read from a file.

    Parameters
    ----------
    path : Path
    """

    form = ""
    """What the file should be, for errors."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Reader:
        """Return the topology for ``{file: path}``."""
        if set(options) != {"file"}:
            raise ValueError(f"expected {{file: path}}, got {options!r}")
        return cls(Path(options["file"]))

    def graph(self, hosts: list[str]) -> nx.Graph:
        """Return the graph of the file.

        Directions do not count, loops are left out, and of parallel links the fastest stays.
        A link without a latency between nodes with coordinates gets that of their distance.

        Raises
        ------
        ConfigError
            If the file cannot be read, is in another form, or a figure in it is wrong.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{self.path}: cannot be read: {error.strerror}") from error
        if not data.strip():
            raise ConfigError(f"{self.path}: no {self.form}: the file is empty")
        try:
            raw = self.raw(data)
        except ValueError as error:
            raise ConfigError(f"{self.path}: no {self.form}: {error}") from error
        return tidy(raw, str(self.path))

    def raw(self, data: bytes) -> Raw:
        """Return the nodes and links of a file's octets.

        Raises
        ------
        ValueError
            If they are in another form; says where.
        """
        raise NotImplementedError
