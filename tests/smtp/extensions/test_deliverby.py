"""DELIVERBY (RFC 2852)."""

from __future__ import annotations

import pytest
from smtp.helpers import CONTENT, EHLO, client_in_ready, codes, greeted, said

from mailsim.message import Envelope
from mailsim.smtp import Command, ServerSession

pytestmark = pytest.mark.row("X-DELIVERBY")


def ready(least: int = 0) -> ServerSession:
    return greeted(extension_names=("DELIVERBY", "ENHANCEDSTATUSCODES"), deliver_by_min_s=least)


@pytest.mark.parametrize(("least", "line"), [(0, "DELIVERBY"), (240, "DELIVERBY 240")])
def test_the_least_time_stands_in_ehlo(least: int, line: str) -> None:
    assert line in said(ready(least), EHLO)[0].lines


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("120;R", 250),
        ("+240;rt", 250),
        ("-20;N", 250),
        ("0;NT", 250),
        ("999999999;N", 250),
        ("1000000000;N", 501),
        ("0;R", 501),
        ("-1;R", 501),
        ("120", 501),
        ("120;", 501),
        ("120;X", 501),
        (";R", 501),
        ("120;RTT", 501),
        ("1 2;R", 501),
        ("\u0661;N", 501),
        (None, 501),
    ],
)
def test_values(value: str | None, code: int) -> None:
    assert codes(ready(), EHLO, Command("MAIL", "a@b", (("BY", value),))) == [250, code]


def test_only_once() -> None:
    twice = Command("MAIL", "a@b", (("BY", "1;N"), ("BY", "1;N")))
    assert codes(ready(), EHLO, twice) == [250, 501]


def test_less_than_the_least_is_refused_in_mode_r_only() -> None:
    refused = said(ready(240), EHLO, Command("MAIL", "a@b", (("BY", "239;R"),)))[1]
    assert str(refused) == "555 5.5.4 Cannot deliver in less than 240 seconds"
    for value in ("240;R", "239;N", "-5;N"):
        assert codes(ready(240), EHLO, Command("MAIL", "a@b", (("BY", value),))) == [250, 250]


def test_where_it_is_not_offered() -> None:
    assert codes(greeted(), EHLO, Command("MAIL", "a@b", (("BY", "1;N"),))) == [250, 555]


@pytest.mark.parametrize(
    ("offers", "value", "params"),
    [
        (("DELIVERBY",), "+120;r", (("BY", "120;R"),)),
        (("DELIVERBY 60",), "-5;nt", (("BY", "-5;NT"),)),
        ((), "120;N", ()),
        ((), "nonsense", ()),
    ],
)
def test_a_client_passes_it_on(
    offers: tuple[str, ...], value: str, params: tuple[tuple[str, str], ...]
) -> None:
    client = client_in_ready(*offers)
    client.begin(Envelope("a@b", ("c@d",), (("BY", value),)), CONTENT)
    assert client.flight() == (Command("MAIL", "a@b", params),)


def test_a_message_to_be_returned_when_late_goes_only_where_that_is_understood() -> None:
    client = client_in_ready()
    transaction = client.begin(Envelope("a@b", ("c@d",), (("BY", "120;R"),)), CONTENT)
    assert client.flight() == ()
    assert str(transaction.reply_to(0))[:9] == "554 5.4.7"
