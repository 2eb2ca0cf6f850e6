"""What all pictures share: a quiet frame, an axis of simulated time, a word when all is empty."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis import Frames

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["frame", "label_text", "note", "thinned", "time_axis"]

_LONGEST = 30
_TIME_UNITS = ((172_800.0, 86_400.0, "d"), (21_600.0, 3600.0, "h"), (300.0, 60.0, "min"))


def time_axis(ax: Axes, frames: Frames) -> float:
    """Give ``ax`` an axis of simulated time over the whole run; return seconds per unit.

    The warm-up is grey, and the times of faults are red.
    """
    end_s = frames.simulated_s
    found = (unit for unit in _TIME_UNITS if end_s >= unit[0])
    _, scale_s, name = next(found, (0.0, 1.0, "s"))
    ax.set_xlabel(f"simulated time ({name})")
    ax.set_xlim(0, end_s / scale_s)
    if frames.warmup_s:
        ax.axvspan(0, frames.warmup_s / scale_s, color="#eeeeee", zorder=0)
    for began_s, ended_s in _faults(frames):
        ax.axvspan(began_s / scale_s, ended_s / scale_s, color="#f7d9d9", zorder=0, lw=0)
    return scale_s


def _faults(frames: Frames) -> list[tuple[float, float]]:
    """Return when something was out of order, within the run."""
    if "faults" not in frames:
        return []
    table, end_s = frames["faults"], frames.simulated_s
    ended = table["ended_at_s"].fillna(end_s).clip(upper=end_s)
    return list(zip(table["began_at_s"], ended, strict=True))


def frame(ax: Axes, title: str, frames: Frames) -> None:
    """Put the title above, and take away what carries no information."""
    ax.set_title(f"{title} - {frames.title}")
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)


def label_text(name: object) -> str:
    """Return a name as a legend can show it: matplotlib hides what begins with ``_``."""
    text = str(name)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 10]}...{text[-7:]}"
    return f"'{text}'" if text.startswith("_") else text


def note(ax: Axes, text: str) -> None:
    """Say why there is nothing to see."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center")


def thinned(
    x: NDArray[np.float64], y: NDArray[np.float64], n: int = 5_000
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a step function with no more steps than anybody can see.

    Of each of ``n`` stretches of as many steps the first, the least, the greatest and the last
    are kept.
    """
    if len(x) <= 4 * n:
        return x, y
    edges = np.linspace(0, len(x), n + 1).astype(int)
    kept = {0, len(x) - 1}
    for first, last in pairwise(edges):
        part = y[first:last]
        kept |= {first, first + part.argmin(), first + part.argmax(), last - 1}
    at = np.array(sorted(kept))
    return x[at], y[at]
