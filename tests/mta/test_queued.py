"""A queued message: what it asks of the next hop, and what its sender wants to hear."""

from __future__ import annotations

import pytest

from mailsim.message import Content, Envelope, Params
from mailsim.mta.queued import QueuedMessage

S = 1_000_000_000
EMPTY = Content(0, (), b"", b"")


def asking(params: Params = (), rcpt_params: dict[str, Params] | None = None) -> QueuedMessage:
    return QueuedMessage("1", "a@example.org", ("b@x", "c@x"), EMPTY, 10 * S, params, rcpt_params)


@pytest.mark.row("X-DSN")
def test_what_the_sender_asked_of_every_hop_goes_on() -> None:
    ret, never = (("RET", "HDRS"), ("ENVID", "x")), (("NOTIFY", "NEVER"),)
    to = ("b@x", "c@x")
    assert asking().envelope(to, 0) == Envelope("a@example.org", to)
    assert asking(ret).envelope(to, 0) == Envelope("a@example.org", to, ret)
    assert asking(ret, {"c@x": never}).envelope(to, 0) == Envelope(
        "a@example.org", to, ret, ((), never)
    )
    assert asking((), {"c@x": never}).envelope(("b@x",), 0) == Envelope("a@example.org", ("b@x",))


@pytest.mark.row("X-DELIVERBY")
def test_the_time_left_travels_on() -> None:
    message = asking((("BY", "120;R"), ("RET", "FULL")))
    (by, ret) = message.envelope(("b@x",), 30 * S).params
    assert (by, ret) == (("BY", "100;R"), ("RET", "FULL"))
    assert [message.is_late(at * S) for at in (10, 129, 130, 200)] == [False, False, True, True]
    told = asking((("BY", "5;N"),))
    assert told.envelope(("b@x",), 30 * S).params == (("BY", "-15;N"),)
    assert not told.is_late(30 * S)
    assert not asking().is_late(10**15)
    assert not asking((("RET", "FULL"),)).is_late(10**15)


@pytest.mark.row("X-DELIVERBY")
@pytest.mark.parametrize(
    ("params", "deadline_s"),
    [((), None), ((("RET", "FULL"),), None), ((("BY", "90;R"),), 100), ((("BY", "90;NT"),), 100)],
)
def test_when_the_time_is_over(params: Params, deadline_s: int | None) -> None:
    expected = None if deadline_s is None else deadline_s * S
    assert asking(params).deadline_ns == expected


@pytest.mark.row("X-DELIVERBY")
@pytest.mark.parametrize("left", [0, -5])
def test_what_comes_late_has_no_deadline_here(left: int) -> None:
    assert asking((("BY", f"{left};N"),)).deadline_ns is None


@pytest.mark.row("X-DSN")
def test_which_reports_are_wanted() -> None:
    message = asking((), {"b@x": (("NOTIFY", "Success"),), "d@x": (("NOTIFY", "NEVER"),)})
    kinds = ("SUCCESS", "FAILURE", "DELAY")
    assert [message.wants_report("b@x", kind) for kind in kinds] == [True, False, False]
    assert [message.wants_report("c@x", kind) for kind in kinds] == [False, True, True]
    assert [message.wants_report("d@x", kind) for kind in kinds] == [False, False, False]


ALL = {"DSN": "", "DELIVERBY": ""}


@pytest.mark.row("X-DSN-RELAYED")
@pytest.mark.parametrize(
    ("by", "notify", "offers", "is_told"),
    [
        ("", "SUCCESS", ALL, False),
        ("", "SUCCESS", {"DELIVERBY": ""}, True),
        ("", "FAILURE,DELAY", {}, False),
        ("", "", {}, False),
        ("", "NEVER", {}, False),
        ("90;R", "", {}, False),
        ("90;N", "", ALL, False),
        ("90;N", "", {"DSN": ""}, True),
        ("90;N", "FAILURE", {"DSN": ""}, True),
        ("90;N", "never", {}, False),
        ("90;NT", "", ALL, True),
        ("90;RT", "DELAY", ALL, True),
        ("90;RT", "NEVER", ALL, False),
    ],
)
def test_who_hears_that_mail_was_handed_on(
    by: str, notify: str, offers: dict[str, str], is_told: bool
) -> None:
    """RFC 3461 section 5.2.2; RFC 2852 sections 4.1.4 (T) and 4.1.4.2 (N)."""
    params = (("BY", by),) if by else ()
    told = asking(params, {"b@x": (("NOTIFY", notify),)} if notify else None)
    assert told.wants_relay_report("b@x", offers) == is_told


def test_the_original_recipient_is_told_decoded() -> None:
    message = asking((), {"b@y": (("ORCPT", "rfc822;b+2Bc@y"),)})
    assert message.original_of("b@y") == "rfc822;b+c@y"
    assert message.original_of("c@y") == ""
