"""The experiment of a partition that heals: who waits, for how long, and what of it comes twice."""

from __future__ import annotations

from pathlib import Path

import mailsim as ms

ROOT = Path(__file__).parents[1]
BEGAN_S, ENDED_S = 1800, 3600


def test_mail_across_waits_and_comes_in_waves(tmp_path: Path) -> None:
    run = ms.load(ROOT / "experiments" / "partition_heals.yaml").run(seed=1)
    mail = run.deliveries
    apart = mail[mail["submitted_at_s"].between(BEGAN_S, ENDED_S)]
    within = apart[apart["traffic"] == "in_the_east"]
    across = apart[apart["traffic"] == "over_the_sea"]
    assert within["delay_s"].max() < 1
    assert (across["fate"] == "delivered").all()
    assert across["ended_at_s"].min() > ENDED_S
    # Postfix waits as long again as a message is old: what was tried last just before the end of
    # the partition, at an age of half an hour, comes half an hour later, at the next scan, at most.
    last_s = across["ended_at_s"].max()
    assert ENDED_S + 300 < last_s < ENDED_S + 1800 + 300 + 60
    summary = run.summary.set_index("metric")["value"]
    assert summary["faults"] == 1
    assert summary["duplicates"] == len(run.frames["duplicates"])
