"""The latency plot shows the distribution that is in the table."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from mailsim.errors import ConfigError
from mailsim.results import Run


def test_the_curves_are_the_distribution(small_bulk: Run) -> None:
    ax = small_bulk.plot.latency(ax=Figure().add_subplot())
    mail = small_bulk.deliveries.query("traffic == 'newsletter' and fate == 'delivered'")
    (curve,) = [line for line in ax.lines if str(line.get_label()).startswith("newsletter")]
    x, y = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert x == pytest.approx(np.sort(mail["delay_s"]))
    assert y[-1] == 100
    assert f"n={len(mail):,}" in str(curve.get_label())
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
