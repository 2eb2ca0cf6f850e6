"""``fidelity: wire`` gives the rows that the shortcut gives, where all happens at one moment.

That it does so for every shipped experiment, ``test_experiments.py`` tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsim.experiment.check import load_scenario
from mailsim.experiment.runner import simulate
from mailsim.record.log import Log

EXPERIMENTS = Path(__file__).parents[1] / "experiments"


@pytest.mark.parametrize("cv", ["0.5", "3"])
def test_ties_come_out_the_same(tmp_path: Path, cv: str) -> None:
    """Equal times everywhere: no latency, one slot, everybody at once, random service."""
    text = (EXPERIMENTS.parent / "bench" / "dialogue.yaml").read_text(encoding="utf-8")
    text = text.replace("latency: 5ms", "latency: 0s")
    text = text.replace(
        "service_time: 1ms",
        f"service_time: {{lognormal: {{mean: 10ms, cv: {cv}}}}},"
        " postfix: {default_process_limit: 2}, backlog: 3",
    )
    path = tmp_path / "ties.yaml"
    path.write_text(text, encoding="utf-8")
    runs = []
    for fidelity in ("flights", "wire"):
        sets = [f"fidelity={fidelity}", "traffic.test.bulk.recipients=300"]
        scenario = load_scenario(path, sets)
        log = Log()
        simulate(scenario, 1, log)
        runs.append(log.tables())
    assert all(runs[0][name].equals(runs[1][name]) for name in runs[0])
    assert runs[0]["deliveries"].column("fate").to_pylist().count("refused") > 0
