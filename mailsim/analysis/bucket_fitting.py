"""A receiver's limit of rate beside a token bucket: does it fit, and how well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fitting import arrival_of, rate_text, too_few
from .observed import known_until, over_windows
from .stations import Bucket, Figure, Fit
from .token_bucket import token_policer

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["fit_bucket"]


def fit_bucket(frames: Frames, bucket: Bucket, why_not: list[str]) -> Fit:
    """Hold the limit of a receiver against M/D/1/K.

    Parameters
    ----------
    frames : Frames
    bucket : Bucket
    why_not : list of str
        What is against it already.
    """
    sessions = frames["sessions"]
    from_s, to_s = frames.warmup_s, known_until(sessions, frames.warmup_s, frames.simulated_s)
    is_mine = (sessions["server"] == bucket.host) & sessions["opened_at_s"].between(from_s, to_s)
    mine = sessions[is_mine].sort_values("opened_at_s")
    rate, reasons = arrival_of(bucket.sources)
    reasons += why_not
    if bucket.why_not:
        reasons.append(f"the receiver limits other things, too: {bucket.why_not}")
    reasons += too_few(mine)
    reasons += _unlike_one_bucket(mine, bucket)
    name = f"limit of {bucket.host}"
    if reasons:
        return Fit(name, "", "", tuple(reasons), ())
    opened, took = mine["opened_at_s"].to_numpy(), (mine["messages"] > 0).to_numpy()

    def between(key: str, a: float, b: float) -> float:
        is_in = (opened >= a) & (opened < b)
        if not is_in.any():
            return float("nan")
        share = float(took[is_in].mean())
        return 1 - share if key == "P_block" else share * float(is_in.sum()) / (b - a)

    said = token_policer(rate, bucket.rate_per_s, bucket.burst)
    figures = tuple(
        Figure(key, value, over_windows(from_s, to_s, lambda a, b, key=key: between(key, a, b)))  # type: ignore[misc]
        for key, value in said.items()
    )
    about = (
        f"Poisson arrivals at {rate_text(rate)}, {rate_text(bucket.rate_per_s)} with "
        f"{bucket.burst} at once"
    )
    return Fit(name, f"token bucket, M/D/1/{bucket.burst}", about, (), figures)


def _unlike_one_bucket(mine: pd.DataFrame, bucket: Bucket) -> list[str]:
    reasons = []
    if others := sorted(set(mine["client"]) - set(bucket.sources)):
        reasons.append(f"{others[0]} sends, too: a server tries again")
    if len(bucket.sources) > 1:
        reasons.append("each address has a bucket of its own")
    if (mine["wait_s"] > 0).any() or mine["accepted_at_s"].isna().any():
        reasons.append("arrivals are not Poisson: clients wait for a worker slot first")
    if (mine["messages"] > 1).any():
        reasons.append("clients bring several messages in a connection")
    return reasons
