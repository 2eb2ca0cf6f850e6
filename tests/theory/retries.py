"""When mail is tried again that fails, and how late it is in the end.

Delays are discrete: each must be one of the timetable's, and how often each comes is held against
its probability (chi-square), not the mean alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.stats import chisquare
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate
from theory.judge import Measured, Plan, Study

import mailsim as ms

__all__ = ["STUDIES"]

RETRY = "hosts.out.example.org.retry"
SHARE = "hosts.mx.example.net.policies.0.tempfail.share"
OUT = "out.example.org"


def schedule(plan: Plan) -> Measured:
    """Return the times of the attempts after the first, from the message's arrival."""
    run = ms.load(EXPERIMENTS / "postfix_schedule_phase81.yaml").run()
    at_s = run.attempts.loc[run.attempts["host"] == OUT, "ended_at_s"].to_numpy()
    n = len(case("postfix_schedule_phase81")["expected"]["attempts"])
    return {f"attempts {i}": float(at_s[i + 1] - at_s[0]) for i in range(n)}


def offsets(inputs: dict[str, float], n: int) -> np.ndarray:
    """Return the times of the first ``n`` attempts: waits that grow up to a cap."""
    waits = [min(inputs["d0"] * inputs["base"] ** k, inputs.get("cap", np.inf)) for k in range(n)]
    return np.concatenate(([0.0], np.cumsum(waits)))[:n]


def sent(sets: Sequence[str]) -> pd.DataFrame:
    mails = ms.load(EXPERIMENTS / "backoff.yaml", *sets).run().deliveries
    return mails[mails["traffic"] == "mail"]


def check(n_attempts: np.ndarray, p: float, most: int) -> None:
    """Assert that each attempt fails with the same probability, by chi-square.

    Classes of which fewer than ten are expected are taken together.
    """
    shares = [(1 - p) * p**k for k in range(most - 1)]
    shares.append(1 - sum(shares))
    expected = len(n_attempts) * np.array(shares)
    observed = np.bincount(n_attempts - 1, minlength=most)
    assert len(observed) == most
    last = max(int((expected >= 10).sum()) - 1, 1)
    seen = [*observed[:last], observed[last:].sum()]
    due = [*expected[:last], expected[last:].sum()]
    assert chisquare(seen, due).pvalue > 1e-4, (seen, due)


def proportion(hits: np.ndarray) -> Estimate:
    n, p = len(hits), float(hits.mean())
    return Estimate(p, (p * (1 - p) / n) ** 0.5, n - 1)


def average(values: np.ndarray) -> Estimate:
    n = len(values)
    return Estimate(float(values.mean()), float(values.std(ddof=1)) / n**0.5, n - 1)


def quantile(values: np.ndarray, q: float) -> Estimate:
    """Return a quantile; its error is from the ranks between which it lies (binomial)."""
    n, ranked = len(values), np.sort(values)
    rank, off = n * q, 4 * (n * q * (1 - q)) ** 0.5
    low, middle, high = (
        ranked[min(max(int(np.ceil(r)), 1), n) - 1] for r in (rank - off, rank, rank + off)
    )
    return Estimate(float(middle), float(high - low) / 8, n - 1)


def from_failures(
    of: Callable[[np.ndarray, np.ndarray], float], times: np.ndarray, n_attempts: np.ndarray
) -> Estimate:
    """Return a figure of the delay, from the share of attempts that fail.

    A few very late ones make a sample's own, so it tells little.  But each delay is one of the
    timetable's and each attempt fails as often, both of which is asserted.

    Parameters
    ----------
    of : callable
        Gives the figure, from the timetable and how often each time of it comes.
    times : numpy.ndarray
    n_attempts : numpy.ndarray
    """
    n = int(n_attempts.sum())
    p = 1 - len(n_attempts) / n
    error = (p * (1 - p) / n) ** 0.5
    less, about, more = (
        of(times, (1 - share) * share ** np.arange(len(times)))
        for share in (p - 4 * error, p, p + 4 * error)
    )
    return Estimate(about, (more - less) / 8, n - 1)


def mean_of(times: np.ndarray, shares: np.ndarray) -> float:
    return float(shares @ times)


def deviation_of(times: np.ndarray, shares: np.ndarray) -> float:
    return float((shares @ times**2 - (shares @ times) ** 2) ** 0.5)


def rare_of(times: np.ndarray, shares: np.ndarray) -> float:
    """Return the delay that one in a thousand is beyond."""
    return float(times[int(np.searchsorted(np.cumsum(shares), 0.999))])


def backoff(plan: Plan) -> Measured:
    inputs = case("backoff_p30")["inputs"]
    mails = sent((f"traffic.mail.bulk.recipients={plan.n}",))
    assert len(mails) == plan.n
    assert set(mails["fate"]) == {"delivered"}
    delay_s, n_attempts = mails["delay_s"].to_numpy(), mails["attempts"].to_numpy()
    times = offsets(inputs, 40)
    assert np.allclose(delay_s, times[n_attempts - 1], rtol=0, atol=1e-6), "off the timetable"
    check(n_attempts, inputs["p"], 40)
    rare, seen = from_failures(rare_of, times, n_attempts), quantile(delay_s, 0.999)
    assert abs(seen.value - rare.value) <= 4 * (seen.error + rare.error)
    return {
        "mean": from_failures(mean_of, times, n_attempts),
        "sd": from_failures(deviation_of, times, n_attempts),
        "P_first": proportion(n_attempts == 1),
        "attempts": average(n_attempts),
        "p90": quantile(delay_s, 0.9),
        "p99": quantile(delay_s, 0.99),
        "p999": rare,
    }


def expiry(plan: Plan) -> Measured:
    inputs = case("backoff_expiry")["inputs"]
    mails = sent(
        (
            f"traffic.mail.bulk.recipients={plan.n}",
            f"{RETRY}={{first: 300s, attempts: {inputs['max_attempts']}}}",
            f"{SHARE}={100 * inputs['p']:.0f}%",
        )
    )
    assert len(mails) == plan.n
    is_back = (mails["fate"] != "delivered").to_numpy()
    delay_s, n_attempts = mails["delay_s"].to_numpy(), mails["attempts"].to_numpy()
    times = offsets(inputs, inputs["max_attempts"])
    assert np.allclose(delay_s, times[n_attempts - 1], rtol=0, atol=1e-6), "off the timetable"
    check(n_attempts, inputs["p"], inputs["max_attempts"])
    return {
        "P_bounce": proportion(is_back),
        "mean_delay_delivered": average(delay_s[~is_back]),
        "attempts": average(n_attempts),
        "t_bounce": float(delay_s[is_back].max()),
    }


NOTE = """\
Each delay is one of the timetable's, and each comes as often as it should (chi-square). So mean,
deviation and the rarest delays follow from how many of the attempts fail."""
STUDIES = (
    Study("postfix_schedule_phase81", schedule, Plan(), Plan()),
    Study(
        "backoff_p30",
        backoff,
        Plan(n=2500),
        Plan(n=150_000),
        scenario="backoff",
        tails=frozenset({"mean", "sd", "p90", "p99", "p999"}),
        note=NOTE,
    ),
    Study(
        "backoff_expiry",
        expiry,
        Plan(n=1500),
        Plan(n=62_000),
        scenario="backoff",
        tails=frozenset({"P_bounce", "mean_delay_delivered"}),
    ),
)
