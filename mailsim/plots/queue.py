"""How much waits where: queue depth over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.analysis import Frames, depth_steps, number_text, peak_depths
from mailsim.errors import ConfigError
from mailsim.plots import COLOURS, plot
from mailsim.plots._axes import frame, note, thinned, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Queue"]

_QUEUES = 5


@plot("queue")
class Queue:
    """Show the depth of the deepest queues, as steps over simulated time.

    Source: queue names of Postfix QSHAPE_README; ``backlog`` counts waiting connections.
    """

    def draw(self, frames: Frames, ax: Axes, *, host: str | None = None) -> Axes:
        """Draw queue depths.

        Parameters
        ----------
        frames : Frames
        ax : matplotlib.axes.Axes
        host : str, optional
            Show the queues of this host only, instead of the deepest of all.

        Raises
        ------
        ConfigError
            If no host of that name has queues.
        """
        queues = frames.columns("queues", ["at_s", "host", "queue", "depth"])
        if host is not None and not (queues["host"] == host).any():
            known = ", ".join(sorted(queues["host"].unique())[:20])
            raise ConfigError(f"no queues of host {host!r}: known are {known}")
        peaks = peak_depths(queues if host is None else queues[queues["host"] == host])
        end_s, scale_s = frames.simulated_s, time_axis(ax, frames)
        for colour, row in zip(COLOURS, peaks.head(_QUEUES).itertuples(), strict=False):
            at_s, depth = thinned(*depth_steps(queues, row.host, row.queue, 0.0, end_s))
            label = f"{row.host} {row.queue}, peak {number_text(int(row.depth))}"
            ax.step(at_s / scale_s, depth, where="post", color=colour, label=label, linewidth=1.5)
        ax.set_ylabel("in the queue (messages or connections)")
        # Linear up to ten, logarithmic above: a few waiting connections show beside a campaign.
        ax.set_yscale("symlog", linthresh=10)
        ax.set_ylim(bottom=0)
        ax.yaxis.set_major_formatter(lambda depth, _: number_text(depth))
        if len(peaks):
            ax.legend(loc="upper right", frameon=False, fontsize=9)
        else:
            note(ax, "no queue was ever used")
        frame(ax, "Queue depth", frames)
        return ax
