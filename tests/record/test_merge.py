"""Tables of several processes become one: every row, in the order of time."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsim.record.log import Log
from mailsim.record.merge import merge

TIMES = st.lists(st.lists(st.integers(0, 50), max_size=40).map(sorted), min_size=1, max_size=4)


@pytest.mark.parametrize("batch", [3, 65_536])
@settings(deadline=None, max_examples=30)
@given(TIMES)
def test_every_row_in_the_order_of_time(batch: int, times: list[list[int]]) -> None:
    with TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr("mailsim.record.log._BATCH", batch)
        directories = []
        for i, its_times in enumerate(times):
            directory = Path(root) / str(i)
            directory.mkdir()
            directories.append(directory)
            log = Log(directory, with_events=True, as_streams=True)
            for at_s in its_times:
                log.queues.append((at_s * 10**9, "mx", f"busy:{i}", at_s))
                log.flush()
            log.close()
        merged = Log(with_events=True)
        merge(directories, merged)
        assert merged.close()["queues"] == sum(map(len, times))
        rows = merged.tables()["queues"].to_pylist()
    assert [row["at_s"] for row in rows] == sorted(at_s for some in times for at_s in some)
    for i, its_times in enumerate(times):
        assert [row["depth"] for row in rows if row["queue"] == f"busy:{i}"] == its_times


def test_rows_not_quite_in_order_are_all_there(tmp_path: Path) -> None:
    for i in range(2):
        (tmp_path / str(i)).mkdir()
        log = Log(tmp_path / str(i), as_streams=True)
        log.queues += [(at_ns, "mx", "active", i) for at_ns in (5, 1, 9, 3)]
        log.close()
    log = Log()
    merge([tmp_path / "0", tmp_path / "1"], log)
    assert log.close()["queues"] == 8
    assert log.tables()["queues"]["at_s"].to_pylist() == sorted([1e-9, 3e-9, 5e-9, 9e-9] * 2)
