"""Which model fits the worker slots of a port, what it says, and why none does.

What makes a model fit is decided by what the scenario is, and by what the run shows of it; never
by how well the figures agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .observed import Observed
from .queueing import Figures, mg1, mgcc, mginf, mmc, mmck
from .stations import Figure, Fit, Slots, Source
from .words import duration_text, number_text

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["Model", "arrival_of", "fit_slots", "rate_text", "too_few"]

_DIALOGUE = 0.01
"""Share of the time a slot is held from which on what is no service time counts."""
_SAME = 1e-4
"""Squared coefficient of variation up to which times are taken to be constant."""
_NEVER = 1e-6
"""Share that is none: of clients turned away, or of time with all slots taken."""
_FEWEST = 100
_MOST_SAID = 3


class Model(NamedTuple):
    """A model with its numbers.

    Attributes
    ----------
    name : str
    figures : callable
        What it says; raises ValueError where there is no steady state.
    has_poisson_output : bool
        Whether those who leave are a Poisson process again (Burke 1956).
    """

    name: str
    figures: Callable[[], Figures]
    has_poisson_output: bool


def rate_text(per_s: float) -> str:
    """Return a rate in the words of a scenario."""
    return f"{number_text(per_s)}/s"


def arrival_of(
    sources: Mapping[str, Source], others: Sequence[str] = ()
) -> tuple[float, list[str]]:
    """Return at which rate clients come in all, and why that is no Poisson process.

    Parameters
    ----------
    sources : mapping of str to Source
        The clients outside.
    others : sequence of str
        What is against those who come from other stations.
    """
    rate = sum(source.arrival_per_s for source in sources.values())
    why_not = [*sorted({s.why_not for s in sources.values() if s.why_not}), *others]
    if not why_not:
        return rate, []
    more = f", and {len(why_not) - _MOST_SAID} more" if len(why_not) > _MOST_SAID else ""
    return rate, [f"arrivals are not Poisson: {', '.join(why_not[:_MOST_SAID])}{more}"]


def too_few(came: pd.DataFrame) -> list[str]:
    """Return what is to be said if next to nobody came."""
    return [f"fewer than {_FEWEST} came after the warm-up"] if len(came) < _FEWEST else []


def fit_slots(
    frames: Frames, station: Slots, arrival_per_s: float, why_not: list[str], network: str = ""
) -> tuple[Fit, Model | None]:
    """Hold a station against theory.

    Parameters
    ----------
    frames : Frames
    station : Slots
    arrival_per_s : float
        At which clients come.
    why_not : list of str
        Why this is no Poisson process, or what else is against it.
    network : str
        What there is to say of the stations before it.

    Returns
    -------
    fit : Fit
    model : Model or None
    """
    name = f"{station.host}:{station.port}"
    seen = Observed(frames, station.host, station.port, station.slots)
    reasons = [*why_not, *_unlike_a_queue(seen, station)]
    if reasons:
        return Fit(name, "", "", tuple(reasons), ()), None
    kind, service_s, cv2 = _service(seen, station)
    if kind == "measured" and station.is_behind_shared:
        why = "how long a slot is held depends on who else uses a shared link"
        return Fit(name, "", "", (why,), ()), None
    model = _choose(station, arrival_per_s, kind, service_s, cv2, seen)
    if isinstance(model, str):
        return Fit(name, "", "", (model,), ()), None
    try:
        said = model.figures()
    except ValueError as error:
        return Fit(name, "", "", (str(error),), ()), None
    figures = tuple(Figure(key, value, seen.figure(key)) for key, value in said.items())
    service = f"{_KINDS.get(kind, kind)} service of {duration_text(service_s)}"
    if kind in ("measured", "lognormal", "uniform", "weibull", "mixture"):
        service += f", squared variation {number_text(cv2)}"
    slots = f"{station.slots} slot{'s' * (station.slots > 1)}"
    about = f"Poisson arrivals at {rate_text(arrival_per_s)}{network}, {service}, {slots}"
    return Fit(name, model.name, about, (), figures), model


_KINDS = {"measured": "measured mean"}


def _unlike_a_queue(seen: Observed, station: Slots) -> Iterator[str]:
    """Give what of a run no queue of the theory does."""
    came, served = seen.came, seen.served
    if len(came) < _FEWEST:
        yield from too_few(came)
        return
    if len(served) < len(came) and station.backlog < 0:
        yield f"{len(came) - len(served)} of {len(came):,} clients went before they got a slot"
    if (served["messages"] > 1).any():
        yield "clients bring several messages in a connection"
    refused = served[(served["messages"] == 0) | (served["outcome"] != "quit")]
    if len(refused):
        ends = refused.loc[refused["outcome"] != "quit", "outcome"].mode()
        most_with = f", most with {ends.iloc[0]!r}" if len(ends) else ""
        yield f"the receiver refuses {len(refused):,} of {len(served):,} whom it serves{most_with}"


def _service(seen: Observed, station: Slots) -> tuple[str, float, float]:
    """Return kind, mean (s) and squared coefficient of variation of the time that a slot is held.

    It is the scenario's service time if nothing else takes time; else what was measured.
    """
    hold_s, times = seen.hold_s, station.times
    mean_s = float(hold_s.mean())
    more_s = float((hold_s - seen.served["service_s"]).mean())
    if more_s < _DIALOGUE * mean_s and not math.isnan(times.mean_s):
        return times
    cv2 = float(hold_s.var(ddof=0)) / mean_s**2 if mean_s else 0.0
    return ("constant", mean_s, 0.0) if cv2 < _SAME else ("measured", mean_s, cv2)


def _choose(
    station: Slots, arrival_per_s: float, kind: str, service_s: float, cv2: float, seen: Observed
) -> Model | str:
    """Return the model, or why there is none."""
    from scipy.special import pdtrc

    slots, backlog, load = station.slots, station.backlog, arrival_per_s * service_s
    if pdtrc(slots - 1, load) < _NEVER:  # of an endless number so many are never needed
        return Model("M/G/inf", partial(mginf, arrival_per_s, service_s), True)
    if backlog == 0:
        name = f"M/{'M' if kind == 'exponential' else 'G'}/{slots}/{slots}, Erlang B"
        return Model(name, partial(mgcc, arrival_per_s, service_s, slots), False)
    if kind == "exponential":
        if backlog > 0:
            room = slots + backlog
            finite = partial(mmck, arrival_per_s, service_s, slots, room)
            if finite()["P_block"] > _NEVER:
                return Model(f"M/M/{slots}/{room}", finite, False)
        return Model(f"M/M/{slots}", partial(mmc, arrival_per_s, service_s, slots), True)
    if len(seen.served) < len(seen.came):
        n = len(seen.came) - len(seen.served)
        return (
            f"service is not exponential, and a full backlog turned {n:,} away: "
            "M/G/c/K has no closed form"
        )
    if slots == 1:
        name = "M/D/1" if kind == "constant" else "M/G/1"
        return Model(name, partial(mg1, arrival_per_s, service_s, cv2), False)
    return (
        f"service is not exponential (squared variation {number_text(cv2)} instead of 1): "
        f"M/G/{slots} has no closed form"
    )
