"""What would help against a limit, how much by Little's law, and the keys of the scenario."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mailsim.units import format_duration, parse_duration

from .busy import Busy
from .finding import Change, setting
from .words import number_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Station", "concurrency", "longer", "put_off", "quicker"]

_IN_EACH = 100
"""Messages in a connection, where there were fewer."""
_FIGURE = re.compile(r"([0-9.]+) ?([A-Za-z/]+)")
_OWN_RATES = (
    "default_destination_rate_delay",
    "default_transport_rate_delay",
    "default_destination_message_rate",
)
_ZERO = re.compile(r"0(\.0*)?\D*")
_BELOW = 0.95
"""Of a receiver's rate: how fast to send."""
_GREY = re.compile(r"gr[ea]y-?list", re.IGNORECASE)
_FULL = re.compile(r"all connections in use|too many (concurrent )?(smtp )?conn", re.IGNORECASE)
_HOST = re.compile(r"\bhost (\S+?)\[")
_RATE = re.compile(
    r"\b(rate|too many|too much|volume|quota|limit(ed|s)?|slow down)\b", re.IGNORECASE
)


class Station(NamedTuple):
    """Who sends, to whom, and the scenario (empty where the run keeps none)."""

    scenario: Mapping[str, Any]
    sender: str
    server: str
    is_client: bool

    def postfix(self, key: str) -> Any:
        """Return a Postfix parameter of the sender."""
        return setting(self.scenario, "hosts", self.sender, "postfix", key)

    def own_rates(self) -> list[str]:
        """Return the parameters by which the sender paces itself, with their values."""
        values = {key: str(self.postfix(key) or "0") for key in _OWN_RATES}
        return [f"{key}={value}" for key, value in values.items() if not _ZERO.fullmatch(value)]


def concurrency(limit: str, cap: float, station: Station) -> Change:
    """Return what doubling a concurrency does: twice as much, where nothing else binds."""
    keys = {
        "connections": "clients.connections",
        "delivery agents": "postfix.default_process_limit",
        "destination concurrency": "postfix.default_destination_concurrency_limit",
    }
    key = f"hosts.{station.sender}.{keys[limit]}={2 * int(cap)}"
    words = {"destination concurrency": "twice the concurrency to a destination"}
    text = f"{words.get(limit, f'twice as many {limit}')} at {station.sender}"
    return Change(text, (key,) if station.scenario else (), 2.0)


def longer(busy: Busy, station: Station) -> Change | None:
    """Return what it does to send more messages over each connection; None where they do."""
    saved = busy.hold["connect and TLS"] + busy.hold["DNS"]
    left = busy.hold_s - saved * (1 - 1 / _IN_EACH)
    if station.is_client:
        path = ("clients", "messages_per_connection")
        value: object = _IN_EACH
    else:
        path, value = ("postfix", "smtp_connection_cache_on_demand"), "yes"
    now = setting(station.scenario, "hosts", station.sender, *path)
    if now is True or (isinstance(now, int) and now is not False and now >= _IN_EACH) or left <= 0:
        return None
    text = f"many messages in each connection of {station.sender}"
    key = f"hosts.{station.sender}.{'.'.join(path)}={value}"
    return Change(text, (key,) if station.scenario else (), busy.hold_s / left)


def put_off(rows: pd.DataFrame, station: Station) -> tuple[str, str, list[str], Change]:
    """Return why mail was put off: the limit, where it is, what tells so, and what to do."""
    longest = str(rows.groupby("destination", observed=True)["back-off"].sum().idxmax())
    deferred = rows[(rows["status"] == "deferred") & (rows["destination"] == longest)]
    if deferred.empty:  # before the warm-up
        return "back-off", station.sender, [], _sooner(station)
    kinds = deferred["reply"].str.replace(r"<[^>]*>|\d+", "*", regex=True)
    kind = str(kinds.value_counts().idxmax())
    mine = deferred[kinds == kind]
    evidence = [
        (
            f"Of {number_text(len(deferred))} attempts for {longest} that were put off, "
            f'{number_text(len(mine))} were with "{mine["reply"].iloc[0]}".'
        )
    ]
    said = str(mine["reply"].iloc[0])
    if _FULL.search(said) and (found := _HOST.search(said)):
        server = found[1]
        slots = setting(station.scenario, "hosts", server, "postfix", "default_process_limit")
        text = f"twice as many worker slots at {server}, or no more connections than it has"
        key = f"hosts.{server}.postfix.default_process_limit={2 * int(slots or 0)}"
        return "worker slots", server, evidence, Change(text, (key,) if slots else ())
    if mine["code"].notna().any():  # the server said so
        server = str(mine["server"].value_counts().idxmax())
        if _GREY.search(kind):
            return "back-off", server, evidence, _known(station, server)
        if _RATE.search(kind):
            more, change = _slower(rows[rows["server"] == server], mine, server, station)
            return "receiver's rate", server, [*evidence, *more], change
    return "back-off", station.sender, evidence, _sooner(station)


def _sooner(station: Station) -> Change:
    """Return a shorter back-off."""
    sets = []
    for key in ("queue_run_delay", "minimal_backoff_time"):
        if isinstance(now := station.postfix(key), str):
            shorter = format_duration(parse_duration(now) // 5)
            sets.append(f"hosts.{station.sender}.postfix.{key}={shorter}")
    return Change(f"try again sooner at {station.sender}", tuple(sets))


def _known(station: Station, server: str) -> Change:
    """Return a receiver without greylisting: less than its delay no sender can wait."""
    text = f"{server} knows {station.sender}, or does not greylist; to try again sooner helps less"
    policies = setting(station.scenario, "hosts", server, "policies")
    if not isinstance(policies, list):
        return Change(text)
    others = [one for one in policies if not (isinstance(one, Mapping) and "greylist" in one)]
    is_there = len(others) < len(policies)
    return Change(text, (f"hosts.{server}.policies={json.dumps(others)}",) if is_there else ())


def _slower(
    rows: pd.DataFrame, deferred: pd.DataFrame, server: str, station: Station
) -> tuple[list[str], Change]:
    """Return the rate at which a receiver took mail while it refused more; how to keep to it."""
    tried = rows.drop_duplicates(["message", "recipient"])
    since, until = deferred["ended_s"].min(), tried["ended_s"].max()
    late = tried[tried["ended_s"] >= since]
    n_taken = int((late["status"] == "sent").sum())
    if until <= since or not n_taken:
        return [], Change(f"send to {server} more slowly")
    rate = n_taken / (until - since)
    evidence = (
        f"From its first refusal on {server} took {number_text(rate)} a second, of "
        f"{number_text(len(late) / (until - since))} that were tried for the first time."
    )
    name = str(deferred["traffic"].value_counts().idxmax())
    is_paced = setting(station.scenario, "traffic", name, "bulk", "rate") is not None
    text = f"send to {server} just below its rate: {_BELOW * rate:.3g} a second"
    key = f"traffic.{name}.bulk.rate={_BELOW * rate:.3g}/s"
    return [evidence], Change(text, (key,) if is_paced else ())


def quicker(longest: str, station: Station) -> tuple[str, Change]:
    """Return the limit, and what to do, where a part takes long though nothing waits."""
    server, sender, scenario = station.server, station.sender, station.scenario
    if longest == "server time":
        now = setting(scenario, "hosts", server, "service_time")
        sets: tuple[str, ...] = ()
        if isinstance(now, str):
            sets = (f"hosts.{server}.service_time={format_duration(parse_duration(now) // 2)}",)
        return "disk", Change(f"half the service time at {server}", sets, 2.0)
    if longest == "transfer":
        text = f"twice the bandwidth between {sender} and {server}"
        return "link", Change(text, _links(station, "bandwidth", 2), 2.0)
    if longest == "DNS":
        return "DNS", Change(f"a nearer name server for {sender}, or records with a longer TTL")
    text = f"fewer round trips (more mail in each connection of {sender}), or {server} half as far"
    return "round trips per connection", Change(text, _links(station, "latency", 0.5), 2.0)


def _links(station: Station, key: str, factor: float) -> tuple[str, ...]:
    """Return ``--set`` for the links that name either side, else for all, with a figure changed."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for i, link in enumerate(setting(station.scenario, "links") or []):
        ends, now = link.get("between"), link.get(key)
        is_own = ends != "*" and (station.sender in ends or station.server in ends)
        figure = _FIGURE.fullmatch(now) if isinstance(now, str) else None
        if figure is not None and (is_own or ends == "*"):
            changed = f"{float(figure[1]) * factor:g} {figure[2]}"
            found[is_own].append(f"links.{i}.{key}={changed}")
    return tuple(found[True] or found[False])
