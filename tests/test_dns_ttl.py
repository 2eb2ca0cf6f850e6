"""The study of TTLs: it prints what the documentation shows, and a longer TTL helps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_table_of_the_documentation() -> None:
    done = subprocess.run(
        [sys.executable, "experiments/dns_ttl.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout in (ROOT / "docs" / "dns.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()[2:]]
    for column in (1, 3):
        shares = [float(row[column].rstrip("%")) for row in rows]
        assert shares == sorted(shares, reverse=True)
        assert shares[0] > 2 * shares[-1]
    for row in rows:
        missed, theory = (float(cell.rstrip("%")) for cell in row[1:3])
        # Six runs of a cold cache: each of 20 domains misses once before there is a cycle.
        assert theory - 2 < missed < theory + 2
