"""The experiment of a partition that heals: who waits, for how long, and what of it comes twice."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

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
    last_s = across["ended_at_s"].max()
    # Who wrote from 2120 s to 2390 s has failed at the scans of 2700 s and 3300 s, at ages of 5
    # and 15 minutes at least, and waits until the scan of 4500 s.  An attempt that fails after its
    # scan waits twice that time longer; within 10 s, in which a lookup without an answer fails,
    # that moves only those who wrote in the first 20 s, by two scans at most.
    assert 4500 < last_s < 5100 + 10
    last = across[across["submitted_at_s"].between(2120, 2390)]["ended_at_s"]
    assert len(last) > 50
    assert last.between(4500, 4510).all()
    _are_tried_by_the_rule(run.frames["attempts"])
    summary = run.summary.set_index("metric")["value"]
    assert summary["faults"] == 1
    assert summary["duplicates"] == len(run.frames["duplicates"])


def _are_tried_by_the_rule(attempts: pd.DataFrame) -> None:
    """Each failed attempt is followed by one at the first scan after as long again as the age."""
    relayed = attempts[attempts["host"] == "mx1.example.org"].sort_values("ended_at_s")
    n_checked = 0
    for _, rows in relayed.groupby("message"):
        for failed, following in pairwise(rows.to_dict("records")):
            due_s = failed["ended_at_s"] + min(4000, max(300, failed["delay_s"]))
            began_s = following["ended_at_s"] - following["c_s"] - following["d_s"]
            active_s = began_s - following["b_s"]
            # Scans are at multiples of 300 s; the figures are seconds, rounded.
            assert active_s == pytest.approx(300 * math.ceil((due_s - 1e-6) / 300), abs=1e-5)
            n_checked += 1
    assert n_checked > 1000
