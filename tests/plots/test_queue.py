"""The queue plot shows the depths that are in the table."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from mailsim.errors import ConfigError
from mailsim.plots._axes import thinned
from mailsim.results import Run


def test_the_steps_are_the_depths(small_bulk: Run) -> None:
    ax = small_bulk.plot.queue(ax=Figure().add_subplot())
    (curve,) = [
        line for line in ax.lines if str(line.get_label()).startswith("out.example.org deferred")
    ]
    rows = small_bulk.queues.query("host == 'out.example.org' and queue == 'deferred'")
    assert np.asarray(curve.get_ydata()).max() == rows["depth"].max()
    assert f"peak {rows['depth'].max()}" in str(curve.get_label())


def test_one_host_only(small_bulk: Run) -> None:
    ax = small_bulk.plot.queue(host="gate.example.org", ax=Figure().add_subplot())
    labels = [str(line.get_label()) for line in ax.lines]
    assert labels
    assert all(label.startswith("gate.example.org") for label in labels)


def test_an_unknown_host_lists_the_known(small_bulk: Run) -> None:
    with pytest.raises(ConfigError, match=r"known are .*campaign\.example\.org"):
        small_bulk.plot.queue(host="nowhere", ax=Figure().add_subplot())


def test_no_queue_says_so(nothing: Run) -> None:
    ax = nothing.plot.queue(ax=Figure().add_subplot())
    assert [text.get_text() for text in ax.texts] == ["no queue was ever used"]


def test_of_many_steps_the_extremes_are_kept() -> None:
    x = np.arange(100_000.0)
    y = np.where(x == 51_234, 900.0, np.where(x == 70_001, -3.0, x % 7))
    at, depth = thinned(x, y, 100)
    assert 300 < len(at) <= 400
    assert (at[0], at[-1]) == (0, 99_999)
    assert depth[at == 51_234] == 900
    assert depth[at == 70_001] == -3
    assert (y[at.astype(int)] == depth).all()
    assert thinned(x, y, 25_000)[0] is x
