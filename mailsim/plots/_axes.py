"""What all pictures share: a time axis in the unit one would say it in, and a quiet frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.analysis import Frames, duration_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["duration_axis", "frame", "legend", "note", "time_axis"]

_TIME_UNITS = ((172800.0, 86400.0, "d"), (21600.0, 3600.0, "h"), (300.0, 60.0, "min"))
_DURATIONS_S = (1e-3, 1e-2, 0.1, 1, 10, 60, 600, 3600, 6 * 3600, 86400, 5 * 86400)
_BETWEEN_S = (3e-3, 0.03, 0.3, 3, 30, 180, 1800, 3 * 3600)


def time_axis(ax: Axes, frames: Frames) -> float:
    """Give ``ax`` an axis of simulated time over the whole run; return seconds per unit."""
    end_s = frames.simulated_s
    found = (unit for unit in _TIME_UNITS if end_s >= unit[0])
    _, scale_s, name = next(found, (0.0, 1.0, "s"))
    ax.set_xlabel(f"simulated time ({name})")
    ax.set_xlim(0, end_s / scale_s)
    if frames.warmup_s:
        ax.axvspan(0, frames.warmup_s / scale_s, color="#eeeeee", zorder=0, label="warm-up")
    return scale_s


def duration_axis(ax: Axes, low_s: float, high_s: float) -> None:
    """Give ``ax`` a logarithmic axis of durations in seconds, from 1 ms to days, read as such."""
    low_s, high_s = low_s / 1.4, high_s * 1.4
    ax.set_xscale("log")
    ax.set_xlim(low_s, high_s)
    ticks = [tick for tick in _DURATIONS_S if low_s <= tick <= high_s]
    if len(ticks) < 4:  # less than three decades: there is room for the steps between
        ticks += [tick for tick in _BETWEEN_S if low_s <= tick <= high_s]
    if len(ticks) < 2:
        ticks = [low_s * 1.4, high_s / 1.4]
    ax.set_xticks(ticks, [duration_text(tick) for tick in ticks])
    ax.minorticks_off()


def frame(ax: Axes, title: str, frames: Frames) -> None:
    """Put the title and the run's name above, and take away what carries no information."""
    ax.set_title(title, loc="left", fontweight="bold", fontsize=12, pad=10)
    ax.set_title(frames.title, loc="right", color="#555555", fontsize=9, pad=10)
    ax.grid(color="#e0e0e0", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def legend(ax: Axes) -> None:
    """Put the legend beside the picture, where no curve can hide behind it."""
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        frameon=False,
        fontsize=9,
        labelspacing=0.9,
    )


def note(ax: Axes, text: str) -> None:
    """Say why there is nothing to see."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", color="#555555")
