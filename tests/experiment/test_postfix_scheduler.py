"""What Postfix's C code makes of the limiter experiments of its SCHEDULER_README.

The published figures are judged with the other cases of theory (``tests/theory/bulk.py``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms

ROOM = Path(__file__).parents[2] / "experiments" / "postfix_scheduler"
SENDER = "hosts.out.example.org"
VARIANT = f"{SENDER}.postfix.destination_concurrency_feedback_variant"


def share_deferred(name: str, *sets: str) -> float:
    """Return the share of deliveries put off."""
    run = ms.load(ROOM / f"{name}.yaml", *sets).run(seed=1)
    attempts = run.attempts[run.attempts.host == "out.example.org"].drop_duplicates("message")
    assert len(attempts) == 1000, "each message once"
    return float((attempts.status == "deferred").mean())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "deferred"),
    [("limiter_inverse", 0.165), ("limiter_sqrt", 0.328), ("limiter_fixed", 0.336)],
)
def test_what_the_c_code_does(name: str, deferred: float) -> None:
    """Half a step of rounding: other figures than published, but for 1/N.

    They come from a simulation of the C code by itself, 1000 deliveries of exactly 2 s.
    """
    assert share_deferred(name, f"{VARIANT}=c") == pytest.approx(deferred, abs=0.01)
