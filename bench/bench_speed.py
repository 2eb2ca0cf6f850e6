"""Speed of mailsim in units of bare SimPy, both measured in the same run: ``make bench``.

The rounds of all subjects take turns, so that a machine whose speed drifts slows all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from baseline import EXCHANGES, naive_dialogues, timeouts
from pytest_benchmark.fixture import BenchmarkFixture

from mailsim.experiment.check import load_scenario
from mailsim.experiment.model import Scenario
from mailsim.experiment.runner import simulate
from mailsim.record.log import Log

HERE = Path(__file__).parent
BULK = HERE.parent / "experiments" / "bulk_send.yaml"
N = 5000
ROUNDS = 5
FACTS: dict[str, list[float]] = {}
MOST_S, MOST_BYTES = 10, 500e6


def _simulated(scenario: Scenario) -> Callable[[], None]:
    def once() -> None:
        simulate(scenario, 1, Log())

    return once


def _bulk_messages(scenario: Scenario) -> int:
    return int(simulate(scenario, 1, Log())["counts"]["delivered"])


@pytest.fixture(scope="module")
def subjects() -> dict[str, tuple[Callable[[], object], int]]:
    """Return each subject and by how much a call's time is divided."""
    dialogue, bulk = load_scenario(HERE / "dialogue.yaml"), load_scenario(BULK)
    return {
        "timeout": (timeouts, 100_000),
        "naive dialogue": (naive_dialogues, N),
        "dialogue": (_simulated(dialogue), N),
        "bulk message": (_simulated(bulk), _bulk_messages(bulk)),
    }


def test_naive_takes_the_time_it_should() -> None:
    """The naive dialogue takes 8 x (2 x 10 ms + 1 ms) of simulated time."""
    assert naive_dialogues(50) == pytest.approx(EXCHANGES * 0.021)


def test_speed(
    benchmark: BenchmarkFixture, subjects: dict[str, tuple[Callable[[], object], int]]
) -> None:
    """Time all subjects in turn; the ratios of their best rounds are printed at the end."""

    def rounds() -> None:
        for name, (call, divisor) in subjects.items():
            start = time.perf_counter()
            call()
            FACTS.setdefault(name, []).append((time.perf_counter() - start) / divisor)

    benchmark.pedantic(rounds, rounds=ROUNDS, warmup_rounds=1)
    best = {name: min(times) for name, times in FACTS.items()}
    naive = best["naive dialogue"]
    benchmark.extra_info.update({name: seconds / naive for name, seconds in best.items()})
    print()
    for name, seconds in best.items():
        print(f"{name:<16} {seconds * 1e6:8.2f} us   {seconds / naive:6.3f} naive dialogues")
    assert best["dialogue"] <= 0.5 * naive, "a dialogue costs more than half a naive one"
    assert best["bulk message"] <= 1.5 * naive, "a message costs more than 1.5 naive dialogues"


def test_bulk_send_as_a_user_runs_it(tmp_path: Path) -> None:
    """The whole command: start, simulation, tables, summary, pictures; its own time and memory."""
    command = [sys.executable, "-m", "mailsim", "run", str(BULK), "--out", str(tmp_path / "r")]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)  # of this child alone, unlike RUSAGE_CHILDREN
        process.returncode = os.waitstatus_to_exitcode(status)
    wall_s, most_bytes = time.perf_counter() - start, usage.ru_maxrss * 1024
    cpu_s = usage.ru_utime + usage.ru_stime
    print(f"\nbulk_send  {wall_s:.2f} s, {cpu_s:.2f} s of processor, {most_bytes / 1e6:.0f} MB")
    assert process.returncode == 0
    assert wall_s < MOST_S, f"bulk_send took {wall_s:.1f} s"
    assert most_bytes < MOST_BYTES, f"bulk_send took {most_bytes / 1e6:.0f} MB"
