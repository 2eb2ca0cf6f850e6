"""One long run cut into windows of time, each measured as if it were a run: batch means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .batch_means import BatchMeans, of_batches
from .frames import Frames

if TYPE_CHECKING:
    import pandas as pd

    from .expressions import Expression

__all__ = ["measured_in_batches", "windows"]


class _Window(Frames):
    """The frames of a run as they concern mail that fell due in one window."""

    def __init__(self, frames: Frames, from_s: float, to_s: float) -> None:
        info: Mapping[str, Any] = {**frames.info, "warmup_s": from_s, "simulated_s": to_s}
        super().__init__({}, info)
        self._whole = frames

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            frame = self._whole[name]
            if name == "deliveries":
                frame = frame[frame["submitted_at_s"] < self.simulated_s]
            self._frames[name] = frame
        return self._frames[name]

    def columns(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns of a table."""
        return self[name][list(columns)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)

    def __contains__(self, name: object) -> bool:
        return name in self._whole


def windows(frames: Frames, n: int) -> Iterator[Frames]:
    """Give the time after the warm-up in ``n`` windows of one length."""
    from_s, to_s = frames.warmup_s, frames.simulated_s
    edges = [from_s + (to_s - from_s) * i / n for i in range(n)] + [to_s]
    for i in range(n):
        yield _Window(frames, edges[i], edges[i + 1])


def measured_in_batches(frames: Frames, expression: Expression, n: int = 20) -> BatchMeans:
    """Return a measure of one run with the interval that its windows give it.

    For a run that goes on in a steady state, and long enough for its windows to be nearly
    independent; a run that sends a fixed amount and ends needs replications instead.

    Parameters
    ----------
    frames : Frames
    expression : Expression
        A delay counts in the window in which its mail fell due.
    n : int
        Windows, at least 2.

    Raises
    ------
    ValueError
        If there are fewer than two.
    """
    return of_batches([expression.of(window) for window in windows(frames, n)])
