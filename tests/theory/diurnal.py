"""Connections open at a time on a server that never says no, as mail swings with the day."""

from __future__ import annotations

import numpy as np
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate, controlled_mean, known
from theory.judge import Plan, Study

import mailsim as ms

__all__ = ["STUDIES"]

SCALE = 3456
"""The case has so many times as many messages a day; all but times is in proportion."""


def measure(plan: Plan) -> dict[str, Estimate]:
    """Return mean and swing of what is open, of the sessions that began on each day.

    A day's sessions fall on the time of day, so what is open swings as ``a + b sin + c cos``.
    Days are independent: their messages are, and whose session ends on the next day counts here.

    The controls are moments of what was drawn: messages by time of day, and their hold, whose
    deviation from its mean (and that of its square) has nothing to do with when they came.
    """
    inputs = case("mt_mginf_diurnal")["inputs"]
    period_s, hold_s = inputs["period"], inputs["hold"]
    run = ms.load(EXPERIMENTS / "diurnal_connections.yaml", *plan.sets).run()
    from_s = run.frames.warmup_s
    # Nobody holds for an hour: who came before the last one has left, and has a row.
    n_days = int((run.frames.simulated_s - from_s - 3600) // period_s)
    sessions = run.sessions[run.sessions["opened_at_s"].between(from_s, from_s + n_days * period_s)]
    came_s, left_s = sessions["accepted_at_s"], sessions["released_at_s"]
    turn = 2 * np.pi / period_s
    day = ((came_s - from_s) // period_s).astype(int)
    sine, cosine = np.sin(turn * came_s), np.cos(turn * came_s)
    off_s = left_s - came_s - hold_s
    off_s2 = (left_s - came_s) ** 2 - 2 * hold_s**2

    def daily(values: object) -> np.ndarray:
        return np.bincount(day, values, n_days)  # type: ignore[arg-type]

    mean = daily(left_s - came_s) / period_s
    b = daily(cosine - np.cos(turn * left_s)) / turn * 2 / period_s
    c = daily(np.sin(turn * left_s) - sine) / turn * 2 / period_s
    swing = inputs["amp"] / inputs["lam0"]
    n = inputs["lam0"] * period_s / SCALE
    controls = {
        "messages": daily(None) - n,
        "messages, sine": daily(sine) - n * swing / 2,
        "messages, cosine": daily(cosine),
        "hold": daily(off_s),
        "hold, sine": daily(off_s * sine),
        "hold, cosine": daily(off_s * cosine),
        "hold squared, sine": daily(off_s2 * sine),
        "hold squared, cosine": daily(off_s2 * cosine),
    }
    known(controls)

    def estimate(values: np.ndarray) -> Estimate:
        return controlled_mean(values, [*controls.values()], [0.0] * len(controls))

    # Where the swing turns round, as measured; about there the peak is that of each day.
    late = np.arctan2(-estimate(c).value, estimate(b).value)
    up = b * np.cos(late) - c * np.sin(late)
    across = -c * np.cos(late) - b * np.sin(late)
    lag_s = (late + across / estimate(up).value) / turn
    return {
        "mean_at_noon_phase": _times(SCALE, estimate(mean - c)),
        "peak": _times(SCALE, estimate(mean + up)),
        "peak_lag_after_rate_peak_s": estimate(lag_s),
    }


def _times(factor: float, one: Estimate) -> Estimate:
    return Estimate(one.value * factor, one.error * factor, one.freedom)


STUDIES = (
    Study(
        "mt_mginf_diurnal",
        measure,
        Plan(sets=("duration=434h",)),
        Plan(sets=("duration=1202h",)),
        scenario="diurnal_connections",
    ),
)
