"""The latency plot shows the distribution that is in the table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.plots._axes import label_text
from mailsim.results import Run

FIRST = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"


def test_the_curves_are_the_distribution(small_bulk: Run) -> None:
    ax = small_bulk.plot.latency(ax=Figure().add_subplot())
    every = small_bulk.deliveries.query("traffic == 'newsletter'")
    mail = every.query("fate == 'delivered'")
    assert len(mail) < len(every), "some were not served"
    (curve,) = [line for line in ax.lines if str(line.get_label()).startswith("newsletter")]
    x, y = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert x[1:-1] == pytest.approx(np.sort(mail["delay_s"]))
    assert y[-1] == pytest.approx(len(mail) / len(every) * 100)
    assert f"n={len(every):,}" in str(curve.get_label())
    assert ax.get_xscale() == "log"
    assert "bulk_send, seed 1" in ax.get_title()


def test_by_another_column_draws_the_largest_and_the_rest(small_bulk: Run) -> None:
    ax = small_bulk.plot.latency(by="to_domain", ax=Figure().add_subplot())
    labels = [str(line.get_label()) for line in ax.lines if str(line.get_label())[0] != "_"]
    assert len(labels) == 6
    assert labels[0].startswith("bigmail.example")
    assert labels[-1].startswith("all others")


def test_an_unknown_column_lists_the_known(small_bulk: Run) -> None:
    with pytest.raises(ConfigError, match="known are message, recipient"):
        small_bulk.plot.latency(by="colour", ax=Figure().add_subplot())


def test_nothing_delivered_says_so(nothing: Run) -> None:
    ax = nothing.plot.latency(ax=Figure().add_subplot())
    assert [text.get_text() for text in ax.texts] == ["nothing was delivered"]


def test_one_recipient_is_a_curve_too() -> None:
    run = ms.load(FIRST).run()
    ax = run.plot.latency(ax=Figure().add_subplot())
    x, y = np.asarray(ax.lines[0].get_xdata()), np.asarray(ax.lines[0].get_ydata())
    assert (x[0], x[-1]) == ax.get_xlim()
    assert list(y) == [0, 100, 100]
    assert len([tick for tick in ax.get_xticks() if x[0] <= tick <= x[-1]]) >= 2


def test_times_form_no_groups(small_bulk: Run) -> None:
    with pytest.raises(ConfigError, match="got the times 'delay_s'"):
        small_bulk.plot.latency(by="delay_s", ax=Figure().add_subplot())


def test_a_name_that_begins_with_an_underscore_is_in_the_legend() -> None:
    assert label_text("_x") == "'_x'"
    assert label_text("a" * 99) == f"{'a' * 20}...{'a' * 7}"
