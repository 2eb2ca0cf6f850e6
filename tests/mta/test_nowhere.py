"""Transports that lead nowhere: what is said of their mail."""

from __future__ import annotations

import pytest

from mailsim.mta.nowhere import NOWHERE, is_nowhere, nowhere_hop, said_nowhere


@pytest.mark.parametrize(
    ("hop", "said"),
    [
        ("error:5.1.1 no such office", "550 5.1.1 no such office"),
        ("error:mail for *.foo.org is lost", "550 5.0.0 mail for *.foo.org is lost"),
        ("error:5.1.1", "550 5.1.1 5.1.1"),
        ("error:5.1.1x", "550 5.0.0 5.1.1x"),
        ("error: padded ", "550 5.0.0 padded"),
        ("error:", "550 5.0.0 Address is undeliverable"),
        ("retry:4.7.1 not before nine: wait", "450 4.7.1 not before nine: wait"),
        ("retry:", "450 4.0.0 Address is undeliverable"),
        ("discard:spam", "250 2.0.0 spam"),
        ("discard:", "250 2.0.0 example.net"),
    ],
)  # fmt: skip
def test_what_is_said(hop: str, said: str) -> None:
    """Postfix error(8) and discard(8): a code before the reason, or that of the transport."""
    assert is_nowhere(hop)
    reply = said_nowhere(nowhere_hop(hop, "example.net"))
    assert reply is not None
    assert str(reply) == said
    assert reply.is_ours


@pytest.mark.parametrize("hop", ["", ":", "example.net", "[mx.example.net]", "slow:x", *NOWHERE])
def test_other_next_hops_lead_somewhere(hop: str) -> None:
    assert not is_nowhere(hop)
    assert said_nowhere(hop) is None
