"""A run is a function of scenario and seed: same bytes, whatever the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mailsim.record import TABLES

BULK = Path(__file__).parents[1] / "experiments" / "bulk_send.yaml"
NAMES = (*TABLES, "summary")


def run(out: Path, hash_seed: str, *options: str) -> None:
    command = [sys.executable, "-m", "mailsim", "run", str(BULK), "-q", "--out", str(out)]
    sets = ["--set", "traffic.newsletter.bulk.recipients=2000", "--set", "duration=30min"]
    sets += ["--set", "record.events=true"]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    subprocess.run([*command, *sets, *options], check=True, env=environment, timeout=120)


@pytest.mark.slow
def test_same_bytes_with_another_hash_seed(tmp_path: Path) -> None:
    run(tmp_path / "a", "1")
    run(tmp_path / "b", "2")
    for name in NAMES:
        first, second = [tmp_path / side / f"{name}.parquet" for side in "ab"]
        assert first.read_bytes() == second.read_bytes(), name


@pytest.mark.slow
def test_another_seed_is_another_run(tmp_path: Path) -> None:
    run(tmp_path / "a", "1")
    run(tmp_path / "b", "1", "--seed", "2")
    first, second = [tmp_path / side / "deliveries.parquet" for side in "ab"]
    assert first.read_bytes() != second.read_bytes()
