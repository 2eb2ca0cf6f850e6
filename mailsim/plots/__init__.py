"""Pictures of a saved run.  One file, one registered class each; none of them touches a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mailsim.registry import Room

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mailsim.analysis import Frames

__all__ = ["COLOURS", "Plot", "plot", "plots"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8A8A")
"""Okabe and Ito's palette: told apart by people of any colour vision."""


class Plot(Protocol):
    """What a plot offers."""

    def draw(self, frames: Frames, ax: Axes, **options: Any) -> Axes:
        """Draw the run into ``ax`` and return it."""


plots: Room[Plot] = Room("plot", "mailsim.plots", Plot)
plot = plots.register
