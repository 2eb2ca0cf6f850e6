"""Little's law on every kind of queue, as an identity: the run begins and ends with all empty."""

from __future__ import annotations

from copy import copy
from pathlib import Path

import pytest

import mailsim as ms
from mailsim.analysis import littles_law

FIVE = Path(__file__).parent / "five_queues.yaml"
KINDS = {"incoming", "active", "deferred", "backlog:25", "busy:25"}


@pytest.fixture(scope="module", params=[1, 2])
def run(request: pytest.FixtureRequest) -> ms.Run:
    return ms.load(FIVE).run(seed=request.param)


def test_it_holds_on_every_queue(run: ms.Run) -> None:
    assert set(run.deliveries["fate"]) == {"delivered"}
    law = littles_law(run.frames)
    assert set(law["queue"]) == KINDS
    by_host = law.set_index(["host", "queue"])
    for place in [
        ("out.example.org", "incoming"),
        ("out.example.org", "active"),
        ("out.example.org", "deferred"),
        ("out.example.org", "busy:25"),
        ("gate.example.org", "incoming"),
        ("gate.example.org", "active"),
        ("mx.small.example", "backlog:25"),
        ("mx.grey.example", "busy:25"),
    ]:
        assert by_host.loc[place, "mean_depth"] > 0, place
    assert law["relative_error"].abs().max() < 1e-6, law.to_string()


def test_no_queue_is_above_its_limit(run: ms.Run) -> None:
    deepest = run.queues.groupby(["host", "queue"], observed=True)["depth"].max()
    assert deepest["out.example.org", "active"] == 12
    assert deepest["gate.example.org", "active"] == 5
    assert deepest["mx.small.example", "busy:25"] == 2


@pytest.mark.parametrize("table", ["attempts", "sessions"])
def test_a_stay_that_is_lost_shows(run: ms.Run, table: str) -> None:
    lossy = copy(run.frames)
    names = ("queues", "attempts", "sessions")
    lossy._frames = {name: run.frames[name] for name in names}
    lossy._frames[table] = lossy._frames[table].iloc[:-5]
    assert littles_law(lossy)["relative_error"].abs().max() > 1e-3
