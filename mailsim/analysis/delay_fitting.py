"""A sender's rate delay beside M/G/1: a token bucket that holds one token, and makes others wait.

Between the starts of deliveries it is M/D/1 whose service is the delay; after the end of a
delivery, the only one of its destination at a time, it is M/G/1 whose service is the delivery and
the delay: Pollaczek 1930, Khinchine 1932.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .fitting import Model, rate_text, too_few
from .observed import over_windows, share_sent_on
from .queueing import mg1
from .stations import Figure, Fit, RateDelay
from .words import duration_text

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["fit_delay"]

_FIGURES = ("util", "P_wait", "Wq", "Lq")


def fit_delay(
    frames: Frames, delay: RateDelay, before: tuple[Model | None, float], why_not: list[str]
) -> Iterator[Fit]:
    """Hold what waits for a rate delay against theory: a station in all, or one per destination.

    Parameters
    ----------
    frames : Frames
    delay : RateDelay
    before : (Model or None, float)
        The station of the same host by which the messages come in: its model, and their rate (1/s).
    why_not : list of str
        What is against it already.
    """
    attempts = frames["attempts"]
    attempts = attempts[attempts["host"] == delay.host]
    for name, mine in (
        attempts.groupby("destination", observed=True)
        if delay.is_between_ends
        else [("", attempts)]
    ):
        model, rate = before
        station = f"rate delay of {delay.host}" + (f" to {name}" if name else "")
        reasons = [*why_not, *([delay.why_not] if delay.why_not else [])]
        if model is None or not model.has_poisson_output:
            reasons.append("arrivals are not Poisson: what comes in passes no M/M/c station")
        reasons += _unlike_a_line(mine)
        if reasons:
            yield Fit(station, "", "", tuple(reasons), ())
            continue
        last_s = (mine["ended_at_s"] - mine["delay_s"]).max()
        share = share_sent_on(frames["sessions"], delay.host, len(mine), last_s)
        yield _fit(frames, delay, station, mine, rate * share)


def _unlike_a_line(mine: pd.DataFrame) -> Iterator[str]:
    yield from too_few(mine)
    if mine["message"].duplicated().any():
        yield "some messages are delivered in several parts, or again"
    elif (mine["status"] != "sent").any():
        yield "some deliveries fail"


def _fit(
    frames: Frames, delay: RateDelay, station: str, mine: pd.DataFrame, arrival_per_s: float
) -> Fit:
    took_s = mine["c_s"] + mine["d_s"]
    service = took_s + delay.delay_s if delay.is_between_ends else 0 * took_s + delay.delay_s
    service_s = float(service.mean())
    cv2 = float(service.var(ddof=0)) / service_s**2
    try:
        said = mg1(arrival_per_s, service_s, cv2)
    except ValueError as error:
        return Fit(station, "", "", (str(error),), ())
    active_s = (mine["ended_at_s"] - took_s - mine["b_s"]).to_numpy()
    waits_s = mine["b_s"].to_numpy()

    def between(key: str, a: float, b: float) -> float:
        is_in = (active_s >= a) & (active_s < b)
        if not is_in.any():
            return float("nan")
        per_s, wait_s = float(is_in.sum()) / (b - a), float(waits_s[is_in].mean())
        values = {
            "util": per_s * service_s,
            "P_wait": float((waits_s[is_in] > 0).mean()),
            "Wq": wait_s,
            "Lq": per_s * wait_s,
        }
        return values[key]

    # Who still waits at the end has no row yet.
    to_s = float(active_s.max())
    figures = tuple(
        Figure(
            key,
            said[key],
            over_windows(frames.warmup_s, to_s, lambda a, b, key=key: between(key, a, b)),  # type: ignore[misc]
        )
        for key in _FIGURES
    )
    if delay.is_between_ends:
        what = f"after deliveries of {duration_text(float(took_s.mean()))}, measured mean"
    else:
        what = "between starts"
    about = f"Poisson arrivals at {rate_text(arrival_per_s)}, {duration_text(delay.delay_s)} {what}"
    name = "M/G/1" if delay.is_between_ends else "M/D/1"
    return Fit(station, f"token bucket of one, {name}", about, (), figures)
