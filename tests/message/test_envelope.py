"""Envelopes and their parameters (RFC 5321 section 2.3.1)."""

from __future__ import annotations

from mailsim.message import Envelope, param

NOTIFY = (("NOTIFY", "NEVER"),)


def test_a_parameter_is_found_empty_or_missing() -> None:
    params = (("SIZE", "5"), ("SMTPUTF8", None))
    assert (param(params, "SIZE"), param(params, "SMTPUTF8"), param(params, "RET")) == (
        "5",
        "",
        None,
    )


def test_parameters_of_a_recipient() -> None:
    envelope = Envelope("a@b", ("c@d", "e@f"), (), ((), NOTIFY))
    assert (envelope.of_recipient(0), envelope.of_recipient(1)) == ((), NOTIFY)
    assert Envelope("a@b", ("c@d",)).of_recipient(0) == ()
