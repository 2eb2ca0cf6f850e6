"""How long delivery takes: the distribution of the delay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis import Frames, duration_text
from mailsim.errors import ConfigError
from mailsim.plots import COLOURS, plot
from mailsim.plots._axes import frame, note

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["Latency"]

_GROUPS = 5
_QUANTILES = (0.50, 0.95, 0.99)
_TICKS = (0.001, 0.01, 0.1, 1, 10, 60, 300, 900, 3600, 4 * 3600, 86400, 5 * 86400)


@plot("latency")
class Latency:
    """Show the share of recipients that had their mail after so long.

    Source: the empirical distribution function; Tukey, Exploratory Data Analysis (1977).
    """

    def draw(self, frames: Frames, ax: Axes, *, by: str | None = None) -> Axes:
        """Draw the distribution of delivery delay, from due at the client to mailbox.

        Parameters
        ----------
        frames : Frames
        ax : matplotlib.axes.Axes
        by : str, optional
            A column of ``deliveries`` such as ``to_domain`` or ``traffic``: a curve for each of
            its largest few values, one for all others.

        Raises
        ------
        ConfigError
            If ``by`` is no column of ``deliveries``.
        """
        mail = frames["deliveries"]
        if by is not None and by not in mail:
            raise ConfigError(f"no column {by!r} in deliveries: known are {', '.join(mail)}")
        mail = mail[(mail["traffic"] != "report") & (mail["submitted_at_s"] >= frames.warmup_s)]
        mail = mail[mail["fate"] == "delivered"]
        for colour, (label, delays) in zip(COLOURS, _groups(mail, by), strict=False):
            values = np.sort(delays.to_numpy())
            share = np.arange(1, len(values) + 1) / len(values) * 100
            text = f"{label}  n={len(values):,}, median {duration_text(float(np.median(values)))}"
            ax.step(values, share, where="post", color=colour, label=text, linewidth=1.8)
        ax.set(
            xlabel="time from due at the client to the mailbox",
            ylabel="recipients served (%)",
            ylim=(0, 101),
        )
        if len(mail):
            _mark(ax, mail["delay_s"])
            ax.legend(
                loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, frameon=False, fontsize=9
            )
        else:
            note(ax, "nothing was delivered")
        frame(ax, "Delivery latency", frames)
        return ax


def _groups(mail: pd.DataFrame, by: str | None) -> list[tuple[str, pd.Series[float]]]:
    if not len(mail):
        return []
    if by is None:
        by = "traffic"
    largest = mail[by].value_counts(sort=True).index[:_GROUPS]
    groups = [(str(name), mail.loc[mail[by] == name, "delay_s"]) for name in largest]
    rest = mail.loc[~mail[by].isin(largest), "delay_s"]
    return [*groups, ("all others", rest)] if len(rest) else groups


def _mark(ax: Axes, delays: pd.Series[float]) -> None:
    """Mark the quantiles of all mail, and put readable times on the axis."""
    low, high = max(float(delays.min()), 1e-4), float(delays.max())
    ax.set_xscale("log")
    ax.set_xlim(low / 1.3, high * 1.3)
    ticks = [tick for tick in _TICKS if low / 1.3 <= tick <= high * 1.3]
    if len(ticks) >= 2:
        ax.set_xticks(ticks, [duration_text(tick) for tick in ticks])
        ax.minorticks_off()
    for quantile in _QUANTILES:
        at = float(delays.quantile(quantile))
        ax.axvline(at, color="#999999", linewidth=0.8, linestyle=":")
        ax.annotate(
            f"p{quantile * 100:.0f} {duration_text(at)}",
            (at, 2),
            rotation=90,
            fontsize=8,
            color="#555555",
            ha="right",
            va="bottom",
        )
