"""What a spam filter stops and lets through, given how often it is right."""

from __future__ import annotations

from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate, mean
from theory.judge import Plan, Study

import mailsim as ms

__all__ = ["STUDIES"]

BATCHES = 20


def confusion(plan: Plan) -> dict[str, Estimate]:
    """Return shares of batches of mail, each with as much spam as all; draws are independent."""
    runs = [batches(plan, seed) for seed in range(1, plan.replications + 1)]
    return {figure: mean([one for run in runs for one in run[figure]]) for figure in runs[0]}


def batches(plan: Plan, seed: int) -> dict[str, list[float]]:
    """Run once; return the shares of each batch."""
    n_spam = round(plan.n * case("spam_bayes")["inputs"]["prev"])
    sizes = {"spam": n_spam, "mail": plan.n - n_spam}
    sets = [f"traffic.{name}.bulk.recipients={n}" for name, n in sizes.items()]
    scenario = ms.load(EXPERIMENTS / "spam_filter.yaml", *sets, *plan.sets)
    mails = scenario.run(seed=seed).deliveries
    assert set(mails["fate"]) == {"delivered", "refused"}
    is_spam, is_stopped = mails["traffic"] == "spam", mails["fate"] == "refused"
    batch = mails["recipient"].str.extract(r"(\d+)@")[0].astype(int) % BATCHES
    assert (is_spam.groupby(batch).sum() == n_spam / BATCHES).all()
    return {
        "P_flag": is_stopped.groupby(batch).mean().tolist(),
        "ppv": is_spam[is_stopped].groupby(batch).mean().tolist(),
        "missed_share_of_inbox": is_spam[~is_stopped].groupby(batch).mean().tolist(),
    }


STUDIES = (
    Study(
        "spam_bayes",
        confusion,
        Plan(n=8_000),
        Plan(7, n=120_000, sets=("duration=10h",)),
        scenario="spam_filter",
        tails=frozenset({"missed_share_of_inbox"}),
    ),
)
