"""Figures of links that faults change for a while: several at once, each mended on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mailsim.sim.network import Network

__all__ = ["Change", "LinkChanges"]

Change = Callable[[float], float]
"""From a figure without a fault to the one with it."""


class LinkChanges:
    """What is laid over the figures of links.

    Parameters
    ----------
    network : Network
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._base: dict[tuple[str, str, str], float] = {}
        self._laid: dict[tuple[str, str, str], list[Change]] = {}

    def lay(self, links: Iterable[tuple[str, str]], figure: str, change: Change) -> None:
        """Change a figure of some links, over what has been laid before."""
        for a, b in links:
            key = _key(a, b, figure)
            if not self._laid.setdefault(key, []):
                self._base[key] = self._network.figures(a, b).get(figure, 0)
            self._laid[key].append(change)
            self._set(key)

    def lift(self, links: Iterable[tuple[str, str]], figure: str, change: Change) -> None:
        """Take a change away again."""
        for a, b in links:
            key = _key(a, b, figure)
            self._laid[key].remove(change)
            self._set(key)

    def _set(self, key: tuple[str, str, str]) -> None:
        a, b, figure = key
        value = self._base[key]
        for change in self._laid[key]:
            value = change(value)
        # All but the loss are whole numbers, whatever a change has made of them.
        self._network.set_link(a, b, **{figure: value if figure == "loss" else int(value)})


def _key(a: str, b: str, figure: str) -> tuple[str, str, str]:
    return (a, b, figure) if a <= b else (b, a, figure)
