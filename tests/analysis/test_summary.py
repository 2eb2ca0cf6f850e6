"""The end summary: each metric by hand, and what a warm-up leaves out."""

from __future__ import annotations

import math
from typing import Any

import pytest
from synthetic import INFO, attempt, campaign, delivery, make_tables

from mailsim.analysis import Frames, summarize
from mailsim.analysis.summary import deferred_recipients

ROWS = {
    "deliveries": [
        delivery(1, 10.0, 5.0),
        delivery(2, 20.0, 30.0),
        delivery(3, 60.0, 2.0, fate="bounced"),
        delivery(4, 61.0, 2.0, fate="expired"),
        delivery(5, 62.0, 2.0, fate="refused"),
        delivery(6, 70.0, None),
        delivery(7, 70.0, 10.0),
        delivery(8, 15.0, 5.0, traffic="report"),
        delivery(9, 63.0, 5.0, traffic="report"),
    ],
    "attempts": [
        attempt(2, 21.0, "deferred"),
        attempt(2, 50.0, "sent"),
        attempt(4, 62.0, "deferred"),
        attempt(4, 63.0, "expired"),
        attempt(6, 71.0, "deferred"),
        attempt(7, 80.0, "sent"),
    ],
    "queues": [
        {"at_s": 5.0, "host": "a", "queue": "active", "depth": 9},
        {"at_s": 30.0, "host": "a", "queue": "active", "depth": 3},
        {"at_s": 60.0, "host": "a", "queue": "active", "depth": 4},
        {"at_s": 60.0, "host": "b", "queue": "active", "depth": 2},
        {"at_s": 61.0, "host": "b", "queue": "backlog:25", "depth": 7},
        {"at_s": 61.0, "host": "b", "queue": "busy:25", "depth": 70},
    ],
}


def metrics(**info: Any) -> dict[str, float]:
    told = {**INFO, **info}
    table = summarize(Frames(make_tables(**ROWS), told), told)
    assert list(table.columns) == ["point", "replication", "metric", "value", "unit"]
    assert table["metric"].is_unique
    return dict(zip(table["metric"], table["value"], strict=True))


def test_all_of_it() -> None:
    found = metrics()
    assert found == pytest.approx(
        {
            "submitted": 7, "delivered": 3, "deferred": 3, "bounced": 1, "expired": 1,
            "refused": 1, "discarded": 0, "expanded": 0, "queued": 1, "reports": 2,
            "throughput_per_s": 0.03, "throughput_per_h": 108.0, "not_delivered": 4,
            "delay_p50": 10.0, "delay_p95": 28.0, "delay_p99": 29.6, "delay_max": 30.0,
            "last_delivery_at": 80.0, "peak_active": 9, "peak_backlog": 7,
            "messages_per_wall_s": 4.5,
        }
    )  # fmt: skip


def test_after_a_warm_up() -> None:
    found = metrics(warmup_s=50.0)
    assert found == pytest.approx(
        {
            # Due after it: 3 to 7.  Delivered after it, whenever due: 2 and 7.
            "submitted": 5, "delivered": 1, "deferred": 2, "bounced": 1, "expired": 1,
            "refused": 1, "discarded": 0, "expanded": 0, "queued": 1, "reports": 1,
            "throughput_per_s": 0.04, "throughput_per_h": 144.0, "not_delivered": 4,
            "delay_p50": 10.0, "delay_p95": 10.0, "delay_p99": 10.0, "delay_max": 10.0,
            "last_delivery_at": 80.0,
            # What was left in the queue when it ended counts: 3, then 4.
            "peak_active": 4, "peak_backlog": 7,
            "messages_per_wall_s": 4.5,
        }
    )  # fmt: skip


def test_fates_add_up() -> None:
    tables, info = campaign(n=500)
    table = summarize(Frames(tables, info), info).set_index("metric")["value"]
    fates = ["delivered", "bounced", "expired", "refused", "queued"]
    assert table["submitted"] == 500 == table[fates].sum()


def test_nothing_at_all() -> None:
    table = summarize(Frames(make_tables(), INFO), INFO).set_index("metric")["value"]
    assert table["submitted"] == table["throughput_per_s"] == 0
    assert math.isnan(table["delay_p50"])
    assert math.isnan(table["last_delivery_at"])
    assert not [name for name in table.index if name.startswith("peak_")]


def test_a_point_and_a_replication_of_a_sweep() -> None:
    info = {**INFO, "point": 3, "replication": 7}
    table = summarize(Frames(make_tables(), info), info)
    assert set(table["point"]) == {3}
    assert set(table["replication"]) == {7}


def test_deferred_is_who_was_not_served_at_a_first_attempt() -> None:
    frames = Frames(
        make_tables(
            deliveries=[delivery(n, 0.0, 1.0) for n in (1, 2, 3, 4)],
            attempts=[
                attempt(1, 1.0, "sent"),
                attempt(1, 2.0, "sent", host="relay"),  # another hop, not another try
                attempt(2, 1.0, "deferred"),
                attempt(3, 1.0, "bounced"),
                attempt(4, 1.0, "sent"),
                attempt(4, 2.0, "sent"),
                attempt(5, 1.0, "deferred"),  # not among those looked at
            ],
        ),
        INFO,
    )
    found = deferred_recipients(frames["attempts"], frames["deliveries"])
    assert sorted(found["message"]) == [2, 4]
