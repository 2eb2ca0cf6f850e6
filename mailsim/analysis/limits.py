"""Which limit binds: where mail waits, what for, and what holds that up.

Waits come first: where most of the time is spent waiting for an agent, a connection or a slot,
those are all busy, and what keeps them so is the limit (the utilisation law and Little's law,
N = X h: Denning and Buzen, "The operational analysis of queueing network models", Computing
Surveys 10, 1978).  Where nobody waits, the longest part itself is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.errors import ConfigError

from .busy import Busy, busy_while_waiting
from .changes import Station, concurrency, longer, put_off, quicker
from .depth import depth_steps, time_average
from .finding import Change, Finding, setting
from .pieces import PARTS
from .totals import totals
from .words import duration_text, number_text

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["binding_limit"]

_FULL = 0.85
"""From this utilisation on, while something waits, a resource is the one that it waits for."""

_AT_MOST = 10
"""Hosts that an error names."""


def binding_limit(frames: Frames, host: str | None = None) -> Finding:
    """Return the limit that binds mail that a host sends; that it gets, if it sends none.

    Parameters
    ----------
    frames : Frames
        The tables of a run.
    host : str, optional
        Unless said, the one at which mail spent most time.

    Raises
    ------
    ConfigError
        If there is no such host, or no mail after the warm-up.
    """
    rows = totals(frames)
    if host is not None:
        known = sorted({*frames["attempts"]["host"], *frames["sessions"]["server"], *rows["host"]})
        if host not in known:
            shown = ", ".join(known[:_AT_MOST]) + ", ..." * (len(known) > _AT_MOST)
            raise ConfigError(f"no host {host!r} with mail: known are {shown or 'none'}")
    if rows.empty:
        raise ConfigError("nothing to explain: no attempt ended after the warm-up")
    if host is None:
        spent = rows[list(PARTS)].sum(axis=1).groupby(rows["host"], observed=True).sum()
        host = str(spent.idxmax())
    own = rows[rows["host"] == host]
    if own.empty:
        own = rows[rows["server"] == host]
        if own.empty:
            raise ConfigError(f"nothing to explain: no mail of {host} ended after the warm-up")
    return _finding(frames, own, host)


def _finding(frames: Frames, rows: pd.DataFrame, host: str) -> Finding:
    parts = {name: float(rows[name].sum()) for name in PARTS}
    whole = sum(parts.values())
    longest = max(parts, key=lambda name: parts[name])
    if not whole:
        raise ConfigError(f"nothing to explain: mail took no time at {host}")
    evidence = [f"{parts[longest] / whole:.0%} of the time is {longest}."]
    scenario = frames.info.get("scenario") or {}
    sender = str(rows.groupby("host", observed=True)[longest].sum().idxmax())
    to = rows[rows["server"] != ""].groupby("server", observed=True)[longest].sum()
    server = str(to.idxmax()) if len(to) else ""
    is_client = bool(rows.loc[rows["host"] == sender, "is_client"].any())
    station = Station(scenario, sender, server, is_client)
    if longest == "back-off":
        limit, at, more, change = put_off(rows[rows["host"] == sender], station)
        return Finding(limit, at, parts, [*evidence, *more], change)
    if longest in ("waiting to submit", "queue"):
        limit, at, more, change = _waiting(frames, rows[rows["host"] == sender], station)
        return Finding(limit, at, parts, [*evidence, *more], change)
    if longest == "worker slot":
        more, change = _slots(frames, station)
        return Finding("worker slots", server, parts, [*evidence, *more], change)
    limit, change = quicker(longest, station)
    first = rows[rows["is_first"]]
    each = (
        f"It takes {duration_text(float(first[longest].mean()))} of an attempt on average, "
        "and mail waits for nothing else as long."
    )
    return Finding(limit, server or sender, parts, [*evidence, each], change)


def _waiting(
    frames: Frames, rows: pd.DataFrame, station: Station
) -> tuple[str, str, list[str], Change]:
    """Return what mail in an outbox or a queue waits for."""
    from_s = frames.warmup_s
    if station.is_client:
        limit, what, busy = "connections", "connections", busy_while_waiting(rows, from_s)
        cap = setting(station.scenario, "hosts", station.sender, "clients", "connections")
    else:
        limit, what, busy = "delivery agents", "delivery agents", busy_while_waiting(rows, from_s)
        cap = station.postfix("default_process_limit")
        if busy.mean < _FULL * (cap or busy.most):
            queue = rows.groupby("destination", observed=True)["queue"].sum()
            destination = str(queue.idxmax())
            limit, what = "destination concurrency", f"deliveries to {destination}"
            busy = busy_while_waiting(rows[rows["destination"] == destination], from_s)
            cap = station.postfix("default_destination_concurrency_limit")
    cap = cap or busy.most
    evidence = [_little(busy, what, cap)]
    if busy.mean < _FULL * min(cap, max(busy.most, 1)) or not busy.hold_s:
        if not station.is_client and (keys := station.own_rates()):
            evidence.append(f"{station.sender} itself keeps it back: {', '.join(keys)}.")
            return "own rate", station.sender, evidence, Change("a higher rate of its own")
        evidence.append("That is not all of them: what mail waits for is not recorded.")
        return "not recorded", station.sender, evidence, Change("look at delays between deliveries")
    held = max(busy.hold, key=lambda name: busy.hold[name])
    evidence.append(
        f"Each is taken for {duration_text(busy.hold_s)}, of which {held} "
        f"{duration_text(busy.hold[held])}."
    )
    if held == "worker slot":
        more, change = _slots(frames, station)
        return "worker slots", station.server, [*evidence, *more], change
    change = concurrency(limit, cap, station)
    if (kept := longer(busy, station)) is not None and kept.factor > change.factor:
        return "round trips per connection", station.sender, evidence, kept
    return limit, station.sender, evidence, change


def _little(busy: Busy, what: str, cap: float) -> str:
    return (
        f"While mail waited ({duration_text(busy.seconds)}) {number_text(busy.mean)} {what} were "
        f"busy of {number_text(cap)} ({busy.mean / cap:.0%}): {number_text(busy.rate)} a second x "
        f"{duration_text(busy.hold_s)} = {number_text(busy.rate * busy.hold_s)} by Little's law."
    )


def _slots(frames: Frames, station: Station) -> tuple[list[str], Change]:
    """Return how busy the slots of a server were, and what would free them."""
    server, queues = station.server, frames["queues"]
    names = queues.loc[queues["host"] == server, "queue"].unique()
    window = (frames.warmup_s, frames.simulated_s)
    backlog = {
        name: time_average(*depth_steps(queues, server, name, *window))
        for name in names
        if str(name).startswith("backlog:")
    }
    name = max(backlog, key=lambda one: backlog[one])
    port = name.partition(":")[2]
    at_s, depth = depth_steps(queues, server, f"busy:{port}", *window)
    slots = float(depth.max())
    sessions = frames["sessions"]
    mine = sessions[(sessions["server"] == server) & (sessions["port"] == int(port))]
    held = float((mine["released_at_s"] - mine["accepted_at_s"]).mean())
    share, service = time_average(at_s, depth) / slots, float(mine["service_s"].mean())
    evidence = [
        (
            f"Of {number_text(slots)} slots of {server}:{port} {share:.0%} are busy on average. "
            f"Connections that wait for one: {number_text(backlog[name])}."
        ),
        (
            f"A connection holds its slot for {duration_text(held)}; "
            f"service time is {duration_text(service)} of it."
        ),
    ]
    text = f"twice as many worker slots at {server}"
    key = f"hosts.{server}.postfix.default_process_limit={2 * int(slots)}"
    return evidence, Change(text, (key,) if station.scenario else (), 2.0)
