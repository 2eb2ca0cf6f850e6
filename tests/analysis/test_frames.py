"""Frames: whole numbers stay whole beside nulls, and what is known of the run."""

from __future__ import annotations

import pytest
from synthetic import INFO, attempt, delivery, make_tables

from mailsim.analysis import Frames
from mailsim.errors import ConfigError
from mailsim.record.tables import ON_DEMAND, TABLES


def test_types() -> None:
    rows = [attempt(1, 1.0, "sent", session=7), attempt(2, 1.0, "deferred")]
    frame = Frames(make_tables(attempts=rows), INFO)["attempts"]
    assert str(frame["session"].dtype) == "Int64"
    assert frame["session"].tolist()[0] == 7
    assert str(frame["message"].dtype) == "int64"
    late = Frames(make_tables(deliveries=[delivery(1, 0.0, None)]), INFO)["deliveries"]
    assert str(late["ended_at_s"].dtype) == "float64"
    assert late["ended_at_s"].isna().all()


def test_it_is_a_mapping() -> None:
    frames = Frames(make_tables(), INFO)
    always = [name for name in TABLES if name not in ON_DEMAND]
    assert list(frames) == always
    assert len(frames) == len(always)
    assert "events" not in frames
    assert frames["queues"] is frames["queues"]
    with pytest.raises(KeyError):
        frames["kitchen"]
    with pytest.raises(ConfigError, match="recorded no events"):
        _ = frames.events
    assert len(Frames(make_tables(events=[]), INFO).events) == 0


def test_what_is_known_of_the_run() -> None:
    frames = Frames({}, {**INFO, "warmup_s": 5})
    assert (frames.title, frames.warmup_s, frames.simulated_s) == ("by_hand, seed 1", 5.0, 100.0)
    assert Frames({}, {"simulated_s": 1}).title == "run, seed ?"
    assert Frames({}, {"simulated_s": 1}).warmup_s == 0.0


def test_some_columns_hold_the_same_as_the_whole() -> None:
    rows = [attempt(1, 1.0, "sent", session=7), attempt(2, 1.0, "deferred")]
    frames = Frames(make_tables(attempts=rows), INFO)
    few = frames.columns("attempts", ["status", "recipient", "session"])
    assert list(few) == ["status", "recipient", "session"]
    assert [str(dtype) for dtype in few.dtypes] == ["category", "str", "Int64"]
    whole = frames["attempts"]
    assert few.astype(whole.dtypes[list(few)]).equals(whole[list(few)])
    assert frames.columns("attempts", ["status"]).equals(whole[["status"]])
