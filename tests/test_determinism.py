"""A run is a function of scenario and seed: same bytes, whatever the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
NAMES = ("bulk_send", "internet_1000", "partition_heals")


def run(out: Path, hash_seed: str, *options: str, name: str = "bulk_send") -> None:
    path = EXPERIMENTS / f"{name}.yaml"
    command = [sys.executable, "-m", "mailsim", "run", str(path), "-q", "--out", str(out)]
    sets = ["--smoke", "--set", "record.events=true"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    subprocess.run([*command, *sets, *options], check=True, env=environment, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_same_bytes_with_another_hash_seed(tmp_path: Path, name: str) -> None:
    run(tmp_path / "a", "1", name=name)
    run(tmp_path / "b", "2", name=name)
    tables = [{path.name for path in (tmp_path / side).glob("*.parquet")} for side in "ab"]
    assert len(tables[0]) >= 7
    assert tables[0] == tables[1]
    for table in tables[0]:
        first, second = [tmp_path / side / table for side in "ab"]
        assert first.read_bytes() == second.read_bytes(), table


@pytest.mark.slow
def test_another_seed_is_another_run(tmp_path: Path) -> None:
    run(tmp_path / "a", "1")
    run(tmp_path / "b", "1", "--seed", "2")
    first, second = [tmp_path / side / "deliveries.parquet" for side in "ab"]
    assert first.read_bytes() != second.read_bytes()
