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
    n_spam = round(plan.n * case("spam_bayes")["inputs"]["prev"])
    sizes = {"spam": n_spam, "mail": plan.n - n_spam}
    sets = [f"traffic.{name}.bulk.recipients={n}" for name, n in sizes.items()]
    mails = ms.load(EXPERIMENTS / "spam_filter.yaml", *sets, *plan.sets).run().deliveries
    assert set(mails["fate"]) == {"delivered", "refused"}
    is_spam, is_stopped = mails["traffic"] == "spam", mails["fate"] == "refused"
    batch = mails["recipient"].str.extract(r"(\d+)@")[0].astype(int) % BATCHES
    assert (is_spam.groupby(batch).sum() == n_spam / BATCHES).all()
    return {
        "P_flag": mean(is_stopped.groupby(batch).mean()),
        "ppv": mean(is_spam[is_stopped].groupby(batch).mean()),
        "missed_share_of_inbox": mean(is_spam[~is_stopped].groupby(batch).mean()),
    }


STUDIES = (
    Study(
        "spam_bayes",
        confusion,
        Plan(n=8_000),
        Plan(n=120_000, sets=("duration=10h",)),
        scenario="spam_filter",
        tails=frozenset({"missed_share_of_inbox"}),
        note="Little spam is missed: seven times as many messages would decide its share.",
    ),
)
