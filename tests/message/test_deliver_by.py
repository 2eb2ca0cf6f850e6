"""BY= (RFC 2852)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsim.message import DeliverBy

SECONDS = st.integers(-999_999_999, 999_999_999)


@pytest.mark.row("X-DELIVERBY")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("120;R", DeliverBy(120, "R", is_traced=False)),
        ("+5;rt", DeliverBy(5, "R", is_traced=True)),
        ("-20;N", DeliverBy(-20, "N", is_traced=False)),
        ("0;nT", DeliverBy(0, "N", is_traced=True)),
        ("0;R", None),
        ("-1;R", None),
        ("1", None),
        ("1;", None),
        ("1;X", None),
        ("1234567890;N", None),
        ("\u0661;N", None),
    ],
)
def test_values(text: str, value: DeliverBy | None) -> None:
    assert DeliverBy.parse(text) == value


@given(SECONDS, st.sampled_from(["R", "N"]), st.booleans())
def test_both_ways(seconds: int, mode: str, is_traced: bool) -> None:
    by = DeliverBy(seconds, mode, is_traced)
    assert DeliverBy.parse(str(by)) == (by if mode == "N" or seconds > 0 else None)


@pytest.mark.row("X-DELIVERBY")
def test_the_time_runs_out() -> None:
    by = DeliverBy(120, "N", is_traced=True)
    assert str(by.after(20)) == "100;NT"
    assert str(by.after(150)) == "-30;NT"
    assert by.after(10**12).seconds == -999_999_999
