"""Random numbers: one stream per component and purpose, keyed by name.

A new client or host moves no other stream, and two points of a sweep share theirs.  Numbers
are drawn in blocks, which costs a third of drawing them singly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

__all__ = ["Draws", "Streams"]

_BLOCK = 256


class Draws:
    """One stream.

    Parameters
    ----------
    generator : numpy.random.Generator
    """

    def __init__(self, generator: np.random.Generator) -> None:
        self.uniform = _blocks(generator.random)
        self._generator = generator
        self._exponential: Callable[[], float] | None = None
        self._normal: Callable[[], float] | None = None

    def exponential(self) -> float:
        """Return an exponential variate of mean 1."""
        if self._exponential is None:
            self._exponential = _blocks(self._generator.standard_exponential)
        return self._exponential()

    def normal(self) -> float:
        """Return a standard normal variate."""
        if self._normal is None:
            self._normal = _blocks(self._generator.standard_normal)
        return self._normal()

    def below(self, n: int) -> int:
        """Return a whole number from 0 to ``n - 1``."""
        return int(self.uniform() * n)


def _blocks(draw: Callable[[int], np.ndarray]) -> Callable[[], float]:
    kept: list[float] = []

    def one() -> float:
        if not kept:
            kept.extend(draw(_BLOCK).tolist())
            kept.reverse()
        return kept.pop()

    return one


class Streams:
    """All streams of one run.

    Parameters
    ----------
    seed, replication : int
    """

    def __init__(self, seed: int, replication: int = 0) -> None:
        self._key = (seed, replication)
        self._streams: dict[str, Draws] = {}

    def __getitem__(self, name: str) -> Draws:
        """Return the stream of that name; the same one each time."""
        stream = self._streams.get(name)
        if stream is None:
            word = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big")
            generator = np.random.Generator(np.random.PCG64DXSM([*self._key, word]))
            stream = self._streams[name] = Draws(generator)
        return stream
