"""How late mail is that meets a greylist, and how much of it does."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.stats import kstest
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate, controlled_mean, known
from theory.judge import Measured, Plan, Study, Within

import mailsim as ms

__all__ = ["STUDIES"]

GREYLIST = "hosts.mx.example.net.policies.0.greylist"
PRESET = "hosts.out.example.org.preset"
NOT_RENEWED = f"{GREYLIST}.renew=false"
BATCHES = 20
PAIRS = 1000
PRESETS = {
    "gmail.com": "gmail",
    "yahoo.co.uk": "yahoo",
    "hotmail.com": "hotmail",
    "gmx.com": "gmx",
    "aol.com": "aol",
    "india.com": "india.com",
    "qq.com": "qq",
}


def first_mails(name: str, plan: Plan) -> Measured:
    """Return how late the first mail of each pair was: uniform between two scans."""
    window = f"{GREYLIST}.delay={case(name)['inputs']['window']}s"
    run = ms.load(EXPERIMENTS / "greylist_postfix.yaml", window, *plan.sets).run()
    mails = run.deliveries[run.deliveries["fate"] == "delivered"].sort_values("submitted_at_s")
    mails = mails.drop_duplicates(["sender", "recipient"])
    # Who came late has no row yet if it was unlucky.
    mails = mails[mails["submitted_at_s"] < run.frames.simulated_s - 3600]
    delay_s = mails["delay_s"].to_numpy()
    n, expected = len(delay_s), case(name)["expected"]
    low, high = expected["min"], expected["max"]
    assert kstest(delay_s, "uniform", (low, high - low)).pvalue > 1e-4
    deviation = float(delay_s.std(ddof=1))
    near = 10 * (high - low) / n  # the least of n is within that but for exp(-10)
    return {
        "mean": Estimate(float(delay_s.mean()), deviation / n**0.5, n - 1),
        # The variance of a uniform sample's variance: (9/5 - 1) sigma^4 / n.
        "sd": Estimate(deviation, deviation / 2 * (0.8 / n) ** 0.5, n - 1),
        "min": Within(float(delay_s.min()), near),
        "max": Within(float(delay_s.max()), near),
    }


def one_mail(way: tuple[str, float]) -> float:
    """Return how late one mail is, sent by a preset to a greylist of so many seconds; -1: never."""
    preset, window_s = way
    sets = (f"{PRESET}={preset}", f"{GREYLIST}.delay={window_s}s")
    mails = ms.load(EXPERIMENTS / "greylist_timetables.yaml", *sets).run().deliveries
    mail = mails[mails["traffic"] == "mail"].iloc[0]
    return float(mail["delay_s"]) if mail["fate"] == "delivered" else -1.0


def exim(plan: Plan) -> Measured:
    windows = case("greylist_exim")["inputs"]["windows"]
    late_s = map(one_mail, [("exim", window) for window in windows])
    return {f"delay {window}": s for window, s in zip(windows, late_s, strict=True)}


def providers(plan: Plan) -> Measured:
    inputs: dict[str, Any] = case("greylist_providers")["inputs"]
    assert set(inputs["schedules_s"]) == set(PRESETS)
    ways = [(name, window) for name in PRESETS for window in inputs["windows"]]
    late_s = map(one_mail, [(PRESETS[name], window) for name, window in ways])
    return {f"delay {name} {window}": s for (name, window), s in zip(ways, late_s, strict=True)}


def known_again(name: str, plan: Plan) -> Measured:
    """Return the share of mail delayed, from batches of pairs; these do not know of each other.

    The control is how many mails there were: where there are more, gaps are shorter.
    """
    run = ms.load(EXPERIMENTS / "greylist_awl.yaml", *plan.sets).run()
    mails = run.deliveries[run.deliveries["submitted_at_s"] > run.frames.warmup_s]
    batch = mails["recipient"].str.extract(r"(\d+)@")[0].astype(int) % BATCHES
    is_late = mails["attempts"].to_numpy() > 1
    shares = [float(is_late[batch.to_numpy() == i].mean()) for i in range(BATCHES)]
    due = PAIRS / BATCHES * case(name)["inputs"]["lam_triplet"]
    due *= run.frames.simulated_s - run.frames.warmup_s
    more = (np.bincount(batch, minlength=BATCHES) / due - 1).tolist()
    known({"mails": more})
    return {"P_delayed": controlled_mean(shares, [more], [0.0])}


STUDIES = (
    *(
        Study(
            name,
            partial(first_mails, name),
            Plan(sets=("duration=37h",)),
            Plan(sets=("duration=8d",)),
            scenario="greylist_postfix",
        )
        for name in ("greylist_postfix_300", "greylist_postfix_600")
    ),
    Study("greylist_exim", exim, Plan(), Plan(), scenario="greylist_timetables"),
    Study("greylist_providers", providers, Plan(), Plan(), scenario="greylist_timetables"),
    Study(
        "greylist_awl_sliding",
        partial(known_again, "greylist_awl_sliding"),
        Plan(sets=("duration=170d",)),
        Plan(sets=("duration=1000d",)),
        scenario="greylist_awl",
    ),
    Study(
        "greylist_awl_fixed",
        partial(known_again, "greylist_awl_fixed"),
        # All are unknown at first; after 140 days the share is off by less than 1 in 1000.
        Plan(sets=(NOT_RENEWED, "warmup=140d", "duration=240d")),
        Plan(sets=(NOT_RENEWED, "warmup=140d", "duration=800d")),
        scenario="greylist_awl",
    ),
)
