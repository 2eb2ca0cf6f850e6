"""A run beside queueing theory: every station of it, with the model that fits or why none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bucket_fitting import fit_bucket
from .delay_fitting import fit_delay
from .fitting import Model, arrival_of, fit_slots
from .jackson import arrival_rates
from .link_fitting import fit_link
from .observed import share_sent_on
from .stations import Fit, Plant, Slots

if TYPE_CHECKING:
    from .frames import Frames

__all__ = ["beside_theory"]

Before = tuple[Model | None, float]
_FAULTS = "faults change it during the run"
_AT_ONCE = 0.01
"""Share of messages that may wait in a relay's own queue before its output is not Poisson."""


def beside_theory(frames: Frames, plant: Plant) -> list[Fit]:
    """Return what theory says of each station that somebody came to, beside what the run shows.

    Parameters
    ----------
    frames : Frames
        The tables of a run.
    plant : Plant
        The stations of its scenario.
    """
    fits, models = _all_slots(frames, plant)
    why_not = [_FAULTS] * plant.has_faults
    fits += [fit for link in plant.links if (fit := fit_link(frames, link, why_not)) is not None]
    fits += [fit_bucket(frames, bucket, why_not) for bucket in plant.buckets]
    for delay in plant.delays:
        fits += fit_delay(frames, delay, models.get(delay.host, (None, 0.0)), why_not)
    return fits


def _all_slots(frames: Frames, plant: Plant) -> tuple[list[Fit], dict[str, Before]]:
    """Fit the worker slots, those whose clients are outside first, and then those behind them."""
    sessions = frames["sessions"]
    links = sessions[["client", "server", "port"]].drop_duplicates()
    stations = {(s.host, s.port): s for s in plant.slots}
    before: dict[tuple[str, int], set[str]] = {key: set() for key in stations}
    for client, server, port in links.itertuples(index=False):
        if (server, port) in before:
            before[server, port].add(client)
    used = [key for key, clients in before.items() if clients]
    fits: dict[tuple[str, int], Fit] = {}
    models: dict[str, Before] = {}
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
        models[key[0]] = (None if several else model, rate)
    return [fits[key] for key in used], models


def _fit_one(
    frames: Frames,
    plant: Plant,
    station: Slots,
    before: set[str],
    models: dict[str, Before],
) -> tuple[Fit, Model | None, float]:
    rates, shares, relays, others = {station.host: 0.0}, {}, [], []
    sessions = frames["sessions"]
    for client in sorted(before):
        if client in station.sources:
            continue
        relays.append(client)
        model, rate = models.get(client, (None, 0.0))
        if model is None or not model.has_poisson_output:
            others.append(f"{client} sends, from no M/M/c station")
        elif why := _unlike_a_wire(frames, client):
            others.append(f"{client} {why}")
        else:
            rates[client] = rate
            mine = sessions[
                (sessions["client"] == client)
                & (sessions["server"] == station.host)
                & (sessions["port"] == station.port)
            ]
            last_s = mine["opened_at_s"].max()
            shares[client, station.host] = share_sent_on(sessions, client, len(mine), last_s)
    outside, reasons = arrival_of(station.sources, others)
    reasons += [_FAULTS] * plant.has_faults
    rates[station.host] = outside
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
    if mine.drop_duplicates(["message", "session"]).duplicated(["message", "relay"]).any():
        return "sends some messages in several parts"
    return ""
