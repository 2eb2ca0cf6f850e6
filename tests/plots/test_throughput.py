"""The throughput plot counts the deliveries that are in the table."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from mailsim.results import Run


def test_the_area_is_the_number_of_deliveries(small_bulk: Run) -> None:
    ax = small_bulk.plot.throughput(ax=Figure().add_subplot())
    n = (small_bulk.deliveries["fate"] == "delivered").sum()
    handles, labels = ax.get_legend_handles_labels()
    assert len(handles) == len(labels) == small_bulk.deliveries["traffic"].nunique()
    counts = [int(label.split("n=")[1].replace(",", "")) for label in labels]
    assert sum(counts) == n
    assert "deliveries per second, mean over 30 s" in ax.get_ylabel()
    assert ax.get_ylim()[1] * 30 == pytest.approx(_peak(small_bulk), rel=0.1)


def _peak(run: Run) -> int:
    ended = run.deliveries.query("fate == 'delivered'")["ended_at_s"]
    return int((ended // 30).value_counts().max())


def test_nothing_delivered_says_so(nothing: Run) -> None:
    ax = nothing.plot.throughput(ax=Figure().add_subplot())
    assert [text.get_text() for text in ax.texts] == ["nothing was delivered"]
