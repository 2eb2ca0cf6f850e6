"""How much arrives: deliveries over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis import Frames, duration_text
from mailsim.plots import COLOURS, plot
from mailsim.plots._axes import frame, label_text, note, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Throughput"]

_BINS = 60
_NICE_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


@plot("throughput")
class Throughput:
    """Show deliveries per second, traffic by traffic, over simulated time.

    Source: messages per interval, as mail log summaries such as pflogsumm count them.
    """

    def draw(self, frames: Frames, ax: Axes) -> Axes:
        """Draw deliveries per second in equal intervals.

        Parameters
        ----------
        frames : Frames
        ax : matplotlib.axes.Axes
        """
        mail = frames["deliveries"]
        mail = mail[mail["fate"] == "delivered"]
        end_s, scale_s = frames.simulated_s, time_axis(ax, frames)
        width_s = next((nice for nice in _NICE_S if end_s / nice <= _BINS), end_s / _BINS)
        edges = np.arange(0, end_s + width_s, width_s)
        names = list(mail["traffic"].value_counts().index[: len(COLOURS)])
        series = [mail.loc[mail["traffic"] == name, "ended_at_s"].to_numpy() for name in names]
        counts = [np.histogram(ended, edges)[0] / width_s for ended in series]
        if counts:
            ax.stackplot(
                edges[:-1] / scale_s,
                counts,
                step="post",
                labels=[
                    f"{label_text(n)}  n={len(s):,}" for n, s in zip(names, series, strict=True)
                ],
                colors=COLOURS,
                alpha=0.85,
            )
            ax.legend(loc="upper right", frameon=False, fontsize=9)
        else:
            note(ax, "nothing was delivered")
        ax.set_ylabel(f"deliveries per second, mean over {duration_text(width_s)}")
        ax.set_ylim(bottom=0)
        frame(ax, "Throughput", frames)
        return ax
