"""A run beside queueing theory: every station of it, with the model that fits or why none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fitting import Model, arrival_of, fit_slots, rate_text
from .jackson import arrival_rates
from .observed import known_until, over_windows
from .queueing import shared_link
from .stations import Bucket, Figure, Fit, Plant, SharedLink, Slots
from .token_bucket import token_policer
from .words import duration_text, interval_text, number_text

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["beside_theory", "theory_text"]

_FAULTS = "faults change it during the run"
_AT_ONCE = 0.01
"""Share of messages that may wait in a relay's own queue before its output is not Poisson."""
_IDLE = 0.01
"""Load up to which nobody notices that a link is shared."""


def beside_theory(frames: Frames, plant: Plant) -> list[Fit]:
    """Return what theory says of each station that somebody came to, beside what the run shows.

    Parameters
    ----------
    frames : Frames
        The tables of a run.
    plant : Plant
        The stations of its scenario.
    """
    fits = [*_all_slots(frames, plant)]
    fits += [fit for link in plant.links if (fit := _fit_link(frames, link, plant)) is not None]
    fits += [_fit_bucket(frames, bucket, plant) for bucket in plant.buckets]
    return fits


def _all_slots(frames: Frames, plant: Plant) -> list[Fit]:
    """Fit the worker slots, those whose clients are outside first, and then those behind them."""
    sessions = frames["sessions"]
    links = sessions.groupby(["client", "server", "port"], observed=True).size()
    stations = {(s.host, s.port): s for s in plant.slots}
    before: dict[tuple[str, int], dict[str, int]] = {key: {} for key in stations}
    for (client, server, port), n in links.items():
        if (server, port) in before:
            before[server, port][client] = int(n)
    used = [key for key, clients in before.items() if clients]
    fits: dict[tuple[str, int], Fit] = {}
    models: dict[str, tuple[Model | None, float, int]] = {}
    while len(fits) < len(used):
        ready = [
            key for key in used
            if key not in fits and all(
                client in stations[key].sources or client in models or client == key[0]
                for client in before[key]
            )
        ]  # fmt: skip
        # Of those on a circle the first is taken as it is, with what that tells against it.
        key = ready[0] if ready else next(key for key in used if key not in fits)
        fit, model, rate = _fit_one(frames, plant, stations[key], before[key], models)
        fits[key] = fit
        several = sum(other[0] == key[0] for other in used) > 1
        n = sum(before[key].values())
        models[key[0]] = (None if several else model, rate, n)
    return [fits[key] for key in used]


def _fit_one(
    frames: Frames,
    plant: Plant,
    station: Slots,
    before: dict[str, int],
    models: dict[str, tuple[Model | None, float, int]],
) -> tuple[Fit, Model | None, float]:
    outside, reasons = arrival_of(station.sources)
    if plant.has_faults:
        reasons.append(_FAULTS)
    rates, shares, relays = {station.host: outside}, {}, []
    for client, n in before.items():
        if client in station.sources:
            continue
        relays.append(client)
        model, rate, came = models.get(client, (None, 0.0, 0))
        if model is None or not model.has_poisson_output:
            reasons.append(f"arrivals are not Poisson: {client} sends, from no M/M/c station")
        elif why := _unlike_a_wire(frames, client):
            reasons.append(f"arrivals are not Poisson: {client} {why}")
        else:
            rates[client] = rate
            shares[client, station.host] = n / came
    rate = outside if reasons else arrival_rates(rates, shares)[station.host]
    network = f" (Jackson network: behind {', '.join(relays)})" if relays else ""
    fit, model = fit_slots(frames, station, rate, reasons, network)
    return fit, model, rate


def _unlike_a_wire(frames: Frames, relay: str) -> str:
    """Return why what a relay takes is not sent on as it came; empty if it is."""
    attempts = frames["attempts"]
    mine = attempts[attempts["host"] == relay]
    if (mine["status"] == "deferred").any():
        return "tries again"
    if (mine["b_s"] > 0).mean() > _AT_ONCE:
        return "keeps messages in its queue until it has a connection"
    if (mine["conn_use"].fillna(1) > 1).mean() > _AT_ONCE:
        return "sends several messages in a connection"
    return ""


def _fit_link(frames: Frames, link: SharedLink, plant: Plant) -> Fit | None:
    """Hold a shared link against processor sharing; None if next to nothing goes over it."""
    import pandas as pd

    sessions = frames["sessions"]
    is_mine = sessions["client"].isin(list(link.sources))
    to = pd.MultiIndex.from_frame(sessions[["server", "port"]])
    is_mine &= to.isin(list(link.servers))
    from_s, to_s = frames.warmup_s, known_until(sessions, frames.warmup_s, frames.simulated_s)
    mine = sessions[is_mine & sessions["opened_at_s"].between(from_s, to_s)]
    octets = mine["sent_bytes"]
    name = f"link {link.near} - {link.far}"
    if not link.sources or octets.sum() / (to_s - from_s) < _IDLE * link.byte_s:
        return None
    rate, reasons = arrival_of(link.sources)
    reasons += [_FAULTS] * plant.has_faults
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


def _fit_bucket(frames: Frames, bucket: Bucket, plant: Plant) -> Fit:
    """Hold the limit of a receiver against M/D/1/K."""
    sessions = frames["sessions"]
    from_s, to_s = frames.warmup_s, known_until(sessions, frames.warmup_s, frames.simulated_s)
    is_mine = (sessions["server"] == bucket.host) & sessions["opened_at_s"].between(from_s, to_s)
    mine = sessions[is_mine].sort_values("opened_at_s")
    rate, reasons = arrival_of(bucket.sources)
    reasons += [_FAULTS] * plant.has_faults
    if bucket.why_not:
        reasons.append(f"the receiver limits other things, too: {bucket.why_not}")
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


_WORDS = {
    "util": ("utilisation", ""),
    "P_wait": ("share who wait", ""),
    "P_block": ("share refused", ""),
    "through": ("let through per s", ""),
    "Wq": ("mean wait", "s"),
    "W": ("mean time there", "s"),
    "Lq": ("mean number waiting", ""),
    "L": ("mean number there", ""),
    "slowdown": ("slowdown", ""),
}


def theory_text(fits: list[Fit]) -> str:
    """Return the stations beside theory, for people.

    Measured figures have the 95 % interval that batch means give them; an error is followed by
    an exclamation mark if theory lies outside of it.
    """
    if not fits:
        return "nobody came to any station"
    lines = []
    for fit in fits:
        if not fit.model:
            lines += [f"{fit.station}  no model fits", *(f"  {why}" for why in fit.why_not)]
            continue
        lines += [f"{fit.station}  {fit.model}", f"  {fit.about}"]
        lines.append(f"  {'':<20} {'theory':>10}   {'measured':<22} error")
        lines += [_line(figure) for figure in fit.figures]
    return "\n".join(lines)


def _line(figure: Figure) -> str:
    words, unit = _WORDS[figure.name]
    say = duration_text if unit else number_text
    found = figure.measured
    measured = interval_text(found.value, found.half_width, unit)
    error = "-" if figure.error != figure.error else f"{figure.error:+.1%}"
    is_off = not found.low <= figure.theory <= found.high
    return f"  {words:<20} {say(figure.theory):>10}   {measured:<22} {error}{' !' * is_off}"
