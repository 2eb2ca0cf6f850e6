"""A shared link beside processor sharing: does it fit, and how well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fitting import arrival_of, rate_text, too_few
from .observed import known_until, over_windows
from .queueing import shared_link
from .stations import Figure, Fit, SharedLink
from .words import number_text

if TYPE_CHECKING:
    from .frames import Frames

__all__ = ["fit_link"]

_IDLE = 0.01
"""Load up to which nobody notices that a link is shared."""


def fit_link(frames: Frames, link: SharedLink, why_not: list[str]) -> Fit | None:
    """Hold a shared link against processor sharing; None if next to nothing goes over it.

    Parameters
    ----------
    frames : Frames
    link : SharedLink
    why_not : list of str
        What is against it already.
    """
    import pandas as pd

    sessions = frames["sessions"]
    is_mine = sessions["client"].isin(list(link.sources))
    to = pd.MultiIndex.from_frame(sessions[["server", "port"]])
    is_mine &= to.isin(list(link.servers))
    from_s, to_s = frames.warmup_s, known_until(sessions, frames.warmup_s, frames.simulated_s)
    mine = sessions[is_mine & sessions["opened_at_s"].between(from_s, to_s)]
    octets = mine["sent_bytes"]
    name = f"link {link.near} - {link.far}"
    if too_few(mine) or octets.sum() / (to_s - from_s) < _IDLE * link.byte_s:
        return None
    rate, reasons = arrival_of(link.sources)
    reasons += why_not
    if link.relays:
        reasons.append("servers send over it, too, and not at random")
    if not link.is_plain:
        reasons.append("latency, loss or another shared link sets the pace of some who use it")
    if len(link.own_byte_s) > 1:
        reasons.append("those who use it are limited to different rates elsewhere")
    if (mine["wait_s"] > 0).any():
        reasons.append("some wait for a worker slot, with the connection open")
    if (mine["messages"] != 1).any():
        reasons.append("some connections carry no message, or several")
    if reasons:
        return Fit(name, "", "", tuple(reasons), ())
    own = min(link.own_byte_s, default=0.0)
    try:
        said = shared_link(rate, float(octets.mean()), link.byte_s, own)
    except ValueError as error:
        return Fit(name, "", "", (str(error),), ())
    took = (mine["released_at_s"] - mine["opened_at_s"] - mine["service_s"]).to_numpy()
    opened, alone_s = mine["opened_at_s"].to_numpy(), (octets / link.byte_s).to_numpy()

    def between(key: str, a: float, b: float) -> float:
        is_in = (opened >= a) & (opened < b)
        if not is_in.any():
            return float("nan")
        per_s = is_in.sum() / (b - a)
        values = {
            "util": per_s * alone_s[is_in].mean(),
            "W": took[is_in].mean(),
            "L": per_s * took[is_in].mean(),
            "slowdown": took[is_in].mean() / alone_s[is_in].mean(),
        }
        return float(values[key])

    figures = tuple(
        Figure(key, value, over_windows(from_s, to_s, lambda a, b, key=key: between(key, a, b)))  # type: ignore[misc]
        for key, value in said.items()
    )
    limit = f", each at most {_bit_text(own)}" if 0 < own < link.byte_s else ""
    about = (
        f"Poisson arrivals at {rate_text(rate)}, measured mean of {octets.mean():,.0f} octets, "
        f"{_bit_text(link.byte_s)}{limit}"
    )
    return Fit(name, "processor sharing", about, (), figures)


def _bit_text(byte_s: float) -> str:
    return f"{number_text(byte_s * 8 / 1e6)} Mbit/s"
