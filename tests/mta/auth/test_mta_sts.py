"""MTA-STS: records, policies, and how long they are kept."""

from __future__ import annotations

import pytest

from mailsim.mta.auth.mta_sts import StsCache, StsPolicy, sts_id

S = 1_000_000_000
POLICY = StsPolicy("enforce", ("mx1.example.net", "*.Example.net"), 3600)


def test_a_policy_is_written_as_the_rfc_has_it() -> None:
    assert POLICY.text() == (
        "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.net\r\nmx: *.Example.net\r\n"
        "max_age: 3600\r\n"
    )


@pytest.mark.parametrize(
    ("name", "is_allowed"),
    [
        ("mx1.example.net", True),
        ("mx2.example.net", True),
        ("a.mx2.example.net", False),
        ("example.net", False),
        ("mx1.example.org", False),
    ],
)
def test_a_star_stands_for_one_label(name: str, is_allowed: bool) -> None:
    assert POLICY.allows(name) is is_allowed


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("v=STSv1; id=20260101;",), "20260101"),
        (("v=spf1 -all", "v=STSv1;id = 7"), "7"),
        (("v=STSv1; id=1;", "v=STSv1; id=2;"), ""),
        (("v=STSv1;",), ""),
        (("v=STSv2; id=1;",), ""),
        ((), ""),
    ],
)
def test_the_id_of_the_one_record(texts: tuple[str, ...], found: str) -> None:
    assert sts_id(texts) == found


def test_a_policy_is_kept_for_its_age_whatever_becomes_of_the_record() -> None:
    cache = StsCache()
    assert cache.needs("example.net", "1", 0)
    cache.put("example.net", "1", POLICY, 0)
    assert not cache.needs("example.net", "1", 3599 * S)
    assert not cache.needs("example.net", "", 3599 * S)
    assert cache.get("example.net", 3599 * S) == POLICY
    assert cache.needs("example.net", "2", 1)
    assert cache.get("example.net", 3600 * S) is None
    assert cache.needs("example.net", "1", 3600 * S)
    assert not cache.needs("example.net", "", 3600 * S)


def test_a_fetch_that_failed_is_not_tried_again_for_five_minutes() -> None:
    cache = StsCache()
    cache.put("example.net", "1", None, 0)
    assert cache.get("example.net", 1) is None
    assert not cache.needs("example.net", "1", 299 * S)
    assert cache.needs("example.net", "2", 299 * S)
    assert cache.needs("example.net", "1", 300 * S)
