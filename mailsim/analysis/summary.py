"""The end summary of a run: a metric a row, in tidy form so that sweeps can stack it.

What counts, with a warm-up: a *fate*, a *delay* or a *report* when the message fell due after the
warm-up; *throughput* when the delivery was made after it, whenever the message fell due.  Delivery
reports are mail that nobody asked to send: they have a metric of their own and no part in the
others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mailsim.record.tables import FATES

from .depth import WAITING, kind_of, peak_depths

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["QUANTILES", "deferred_recipients", "summarize"]

QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
"""The quantiles that are reported, by the name they go under."""


_DELIVERY = ["message", "traffic", "submitted_at_s", "ended_at_s", "delay_s", "fate"]


def _columns(
    frames: Frames | Mapping[str, pd.DataFrame], name: str, columns: list[str]
) -> pd.DataFrame:
    from .frames import Frames

    return frames.columns(name, columns) if isinstance(frames, Frames) else frames[name][columns]


def _n_deferred(frames: Frames | Mapping[str, pd.DataFrame], counted: pd.Index[int]) -> int:
    """Return how many of the recipients in some rows of ``deliveries`` have been deferred."""
    maybe = _is_deferred_maybe(_columns(frames, "attempts", ["message", "host", "status"]))
    if not maybe.any():
        return 0
    some = _columns(frames, "attempts", ["message", "recipient", "host", "status"])[maybe]
    whose = _columns(frames, "deliveries", ["message", "recipient"])
    return len(deferred_recipients(some, whose.loc[counted]))


def _is_deferred_maybe(attempts: pd.DataFrame) -> pd.Series[bool]:
    """Tell which attempts were deferred, or are not the only one of their message at a host."""
    again = attempts.duplicated(["message", "host"], keep=False)
    return again | (attempts["status"] == "deferred")


def summarize(frames: Frames | Mapping[str, pd.DataFrame], info: Mapping[str, Any]) -> pd.DataFrame:
    """Return the metrics of one run.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        The tables ``deliveries``, ``attempts`` and ``queues`` at least.
    info : mapping
        What ``run.json`` holds: ``simulated_s``, ``warmup_s``, ``wall_s`` and, in a sweep,
        ``point`` and ``replication``.

    Returns
    -------
    pandas.DataFrame
        Columns point (int), replication (int), metric (str), value (float), unit (str).
        Metrics: submitted, delivered, deferred, bounced, expired, refused, discarded, expanded,
        queued, reports; faults and duplicates where the run has these tables; throughput_per_s,
        throughput_per_h;
        not_delivered (fates but delivered and expanded: the delays that follow are of the
        delivered alone),
        delay_p50, delay_p95, delay_p99, delay_max (NaN when nothing was delivered),
        last_delivery_at; peak_outbox, peak_active, peak_deferred, peak_backlog for the queues
        that exist; messages_per_wall_s.
    """
    import pandas as pd

    warmup_s, simulated_s = float(info.get("warmup_s") or 0.0), float(info["simulated_s"])
    # Each table is let go before the next is read: those of a large run are large.
    deliveries = _columns(frames, "deliveries", _DELIVERY)
    is_report = deliveries["traffic"] == "report"
    mail = deliveries[~is_report]
    counted = mail[mail["submitted_at_s"] >= warmup_s]
    arrived = mail[(mail["fate"] == "delivered") & (mail["ended_at_s"] >= warmup_s)]
    delays = counted.loc[counted["fate"] == "delivered", "delay_s"]
    window_s = simulated_s - warmup_s
    per_s = len(arrived) / window_s if window_s > 0 else 0.0

    rows: list[tuple[str, float, str]] = [("submitted", len(counted), "recipients")]
    n_fates = counted["fate"].value_counts()
    rows += [(fate, int(n_fates.get(fate, 0)), "recipients") for fate in FATES]
    n_deferred = _n_deferred(frames, counted.index)
    rows.insert(2, ("deferred", n_deferred, "recipients"))
    n_reports = (is_report & (deliveries["submitted_at_s"] >= warmup_s)).sum()
    rows.append(("reports", int(n_reports), "messages"))
    if "duplicates" in frames:
        rows.append(("faults", len(frames["faults"]), "times that one began"))
        late = frames["duplicates"]["at_s"] >= warmup_s
        rows.append(("duplicates", int(late.sum()), "further fates of recipients"))
    rows.append(("throughput_per_s", per_s, "recipients/s"))
    rows.append(("throughput_per_h", per_s * 3600, "recipients/h"))
    n_missing = len(counted) - len(delays) - int(n_fates.get("expanded", 0))
    rows.append(("not_delivered", n_missing, "recipients, in no delay below"))
    rows += [(f"delay_{name}", float(delays.quantile(q)), "s") for name, q in QUANTILES.items()]
    rows.append(("delay_max", float(delays.max()), "s"))
    rows.append(("last_delivery_at", float(arrived["ended_at_s"].max()), "s"))

    peaks = peak_depths(_columns(frames, "queues", ["at_s", "host", "queue", "depth"]), warmup_s)
    deepest = peaks.groupby(peaks["queue"].map(kind_of))["depth"].max()
    for kind in WAITING:
        if kind in deepest:
            unit = "connections" if kind == "backlog" else "messages"
            rows.append((f"peak_{kind}", float(deepest[kind]), unit))
    if wall_s := info.get("wall_s"):
        n_messages = deliveries["message"].nunique()
        rows.append(("messages_per_wall_s", n_messages / float(wall_s), "messages/s"))

    table = pd.DataFrame(rows, columns=["metric", "value", "unit"])
    table["value"] = table["value"].astype(float)
    table.insert(0, "replication", int(info.get("replication", 0)))
    table.insert(0, "point", int(info.get("point", 0)))
    return table


def deferred_recipients(attempts: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Return the recipients that a hop could not serve at its first attempt.

    Parameters
    ----------
    attempts : pandas.DataFrame
        The ``attempts`` table.
    counted : pandas.DataFrame
        Rows of ``deliveries``: the recipients to look at.

    Returns
    -------
    pandas.DataFrame
        Columns message and recipient, a row for each recipient that was deferred at some hop
        or needed a second attempt there, whatever became of it.
    """
    keys = ["message", "recipient"]
    some = attempts[_is_deferred_maybe(attempts)]  # only of these recipients are compared
    again = some.duplicated([*keys, "host"]) | (some["status"] == "deferred")
    late = some.loc[again, keys].drop_duplicates()
    theirs = counted.loc[counted["message"].isin(late["message"]), keys]
    return late.merge(theirs.drop_duplicates(), on=keys)
