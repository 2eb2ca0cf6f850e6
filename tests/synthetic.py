"""Runs made by hand: tables of the shape of :mod:`mailsim.record.tables`, without a simulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mailsim.record.tables import ON_DEMAND, TABLES

TYPES = {"int": pa.int64(), "text": pa.string(), "bool": pa.bool_(), "time": pa.float64()}

INFO: dict[str, Any] = {
    "name": "by_hand",
    "seed": 1,
    "simulated_s": 100.0,
    "warmup_s": 0.0,
    "wall_s": 2.0,
    "started": "2026-01-01T00:00:00+00:00",
}


def make_table(name: str, rows: Sequence[Mapping[str, Any]] = ()) -> pa.Table:
    """Return a table with the given cells; columns that a row leaves out are null."""
    columns = TABLES[name].columns
    unknown = {key for row in rows for key in row} - {column.name for column in columns}
    assert not unknown, f"table {name} has no column {unknown}"
    schema = pa.schema([(column.name, TYPES[column.type]) for column in columns])
    filled = [{column.name: row.get(column.name) for column in columns} for row in rows]
    return pa.Table.from_pylist(filled, schema=schema)


def make_tables(**rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """Return all tables; those on demand, such as ``events``, only where they are given."""
    names = [name for name in TABLES if name not in ON_DEMAND or name in rows]
    return {name: make_table(name, rows.get(name, ())) for name in names}


def delivery(
    message: int, submitted_at_s: float, delay_s: float | None, **more: Any
) -> dict[str, Any]:
    """Return a row of ``deliveries``; without a delay the recipient is still queued."""
    to_domain = more.pop("to_domain", "example.net")
    ended_at_s = None if delay_s is None else submitted_at_s + delay_s
    return {
        "message": message,
        "recipient": f"r{message}@{to_domain}",
        "sender": "news@example.org",
        "traffic": "news",
        "to_domain": to_domain,
        "size_bytes": 4000,
        "submitted_at_s": submitted_at_s,
        "accepted_at_s": submitted_at_s,
        "ended_at_s": ended_at_s,
        "delay_s": delay_s,
        "fate": "queued" if delay_s is None else "delivered",
        "attempts": 1,
        "hops": 2,
        "host": "mx.example.net",
        "reply": "250 2.0.0 Ok",
        **more,
    }


def attempt(message: int, ended_at_s: float, status: str, **more: Any) -> dict[str, Any]:
    """Return a row of ``attempts``."""
    return {
        "message": message,
        "recipient": f"r{message}@example.net",
        "host": "mx1.example.org",
        "ended_at_s": ended_at_s,
        "status": status,
        "a_s": 0.0,
        "b_s": 0.0,
        "c_s": 0.0,
        "d_s": 0.0,
        **more,
    }


def campaign(n: int = 4000, seed: int = 7) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Return a made-up bulk send beside personal mail, good enough to draw."""
    rng = np.random.default_rng(seed)
    domains = [f"{name}.example" for name in ("alpha", "beta", "gamma", "delta", "eps", "zeta")]
    domains += [f"d{number:02}.example" for number in range(34)]
    weights = 1 / np.arange(1, len(domains) + 1) ** 1.2
    picked = rng.choice(domains, size=n, p=weights / weights.sum())
    is_news = rng.random(n) < 0.8
    submitted = np.where(is_news, 600.0, rng.uniform(0, 5400, n))
    delays = np.where(is_news, rng.uniform(1, 1800, n) ** 1.02, rng.lognormal(0.5, 1.0, n))
    greylisted = rng.random(n) < 0.05
    delays = delays + np.where(greylisted, rng.uniform(300, 620, n), 0.0)
    order = np.argsort(submitted, kind="stable")
    deliveries, attempts = [], []
    for message, k in enumerate(order.tolist(), start=1):
        fate = "bounced" if rng.random() < 0.004 else "delivered"
        traffic = "newsletter" if is_news[k] else "people"
        row = delivery(
            message, submitted[k], delays[k], to_domain=picked[k], traffic=traffic, fate=fate
        )
        deliveries.append(row)
        if greylisted[k]:
            attempts.append(attempt(message, submitted[k] + 1, "deferred"))
        attempts.append(attempt(message, submitted[k] + delays[k], "sent"))
    queues = _depths("mx1.example.org", "active", submitted, submitted + delays)
    late = submitted[greylisted]
    queues += _depths("mx1.example.org", "deferred", late + 1, late + delays[greylisted])
    queues += _depths("office.example.org", "outbox", submitted, submitted + 0.2 * delays)
    queues.sort(key=lambda row: float(row["at_s"]))
    info = {**INFO, "name": "campaign", "seed": seed, "simulated_s": 7200.0, "wall_s": 3.5}
    return make_tables(deliveries=deliveries, attempts=attempts, queues=queues), info


def _depths(host: str, queue: str, enter: Any, leave: Any) -> list[dict[str, Any]]:
    at_s = np.concatenate((enter, leave))
    step = np.concatenate((np.ones(len(enter)), -np.ones(len(leave))))
    order = np.lexsort((-step, at_s))
    depth = np.cumsum(step[order]).astype(int)
    return [
        {"at_s": at, "host": host, "queue": queue, "depth": value}
        for at, value in zip(at_s[order].tolist(), depth.tolist(), strict=True)
    ]
