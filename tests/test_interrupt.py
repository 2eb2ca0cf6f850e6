"""An interrupted run leaves nothing half-written."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

BULK = Path(__file__).parents[1] / "experiments" / "bulk_send.yaml"


@pytest.mark.slow
def test_sigint_exits_130_and_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "results" / "bulk"
    with subprocess.Popen(
        [sys.executable, "-m", "mailsim", "run", str(BULK), "-q", "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(tmp_path.glob("results/.*.part")):
            time.sleep(0.02)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    assert list((tmp_path / "results").iterdir()) == []
