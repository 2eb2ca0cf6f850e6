"""The wait before the greeting."""

from __future__ import annotations

import pytest

from mailsim.mta.inquiry import Inquiry
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Asking, Overhear, Seen, Wait
from mailsim.mta.policies.postscreen import Postscreen
from mailsim.mta.reception import Reception

S = 1_000_000_000
SEEN = Seen("out", "192.0.2.25", "", "", "", "b@example.net", False)


def made(action: str, **more: object) -> Postscreen:
    return Postscreen.from_options({"postscreen_greet_action": action, **more})


def silent(asking: Asking) -> bool:
    """Let a client be silent; tell whether it had to wait."""
    for questions in asking:
        assert questions == (Overhear(6 * S, ""),)
        with pytest.raises(StopIteration):
            asking.send((None,))
        return True
    return False


def test_who_was_silent_is_greeted_at_once_for_a_day() -> None:
    policy = made("enforce")
    assert silent(policy.on_connect(SEEN, 0))
    assert policy.on_rcpt(SEEN, 6 * S) is None
    assert not silent(policy.on_connect(SEEN, 7 * S))
    assert silent(policy.on_connect(SEEN._replace(address="192.0.2.26"), 7 * S))
    assert silent(policy.on_connect(SEEN, 86_406 * S))


@pytest.mark.parametrize(
    ("action", "at_connect", "at_rcpt"),
    [
        ("ignore", "None", "None"),
        ("enforce", "None", "550 5.5.1 Protocol error"),
        ("drop", "521 5.5.1 Protocol error", "None"),
    ],
)
def test_who_talks(action: str, at_connect: str, at_rcpt: str) -> None:
    reception = Reception(Mailboxes([]), {}, [policy := made(action)])
    inquiry: Inquiry = reception.inquire_greeting("out", "192.0.2.25")
    assert inquiry.go_on(10 * S)
    assert inquiry.banner == ""
    if inquiry.go_on(11 * S, (11 * S,)):
        assert inquiry.questions == (Wait(5 * S),), "the rest of the six seconds"
        assert not inquiry.go_on(16 * S, (16 * S,))
    assert str(inquiry.verdict) == at_connect
    assert str(policy.on_rcpt(SEEN, 17 * S)) == at_rcpt
    assert silent(policy.on_connect(SEEN, 20 * S)), "it has not passed"
    assert policy.on_rcpt(SEEN, 30 * S) is None


def test_the_bait() -> None:
    reception = Reception(
        Mailboxes([]), {}, [made("ignore", postscreen_greet_banner="mx ESMTP just wait")]
    )
    inquiry = reception.inquire_greeting("out", "192.0.2.25")
    inquiry.go_on(0)
    assert inquiry.banner == "mx ESMTP just wait"


def test_exceptions() -> None:
    policy = made("drop", exceptions=["out"])
    assert policy.hosts() == ["out"]
    assert not silent(policy.on_connect(SEEN, 0))


@pytest.mark.parametrize(
    "options",
    [
        None,
        {"greet_wait": "1s"},
        {"postscreen_greet_wait": 6},
        {"postscreen_greet_action": "kill"},
        {"postscreen_greet_banner": 220},
        {"postscreen_greet_banner": "a\r\nb"},
        {"postscreen_greet_banner": "é"},
        {"exceptions": "out"},
    ],
)
def test_options(options: object) -> None:
    with pytest.raises(ValueError, match=r"^postscreen.*(expected|takes)"):
        Postscreen.from_options(options)
