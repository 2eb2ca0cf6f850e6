"""The study of TTLs: it prints what the documentation shows, and a longer TTL helps."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import pytest
from scipy.stats import poisson

ROOT = Path(__file__).parents[1]
N_NAMES, PER_S = 20, 1 / 120


@pytest.fixture(scope="module")
def dns_ttl() -> ModuleType:
    """``experiments/dns_ttl.py``, which is no part of the package."""
    path = ROOT / "experiments" / "dns_ttl.py"
    spec = importlib.util.spec_from_file_location("dns_ttl", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dns_ttl"] = module
    spec.loader.exec_module(module)
    return module


def expected_misses(ttl_s: int, until_s: int) -> float:
    """Return the mean number of misses of one name, Poisson lookups, a cache that begins empty.

    The n-th miss, from 0, comes after n TTLs and n + 1 exponential times, so it is there in time
    if more than n lookups come in what the TTLs leave.
    """
    n, total = 0, 0.0
    while n * ttl_s < until_s:
        total += float(poisson.sf(n, PER_S * (until_s - n * ttl_s)))
        n += 1
    return total


def error(ttl_s: int, until_s: int) -> float:
    """Return the standard error of the share of misses in one run.

    After each miss a Poisson number of lookups, of mean and variance rate x TTL, hit; the share
    is 1 / (1 + their mean), by the delta method.
    """
    hits = PER_S * ttl_s
    n_misses = N_NAMES * PER_S * until_s / (1 + hits)
    return math.sqrt(hits / n_misses) / (1 + hits) ** 2


@pytest.mark.slow
def test_the_table_of_the_documentation(dns_ttl: ModuleType) -> None:
    studies = {ttl_s: dns_ttl.study(ttl_s) for ttl_s in dns_ttl.TTLS_S}
    assert dns_ttl.table(studies) in (ROOT / "docs" / "dns.md").read_text(encoding="utf-8")
    starts_s = dns_ttl.STARTS_S
    for column in (0, 1, 2):
        means = [sum(o[column] for o in outages) / len(outages) for outages in studies.values()]
        assert means == sorted(means, reverse=True)
        assert means[0] > 2 * means[-1]
    for ttl_s, outages in studies.items():
        shares = [expected_misses(ttl_s, at_s) / (PER_S * at_s) for at_s in starts_s]
        above = sum(o.missed - share for o, share in zip(outages, shares, strict=True))
        margin = 4 * math.hypot(*(error(ttl_s, at_s) for at_s in starts_s))
        assert abs(above) <= margin
        assert margin < sum(shares) / 8, "known well enough to tell"
