"""A name server that is silent: caches keep mail going, then it waits; nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from outage import lookups_in_trouble

from mailsim.sim.faults.dns_outage import DnsOutage


def test_caches_keep_mail_going_then_it_waits(tmp_path: Path) -> None:
    lookups = lookups_in_trouble(tmp_path, "dns_outage")
    assert set(lookups["answered_by"]) == {"cache", "none"}
    asked = lookups[lookups["answered_by"] == "none"]
    assert len(asked) > 5
    assert asked["elapsed_s"].round(6).eq(10).all(), "two attempts of 5 s each"


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="expected the name of a host, got"):
        DnsOutage.from_options(["ns"])
