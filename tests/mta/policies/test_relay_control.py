"""Relay control: strangers may not send through us."""

from __future__ import annotations

import pytest

from mailsim.mta.policies import Seen
from mailsim.mta.policies.relay_control import RelayControl

SEEN = Seen("out", "192.0.2.25", "out", "", "a@example.org", "b@example.net", False)


def test_a_stranger_may_not_relay() -> None:
    refusal = RelayControl().on_rcpt(SEEN, 0)
    assert refusal is not None
    assert str(refusal) == "554 5.7.1 <b@example.net>: Relay access denied"


def test_users_known_hosts_and_local_recipients_pass() -> None:
    policy = RelayControl.from_options({"from": ["mx1"]})
    assert policy.on_rcpt(SEEN._replace(user="alice"), 0) is None
    assert policy.on_rcpt(SEEN._replace(client="mx1"), 0) is None
    assert policy.on_rcpt(SEEN._replace(is_local=True), 0) is None
    assert policy.on_rcpt(SEEN, 0) is not None


@pytest.mark.parametrize("options", [None, [], {}, {"from": "mx1"}, {"from": [1]}, {"to": []}])
def test_options(options: object) -> None:
    with pytest.raises(ValueError, match="relay_control"):
        RelayControl.from_options(options)


def test_its_hosts_are_those_that_may_relay() -> None:
    assert RelayControl.from_options({"from": ["mx2", "mx1"]}).hosts() == ["mx1", "mx2"]
