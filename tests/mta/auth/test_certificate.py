"""Certificates: by name and issuer, or by TLSA records."""

from __future__ import annotations

import pytest

from mailsim.mta.auth.certificate import (
    EXPIRED,
    NOT_TRUSTED,
    NOT_VERIFIED,
    Certificate,
    problem_by_dane,
    problem_by_name,
    tlsa_text,
    usable_tlsa,
)

OURS = Certificate(("mx.example.net", "*.example.org"), tlsa=("3 1 1 ab", "2 0 1 cd"))
HOST = "mx.example.net"


@pytest.mark.parametrize(
    ("certificate", "name", "has_expired", "problem"),
    [
        (OURS, HOST, False, ""),
        (OURS, "a.example.org", False, ""),
        (OURS, "a.b.example.org", False, NOT_VERIFIED),
        (OURS, "mx.example.com", False, NOT_VERIFIED),
        (OURS, HOST, True, EXPIRED),
        (OURS._replace(is_trusted=False), HOST, True, NOT_TRUSTED),
    ],
)
def test_by_name(certificate: Certificate, name: str, has_expired: bool, problem: str) -> None:
    assert problem_by_name(certificate, name, has_expired=has_expired) == problem


@pytest.mark.parametrize(
    ("records", "name", "has_expired", "problem"),
    [
        (["3 1 1 ab"], HOST, False, ""),
        (["3 1 1 ff", "3 1 1 ab"], "mx.example.com", True, ""),
        (["3 1 1 ff"], HOST, False, NOT_VERIFIED),
        (["2 0 1 cd"], HOST, False, ""),
        (["2 0 1 cd"], HOST, True, EXPIRED),
        (["2 0 1 cd"], "mx.example.com", False, NOT_VERIFIED),
    ],
)
def test_by_dane_an_issuer_of_nobodys_trust_does(
    records: list[str], name: str, has_expired: bool, problem: str
) -> None:
    found = OURS._replace(is_trusted=False)
    assert problem_by_dane(found, name, records, has_expired=has_expired) == problem


def test_usages_that_smtp_does_not_use() -> None:
    records = ["3 1 1 AB cd", "2 0 2 ef", "1 1 1 aa", "0 0 1 aa", "3 2 1 aa", "3 1 3 aa"]
    assert usable_tlsa(records) == ["3 1 1 abcd", "2 0 2 ef"]
    assert tlsa_text("3  1 1  AB  Cd") == "3 1 1 abcd"
