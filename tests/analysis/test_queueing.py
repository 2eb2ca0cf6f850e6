"""The formulas, against published tables and the figures of theory.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailsim.analysis.jackson import arrival_rates
from mailsim.analysis.queueing import (
    erlang_b,
    erlang_c,
    mg1,
    mgcc,
    mginf,
    mmc,
    mmck,
    shared_link,
)
from mailsim.analysis.token_bucket import token_policer

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "data" / "theory.json").read_text(encoding="utf-8")
    )["cases"]
}


def agree(found: dict[str, float], name: str) -> None:
    """Compare all figures that both have, and see that there are some."""
    expected = dict(CASES[name]["expected"])
    expected["util"] = expected.get("util", expected.get("rho"))
    both = found.keys() & {key for key, value in expected.items() if value is not None}
    assert {"W", "L"} <= both
    assert {key: found[key] for key in both} == pytest.approx({key: expected[key] for key in both})


@pytest.mark.parametrize(
    ("slots", "load", "share"),
    # Erlang's own table, as every textbook has it: the load that N lines take at 1 % and 5 % lost.
    [(1, 0.0101, 0.01), (5, 1.36, 0.01), (10, 4.46, 0.01), (20, 12.03, 0.01), (10, 6.22, 0.05),
     (100, 84.06, 0.01)],
)  # fmt: skip
def test_erlang_b(slots: int, load: float, share: float) -> None:
    assert erlang_b(slots, load) == pytest.approx(share, rel=0.005)


def test_erlang_c_of_one_slot_is_its_load() -> None:
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("name", "slots"), [("mm1_rho80", 1), ("mm5_rho80", 5)])
def test_mmc(name: str, slots: int) -> None:
    agree(mmc(CASES[name]["inputs"]["lam"], 0.1, slots), name)


def test_the_loss_system() -> None:
    agree(mgcc(8.0, 1.0, 10), "erlangB_c10_a8")
    agree(mmck(8.0, 1.0, 10, 10), "erlangB_c10_a8")
    assert mgcc(8.0, 1.0, 10)["P_block"] == pytest.approx(0.12166106425295148)


def test_mmck_by_hand_and_at_its_limits() -> None:
    # M/M/1/2 at a load of 1: each number there has a third of the time.
    found = mmck(1.0, 1.0, 1, 2)
    assert (found["P_block"], found["P_wait"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert (found["L"], found["Lq"], found["W"]) == (
        pytest.approx(1.0), pytest.approx(1 / 3), pytest.approx(1.5),
    )  # fmt: skip
    endless, long = mmc(40.0, 0.1, 5), mmck(40.0, 0.1, 5, 400)
    assert {key: long[key] for key in endless} == pytest.approx(endless)
    # Twice what it can do, with much room: half is turned away, and the queue is full.
    crowded = mmck(20.0, 0.1, 1, 2000)
    assert (crowded["P_block"], crowded["L"]) == (pytest.approx(0.5), pytest.approx(1999.0))


def test_mg1() -> None:
    agree(mg1(8.0, 0.1, 0.0), "md1_rho80")
    agree(mg1(7.0, 0.1, 4.0), "mg1_logn_cv4")
    assert mg1(8.0, 0.1, 1.0) == pytest.approx(mmc(8.0, 0.1, 1))


def test_mginf() -> None:
    assert mginf(20.0, 3.0)["L"] == CASES["mginf_connections"]["expected"]["mean"]


@pytest.mark.parametrize("name", ["ps_exp", "ps_logn"])
def test_a_shared_link(name: str) -> None:
    inputs = CASES[name]["inputs"]
    found = shared_link(inputs["lam"], inputs["mean_size_B"], inputs["C_Bps"])
    agree(found, name)
    assert found["slowdown"] == pytest.approx(CASES[name]["expected"]["slowdown"])


def test_a_shared_link_with_a_limit_for_each() -> None:
    found = shared_link(80.0, 1e5, 1e7, 2e6)
    assert found["W"] == pytest.approx(CASES["ps_access_cap"]["expected"]["W"])
    assert found["L"] == pytest.approx(mmc(80.0, 0.05, 5)["L"])
    assert shared_link(8.0, 1e5, 1.25e6, 2e6) == shared_link(8.0, 1e5, 1.25e6)


@pytest.mark.parametrize("name", ["token_policer_overload", "token_policer_b1"])
def test_a_token_bucket(name: str) -> None:
    inputs, expected = CASES[name]["inputs"], CASES[name]["expected"]
    found = token_policer(inputs["lam"], inputs["rate"], inputs["burst"])
    assert found["P_block"] == pytest.approx(expected["P_reject"])
    assert found["through"] == pytest.approx(expected["goodput"])


def test_a_large_bucket_lets_pass_what_it_can() -> None:
    assert token_policer(20.0, 10.0, 3000)["P_block"] == pytest.approx(0.5)
    assert token_policer(5.0, 10.0, 3000)["P_block"] == pytest.approx(0.0, abs=1e-9)


def test_what_is_overloaded_has_no_steady_state() -> None:
    with pytest.raises(ValueError, match="no steady state: the load is 1 of what it can do"):
        mmc(10.0, 0.1, 1)
    with pytest.raises(ValueError, match="no steady state"):
        mg1(11.0, 0.1, 0.0)
    with pytest.raises(ValueError, match=r"load is 1\.2 "):
        shared_link(12.0, 1.0, 10.0)


def test_traffic_equations() -> None:
    assert arrival_rates({"a": 4.0, "b": 0.0}, {("a", "b"): 0.25}) == {"a": 4.0, "b": 1.0}
    with pytest.raises(ValueError, match="never leaves"):
        arrival_rates({"a": 1.0}, {("a", "a"): 1.0})
