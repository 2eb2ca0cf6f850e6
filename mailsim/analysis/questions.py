"""How long an attempt waited for the DNS: which questions of its host were its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Questions"]


class Questions:
    """The questions of a run that took time.

    They bear no number of a message.  But an agent asks one after the other without a pause, the
    first as it is handed the message: whatever chain of questions begins then is its own.

    Parameters
    ----------
    lookups : pandas.DataFrame
        The table ``lookups``.
    """

    def __init__(self, lookups: pd.DataFrame) -> None:
        self._ends: dict[tuple[str, int], list[tuple[str, int]]] = {}
        asked = lookups[lookups["elapsed_s"] > 0]
        at_ns = np.rint(asked["at_s"].to_numpy(dtype=float) * 1e9).astype(np.int64)
        took_ns = np.rint(asked["elapsed_s"].to_numpy(dtype=float) * 1e9).astype(np.int64)
        columns = zip(asked["host"], asked["name"], at_ns, took_ns, strict=True)
        for host, name, at, took in columns:
            self._ends.setdefault((host, int(at)), []).append((name, int(at + took)))

    def asked_ns(self, host: str, destination: str, from_ns: int, until_ns: int) -> int:
        """Return how long an attempt waited for answers.

        Parameters
        ----------
        host : str
            The client of the hop.
        destination : str
            As in ``attempts``.
        from_ns, until_ns : int
            From the hand-off to the SYN, or the end of the attempt.
        """
        name = destination.rpartition(":")[2].strip("[]")
        ends = self._ends.get((host, from_ns), [])
        # Agents that start together ask for different names; the first question is for its own.
        own = [end for end in ends if end[0] == name] or ends
        reached, furthest = {end for _, end in own if end <= until_ns}, from_ns
        while reached:
            furthest = max(furthest, *reached)
            following = {
                end
                for at in reached
                for _, end in self._ends.get((host, at), ())
                if end <= until_ns
            }
            reached = following
        return furthest - from_ns
