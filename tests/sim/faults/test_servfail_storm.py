"""A name server that is failing: caches keep mail going, then it waits; nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from outage import HOST, lookups_in_trouble

from mailsim.sim.faults.servfail_storm import ServfailStorm


def test_caches_keep_mail_going_then_it_waits(tmp_path: Path) -> None:
    lookups = lookups_in_trouble(tmp_path, "servfail_storm")
    assert set(lookups["answered_by"]) == {"cache", HOST}
    asked = lookups[lookups["answered_by"] == HOST]
    assert len(asked) > 5
    assert asked["elapsed_s"].between(0.04, 0.0401).all(), "a round trip"


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="expected the name of a host, got"):
        ServfailStorm.from_options(["ns"])
