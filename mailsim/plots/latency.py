"""How long delivery takes: the distribution of the delay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mailsim.analysis import Frames, duration_text
from mailsim.errors import ConfigError
from mailsim.plots import COLOURS, plot
from mailsim.plots._axes import frame, label_text, note
from mailsim.record.tables import DELIVERIES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["Latency"]

_X = "time from due at the client to the mailbox"
_GROUPS = 5
_MANY = 20_000
_SHORTEST_S = 1e-4
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
        known = [column.name for column in DELIVERIES.columns]
        if by is not None and by not in known:
            raise ConfigError(f"no column {by!r} in deliveries: known are {', '.join(known)}")
        names = ["traffic", "submitted_at_s", "fate", "delay_s", *([by] if by else [])]
        mail = frames.columns("deliveries", list(dict.fromkeys(names)))
        if by is not None and mail[by].dtype.kind == "f":
            raise ConfigError(f"by: expected a column that forms groups, got the times {by!r}")
        mail = mail[(mail["traffic"] != "report") & (mail["submitted_at_s"] >= frames.warmup_s)]
        served = mail.loc[mail["fate"] == "delivered", "delay_s"]
        ax.set(ylabel="share of all recipients (%)", ylim=(0, 101))
        if not len(served):
            ax.set(xlabel=_X)
            note(ax, "nothing was delivered")
            frame(ax, "Delivery latency", frames)
            return ax
        low, high = _limits(served)
        for colour, (label, group) in zip(COLOURS, _groups(mail, by), strict=False):
            values = np.sort(group.loc[group["fate"] == "delivered", "delay_s"].to_numpy())
            rank = np.arange(1, len(values) + 1)
            if len(values) > _MANY:  # more than anybody can see
                rank = np.unique(np.linspace(1, len(values), _MANY).astype(int))
            share = rank / len(group) * 100
            # From the left edge to the right one; a delay of 0 has no place on a log axis.
            x = np.concatenate(([low], np.maximum(values[rank - 1], low), [high]))
            y = np.concatenate(([0.0], share, share[-1:] if len(share) else [0.0]))
            text = f"{label}  n={len(group):,}, {_share_text(len(values), len(group))}"
            if len(values):
                text += f", median {duration_text(float(np.median(values)))}"
            ax.step(x, y, where="post", color=colour, label=text, linewidth=1.8)
        _mark(ax, served, low, high)
        n_curves = len(ax.get_legend_handles_labels()[0])
        ax.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.13),
            ncols=1 if n_curves < 3 else 2,
            frameon=False,
            fontsize=8,
        )
        frame(ax, "Delivery latency", frames)
        return ax


def _groups(mail: pd.DataFrame, by: str | None) -> list[tuple[str, pd.DataFrame]]:
    of = mail[by or "traffic"]
    of = of.astype("str") if of.dtype == "category" else of
    largest = of.value_counts(sort=True).index[:_GROUPS]
    groups = [(label_text(name), mail[of == name]) for name in largest]
    rest = mail[~of.isin(largest)]
    return [*groups, ("all others", rest)] if len(rest) else groups


def _share_text(n_served: int, n: int) -> str:
    """Return the share that was served; never 100 % unless it was all.

    Examples
    --------
    >>> _share_text(2999, 3000), _share_text(3, 4), _share_text(5, 5)
    ('99.9 % served', '75 % served', 'all served')
    """
    if n_served == n:
        return "all served"
    return f"{min(n_served / n * 100, 99.9):.3g} % served"


def _limits(delays: pd.Series[float]) -> tuple[float, float]:
    """Return the ends of the axis: two ticks at least lie between them."""
    low = max(float(delays.min()), _SHORTEST_S) / 1.3
    high = max(float(delays.max()), _SHORTEST_S) * 1.3
    while sum(low <= tick <= high for tick in _TICKS) < 3 and high / low < 1e4:
        low, high = low / 1.5, high * 1.5
    return low, high


def _mark(ax: Axes, delays: pd.Series[float], low: float, high: float) -> None:
    """Mark the quantiles of all delivered mail, and put readable times on the axis."""
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    if len(ticks) >= 2:
        ax.set_xticks(ticks, [duration_text(tick) for tick in ticks])
        ax.minorticks_off()
    if len(delays) < 2:
        ax.set_xlabel(_X)
        return
    ax.set_xlabel(f"{_X}  (p50, p95, p99: of all that was delivered)")
    for row, quantile in enumerate(_QUANTILES):
        at = max(float(delays.quantile(quantile)), low)
        ax.axvline(at, color="#999999", linewidth=0.8, linestyle=":")
        is_left = at > (low * high) ** 0.5
        ax.annotate(
            f"p{quantile * 100:.0f} {duration_text(float(delays.quantile(quantile)))}",
            (at, 3 + 7 * row),  # one above the other: they may be close
            xytext=(-4 if is_left else 4, 0),
            textcoords="offset points",
            fontsize=8,
            color="#555555",
            ha="right" if is_left else "left",
            va="bottom",
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1},
        )
