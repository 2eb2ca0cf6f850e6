"""Which figures of a quarter of a system are those of the whole, as docs/scaling.md has it."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms

SLICE = Path(__file__).parents[1] / "experiments" / "sampled_slice.yaml"
SERVICE_S = 0.5


def mean_time(servers: int, load: float) -> float:
    """Return the mean time in M/M/c (s): wait and service (Erlang 1917)."""
    offered, blocked = load * servers, 1.0
    for n in range(1, servers + 1):  # Erlang B by its recursion
        blocked = offered * blocked / (n + offered * blocked)
    waits = blocked / (1 - load * (1 - blocked))
    return SERVICE_S * (1 + waits / (servers * (1 - load)))


@pytest.mark.slow
def test_a_quarter(tmp_path: Path) -> None:
    found = ms.load(SLICE).sweep(out=tmp_path / "out").summary.set_index(["metric", "point"])
    ends = found.loc["finished(traffic=newsletter)", "mean"]
    assert ends[0] - 6 == pytest.approx(300 / 8 * 0.4, rel=0.02)
    assert ends[1] == pytest.approx(ends[0], rel=0.02)

    def agrees(metric: str, point: int, expected: float) -> bool:
        row = found.loc[metric, point]
        return bool(abs(row["mean"] - expected) <= 2 * row["half_width"])

    assert agrees("throughput(traffic=people)", 0, 12.8)
    assert agrees("throughput(traffic=people)", 1, 3.2)
    assert agrees("mean(delay, traffic=people)", 0, mean_time(8, 0.8))
    assert agrees("mean(delay, traffic=people)", 1, mean_time(2, 0.8))
    delays = found.loc["mean(delay, traffic=people)"]
    assert delays.loc[1, "mean"] > 1.5 * delays.loc[0, "mean"]  # 2.2 times by theory
