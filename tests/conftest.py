"""Fixtures that several rooms share."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import settings

import mailsim as ms
from mailsim.results import Run

mpl.use("agg")
settings.register_profile("few", max_examples=15)  # for make coverage: lines, not luck
EXPERIMENTS = Path(__file__).parents[1] / "experiments"


@pytest.fixture(scope="session")
def small_bulk() -> Run:
    """Return a short bulk send, kept in memory."""
    sets = ("traffic.newsletter.bulk.recipients=300", "duration=30min")
    return ms.load(EXPERIMENTS / "bulk_send.yaml", *sets).run(seed=1)


@pytest.fixture
def nothing() -> Run:
    """Return a run in which no mail was ever due."""
    return ms.load(EXPERIMENTS / "first_mail.yaml", "traffic.hello.arrivals={once: 1h}").run()
