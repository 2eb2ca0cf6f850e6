"""Everything under ``experiments/`` runs, at reduced size: what ``mailsim run --smoke`` does.

Files are found, not named, so none can be forgotten.  Of each, ``fidelity: wire`` must give the
rows that the shortcut gives.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import mailsim as ms
from mailsim.cli import main
from mailsim.experiment.check import load_scenario
from mailsim.experiment.model import Scenario
from mailsim.experiment.runner import simulate
from mailsim.experiment.sweep import points_of, scenario_at
from mailsim.record.log import Log
from mailsim.record.saved import read_table
from mailsim.results import Run

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "experiments").rglob("*.yaml"))
SCRIPTS = sorted((ROOT / "experiments").rglob("*.py"))
MOST_ROWS = 20_000
"""Of all tables; who comes above it needs a key ``smoke``."""


def has_smoke(path: Path) -> bool:
    return "\nsmoke:" in path.read_text(encoding="utf-8")


def last_point(scenario: Scenario) -> Scenario:
    """Return the scenario of the last point of a sweep, which is least like the file."""
    if scenario.sweep is None:
        return scenario
    *_, last = points_of(scenario.sweep)
    return scenario_at(scenario, last)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    smoke = has_smoke(path)
    experiment = ms.load(path, smoke=smoke)
    out = tmp_path / "out"
    if experiment.scenario.sweep is not None:
        experiment.sweep(out=out)
        parts = sorted((out / "parts").iterdir(), key=lambda part: (len(part.name), part.name))
        first_of_last_point = parts[-1].name.partition("-")[0] + "-rep0"
        runs = {part.name: Run.open(part) for part in parts}
        compared = runs[first_of_last_point]
    else:
        compared = experiment.run(out=out)
        runs = {"": compared}
    assert sum(sum(run.info["tables"].values()) for run in runs.values()) < MOST_ROWS
    for name, run in runs.items():
        balances(name, run)
    with pytest.raises(SystemExit) as ended:
        main(["show", str(out)])
    assert ended.value.code == 0
    assert "delivered" in capsys.readouterr().out

    scenario = last_point(load_scenario(path, ["fidelity=wire"], smoke=smoke))
    log = Log(with_events=scenario.record.events, with_faults=bool(scenario.faults))
    simulate(scenario, scenario.seed, log)
    for name, table in log.tables().items():
        assert compared.path is not None
        assert read_table(compared.path, name).equals(table), f"fidelity: wire gives other {name}"


def balances(name: str, run: Run) -> None:
    """Whoever was written to has one fate, and queues are as long as mail has stayed in them."""
    counts = dict(run.info["counts"])
    fates = Counter(run.deliveries["fate"])
    assert fates.total() == counts.pop("submitted") > 0, name
    assert fates == Counter(counts), name
    assert fates["delivered"] > 0, name
    assert run.unlawful_queues.empty, name


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_has_a_test_of_its_own(path: Path) -> None:
    tests = [test for test in (ROOT / "tests").rglob("test_*.py") if test != Path(__file__)]
    assert any(f'"{path.name}"' in test.read_text(encoding="utf-8") for test in tests)
