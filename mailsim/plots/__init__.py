"""Pictures of a saved run.  One file, one registered class each; none of them touches a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from mailsim.registry import Room

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["COLOURS", "Plot", "plot", "plots"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8A8A")
"""Okabe and Ito's palette: told apart by people of any colour vision."""


class Plot(Protocol):
    """What a plot offers."""

    @property
    def draw(self) -> Callable[..., Axes]:
        """Draw: takes the frames, the axes and options of its own by name; returns the axes."""


plots: Room[Plot] = Room("plot", "mailsim.plots", Plot)
plot = plots.register
