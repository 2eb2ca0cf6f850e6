"""Shared links: processor sharing, judged against its closed forms.

Controls are what the same run tells whose expectation is known:

- what the messages would have waited in one line before the link, first come first served: it
  follows from their times and sizes (Lindley 1952; Pollaczek 1930 and Khinchin 1932);
- who comes sees what there is at any time (Wolff 1982), and how large a message is, and when the
  next one comes, depends on nothing that was there before;
- where sizes are exponential, messages end at a rate that is the link's, whoever is on it.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
import pytest
from theory.cases import EXPERIMENTS, case
from theory.estimate import controlled_mean, mean

import mailsim as ms

REPLICATIONS = 40
QUIET_BYTES = len("EHLO clients.example.org\r\nQUIT\r\n")
OMITTED = {"ps_exp": {"W_1MB"}, "ps_logn": {"W_1MB", "W", "L"}, "ps_access_cap": set[str]()}
"""Hardly a message is of 1 MB; it takes ten times as long as one of 100 kB where all slow down
alike.  W and L of sizes that vary so much are too poorly known: four standard errors are 4 %."""


class Task(NamedTuple):
    """A case and how to run it."""

    name: str
    cv2: float
    at_once: int  # so many get what they can take; 0 if sizes are not exponential
    sets: tuple[str, ...]


CAP = ("links.0.bandwidth=16 Mbit/s", "links.1.bandwidth=80 Mbit/s")
TASKS = (
    Task("ps_exp", 1.0, 1, ("duration=60s",)),
    Task(
        "ps_logn",
        4.0,
        0,
        ("duration=150s", "traffic.mail.size={lognormal: {mean: 100 kB, cv: 2}}"),
    ),
    Task(
        "ps_access_cap",
        1.0,
        5,
        (*CAP, "traffic.mail.arrivals={poisson: 80/s}", "duration=7s", "warmup=1s"),
    ),
)


def replicate(task: Task, seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """Run the scenario once; return its figures, and controls less their expectation."""
    inputs = case(task.name)["inputs"]
    rate, mean_b, link_b_s = inputs["lam"], inputs["mean_size_B"], inputs["C_Bps"]
    run = ms.load(EXPERIMENTS / "ps_link.yaml", *task.sets).run(seed=seed)
    done = run.attempts.merge(run.sessions, on="session").sort_values("opened_at_s")
    from_s, to_s = run.frames.warmup_s, 0.95 * run.frames.simulated_s
    due_s = done["opened_at_s"].to_numpy()
    alone_s = (done["sent_bytes"].to_numpy() - QUIET_BYTES) / link_b_s
    wait_s, waits_s = 0.0, np.zeros(len(done))
    for i, gap_s in enumerate(np.diff(due_s)):
        wait_s = max(wait_s + alone_s[i] - gap_s, 0.0)
        waits_s[i + 1] = wait_s
    ends_s = due_s + done["d_s"].to_numpy()
    is_in = (due_s >= from_s) & (due_s < to_s)
    took_s, alone_s, waits_s = done["d_s"].to_numpy()[is_in], alone_s[is_in], waits_s[is_in]
    per_s = is_in.sum() / (to_s - from_s)
    slowdown = (took_s / alone_s).mean()
    figures = {
        "rho": per_s * alone_s.mean(),
        "W": took_s.mean(),
        "L": per_s * took_s.mean(),
        "slowdown": slowdown,
        "W_100kB": slowdown * mean_b / link_b_s,
    }
    service_s, rho = mean_b / link_b_s, rate * mean_b / link_b_s
    wait_s = rho * service_s * (1 + task.cv2) / 2 / (1 - rho)
    there = np.arange(len(due_s)) - np.searchsorted(np.sort(ends_s), due_s, side="right")
    stays_s = (ends_s.clip(from_s, to_s) - due_s.clip(from_s, to_s)).sum()
    gaps_s = np.diff(due_s, append=due_s[-1] + 1 / rate)[is_in]
    more_s = alone_s - service_s
    controls = {
        "seen": (there[is_in].sum() - rate * stays_s) / (to_s - from_s),
        "N(S - ES)": (there[is_in] * more_s).mean(),
        "W(S - ES)": (waits_s * more_s).mean(),
        "W(A - EA)": (waits_s * (gaps_s - 1 / rate)).mean(),
        "arrivals": per_s - rate,
        "size": alone_s.mean() - service_s,
        "wait": waits_s.mean() - wait_s,
    }
    if task.at_once:
        controls |= ends(due_s, ends_s, (from_s, to_s), task.at_once, rate / rho)
    return figures, controls


def ends(
    due_s: np.ndarray, ends_s: np.ndarray, window: tuple[float, float], at_once: int, rate: float
) -> dict[str, float]:
    """Return by how much more ended than were to be expected, given how many there were.

    Of ``n`` messages one ends at a rate of ``rate`` times ``min(n, at_once) / at_once``.
    """
    at_s = np.concatenate((due_s, ends_s))
    step = np.concatenate((np.ones(len(due_s)), -np.ones(len(ends_s))))
    order = np.argsort(at_s, kind="stable")
    at_s, step = at_s[order], step[order]
    n = np.cumsum(step)
    is_end = (step < 0) & (at_s >= window[0]) & (at_s < window[1])
    lasts_s = np.diff(at_s.clip(*window), append=window[1])
    rates = rate * np.minimum(n, at_once) / at_once
    return {
        "ends": is_end.sum() - (rates * lasts_s).sum(),
        "n at ends": (n[is_end] + 1).sum() - (n * rates * lasts_s).sum(),
    }


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_shared_link_does_as_theory_says(task: Task) -> None:
    theory = case(task.name)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        runs = list(pool.map(replicate, [task] * REPLICATIONS, range(1, REPLICATIONS + 1)))
    controls = [[run[1][name] for run in runs] for name in runs[0][1]]
    wrong = []
    for figure, expected in theory["expected"].items():
        if figure in OMITTED[task.name]:
            continue
        estimate = controlled_mean(
            [run[0][figure] for run in runs], controls, [0.0] * len(controls)
        )
        if not estimate.is_equivalent(expected, theory["tol"]["delta_rel"]):
            wrong.append(
                f"{figure}: {estimate.value:.6g} for {expected:.6g}, "
                f"{estimate.value / expected - 1:+.2%}, "
                f"4 standard errors {4 * estimate.error / expected:.2%}"
            )
    assert not wrong, "\n".join(wrong)
    for name, values in zip(runs[0][1], controls, strict=True):
        value, error, _ = mean(values)
        assert abs(value) <= 4 * error, f"control {name}: {value:.3g}, error {error:.3g}"
