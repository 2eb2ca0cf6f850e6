"""A million recipients in one queue: memory, and what each costs next to ten thousand.

Each run has a process of its own and writes its tables to disk as it goes, reads them again for
the summary, the two pictures and Little's law, as ``mailsim run`` does.  The small run comes before
and after the large one, so that a machine whose speed drifts favours neither; what Python and its
libraries take to start is in no figure but the memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CAMPAIGN = Path(__file__).with_name("campaign.yaml")
SMALL, LARGE = 10_000, 1_000_000
MOST_BYTES, MOST_GROWTH = 1.5e9, 1.25
LEAST_QUEUED = 0.9


def measured(n: int, out: Path) -> dict[str, Any]:
    """Run the campaign to ``n`` recipients in this process; return what it took."""
    import mailsim
    from mailsim.record.saved import PICTURES

    key = "traffic.newsletter.bulk.recipients"
    mailsim.load(CAMPAIGN, f"{key}=100").run(out=out / "first", pictures=PICTURES)  # imports
    experiment = mailsim.load(CAMPAIGN, f"{key}={n}")
    start = time.process_time()
    run = experiment.run(out=out / "run", pictures=PICTURES)
    metrics = dict(zip(run.summary["metric"], run.summary["value"], strict=True))
    n_unlawful = len(run.unlawful_queues)
    return {
        "cpu_s": time.process_time() - start,
        "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "queued": metrics["peak_incoming" if n > SMALL else "peak_active"],
        "delivered": metrics["delivered"],
        "unlawful": n_unlawful,
    }


def in_a_process(n: int, out: Path) -> dict[str, Any]:
    """Run the campaign in a process of its own; return what it took."""
    command = [sys.executable, __file__, str(n), str(out)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=-1).stdout)
    print(f"{n:>9,} recipients {found['cpu_s'] / n * 1e6:7.1f} us each", end="   ")
    print(f"{found['bytes'] / 1e6:6.0f} MB   at most {found['queued']:,.0f} in the queue")
    assert found["delivered"] == n
    assert found["unlawful"] == 0
    return found


def test_a_million_in_the_queue(tmp_path: Path) -> None:
    """They stay below 1.5 GB, and each costs little more than one of ten thousand."""
    print()
    before = in_a_process(SMALL, tmp_path / "before")
    large = in_a_process(LARGE, tmp_path / "large")
    after = in_a_process(SMALL, tmp_path / "after")
    small_s = (before["cpu_s"] + after["cpu_s"]) / 2 / SMALL
    growth = large["cpu_s"] / LARGE / small_s
    print(f"growth of the cost {growth:.2f}, {large['bytes'] / LARGE:.0f} octets a recipient")
    assert large["queued"] >= LEAST_QUEUED * LARGE
    assert large["bytes"] < MOST_BYTES
    assert growth < MOST_GROWTH


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), Path(sys.argv[2]))))
