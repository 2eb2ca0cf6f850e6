from __future__ import annotations

import pytest
from measured import value

QUEUES = [
    {"at_s": at, "host": host, "queue": queue, "depth": depth}
    for at, host, queue, depth in [
        (10.0, "a", "active", 4), (20.0, "a", "deferred", 6), (20.0, "b", "active", 1),
        (30.0, "a", "active", 0), (40.0, "a", "backlog:25", 9), (60.0, "a", "deferred", 0),
        (60.0, "b", "active", 0),
    ]
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max(queue_depth)", 11),
        ("max(queue_depth, host=a)", 10),
        ("max(queue_depth, host=b)", 1),
        ("max(queue_depth, queue=deferred)", 6),
        ("max(queue_depth, host=a, queue=backlog:25)", 9),
        ("min(queue_depth)", 0),
        # 4 for 10 s, 11 for 10 s, 7 for 30 s of 100 s
        ("mean(queue_depth)", 3.6),
        ("p50(queue_depth)", 0),
        ("p70(queue_depth)", 7),
        ("p95(queue_depth)", 11),
        ("std(queue_depth)", ((16 * 10 + 121 * 10 + 49 * 30) / 100 - 3.6**2) ** 0.5),
        ("max(queue_depth, host=nobody)", 0),
    ],
)
def test_depths_count_for_their_time(text: str, expected: float) -> None:
    assert value(text, queues=QUEUES) == pytest.approx(expected)


def test_what_the_warm_up_has_left_counts() -> None:
    assert value("max(queue_depth, host=a)", queues=QUEUES, warmup_s=35.0) == 6
    assert value("mean(queue_depth)", queues=QUEUES, warmup_s=50.0) == pytest.approx(7 * 10 / 50)
