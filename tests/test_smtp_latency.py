"""``experiments/smtp_latency.yaml`` gives the table of docs/roundtrips.md."""

from __future__ import annotations

import re
from pathlib import Path

import mailsim as ms

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (.+?) \| (\d+) ms \| (\d+) ms \| (\d+) ms \|$", re.MULTILINE)
KINDS = {
    "in the clear": "plain",
    "STARTTLS": "starttls",
    "and PIPELINING": "pipelining",
    "and CHUNKING": "chunking",
    "and one connection for all": "reuse",
}


def test_time_of_a_message_by_distance() -> None:
    attempts = ms.load(ROOT / "experiments" / "smtp_latency.yaml").run().attempts
    assert set(attempts["status"]) == {"sent"}
    assert len(attempts) == 15 * 20
    ms_each = (attempts.groupby("host")["ended_at_s"].max() - 1) / 20 * 1000
    told = ROW.findall((ROOT / "docs" / "roundtrips.md").read_text("utf-8"))
    assert [name for name, *_ in told] == list(KINDS)
    for name, *figures in told:
        for rtt, figure in zip((10, 80, 150), figures, strict=True):
            assert round(ms_each[f"{KINDS[name]}-{rtt}.example.org"]) == int(figure), (name, rtt)
