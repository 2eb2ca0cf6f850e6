"""Two seconds of the fuzzer; whoever wants more runs it by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_two_seconds_of_mutated_transcripts() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "fuzz" / "fuzz_server.py", "2", "1"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("seed 1: ")
    assert done.stdout.endswith("tries, all well\n")
