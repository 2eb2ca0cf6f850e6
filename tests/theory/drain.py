"""What an outage leaves behind: a backlog, and the time to work it off."""

from __future__ import annotations

from theory.cases import EXPERIMENTS, case
from theory.judge import Measured, Plan, Study, Within

import mailsim as ms
from mailsim.analysis import depth_steps

__all__ = ["STUDIES"]

SCALE = 200
"""The case has so many times as many messages a second; all but times is in proportion."""


def outage(plan: Plan) -> Measured:
    """Arrivals are at a constant rate, so all is known to a few messages: how many
    came and went around the end of the outage, as new mail and deferred mail take turns."""
    inputs = case("outage_drain")["inputs"]
    run = ms.load(EXPERIMENTS / "outage_drain.yaml").run()
    mails = run.deliveries
    assert set(mails["fate"]) == {"delivered"}
    delay_s, ended_s = mails["delay_s"].to_numpy(), mails["ended_at_s"].to_numpy()
    service_s = SCALE / inputs["mu"]
    is_late = delay_s > service_s + 1e-6  # it had to wait
    waits_s = delay_s[is_late] - service_s
    one = SCALE / inputs["lam"] + service_s  # a message's gap and its service
    steps = [
        depth_steps(run.queues, "out.example.org", queue, 0.0, inputs["T"] - 2)
        for queue in ("active", "deferred")
    ]
    backlog = sum(float(depth[-2]) for _, depth in steps)
    n = int(is_late.sum())
    return {
        "backlog": Within(SCALE * backlog, 2.0 * SCALE),
        "drain": Within(float(ended_s[is_late].max()) - inputs["T"], 4 * one),
        "affected": Within(float(SCALE * n), 4.0 * SCALE),
        "max_delay": Within(float(waits_s.max()), 4 * one),
        "mean_delay_affected": Within(float(waits_s.mean()), one),
        "delay_area": Within(float(SCALE * waits_s.sum()), SCALE * n * one),
    }


STUDIES = (Study("outage_drain", outage, Plan(), Plan()),)
