"""A sweep as a whole: parts, random numbers, summary, and what becomes of its directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.cli import main
from mailsim.errors import ConfigError
from mailsim.record.parts import parts_of
from mailsim.record.tables import TABLES

LIMIT = "hosts.mx.example.org.postfix.default_process_limit"
SWEEP = f"  grid: {{{LIMIT}: [1, 2]}}\n  repeat: 3\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def scenario(place: Path) -> Path:
    return queue_file(place, SWEEP)


@pytest.fixture(scope="module")
def swept(scenario: Path, place: Path) -> ms.SweepRun:
    return ms.load(scenario).sweep(out=place / "out")


def mailsim(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def rows(part: Path) -> dict[str, list[object]]:
    names = [name for name in TABLES if (part / f"{name}.parquet").exists()]
    return {name: pq.read_table(part / f"{name}.parquet").to_pylist() for name in names}


def test_a_part_per_point_and_replication(swept: ms.SweepRun) -> None:
    assert parts_of(swept.path) == [(p, r) for p in range(2) for r in range(3)]
    assert swept.points[LIMIT].tolist() == [1, 2]
    run = swept.run(1, 2)
    assert (run.info["point"], run.info["replication"]) == (1, 2)
    assert run.info["values"] == {LIMIT: 2}
    assert run.info["scenario"]["hosts"]["mx.example.org"]["postfix"]["default_process_limit"] == 2


def test_replication_0_is_the_single_run(swept: ms.SweepRun, scenario: Path) -> None:
    alone = ms.load(scenario).run()
    assert alone.deliveries.equals(swept.run(0, 0).deliveries)
    assert alone.queues.equals(swept.run(0, 0).queues)


def test_points_share_random_numbers_and_replications_do_not(swept: ms.SweepRun) -> None:
    due = {
        (p, r): np.sort(swept.run(p, r).deliveries["submitted_at_s"].to_numpy())
        for p in range(2)
        for r in range(3)
    }
    assert all(np.array_equal(due[0, r], due[1, r]) for r in range(3))
    assert not np.array_equal(due[0, 0][:20], due[0, 1][:20])
    assert not np.array_equal(due[0, 1][:20], due[0, 2][:20])


def test_one_point_differs_from_nothing(scenario: Path, tmp_path: Path) -> None:
    alone = ms.load(scenario, "duration=1s").sweep(grid={}, repeat=1, out=tmp_path / "o")
    with pytest.raises(ConfigError, match="one point alone"):
        _ = alone.differences


def test_independent_random_numbers(scenario: Path, tmp_path: Path) -> None:
    own = ms.load(scenario).sweep(random_numbers="independent", repeat=1, out=tmp_path / "own")
    first, second = (own.run(p).deliveries["submitted_at_s"].to_numpy() for p in (0, 1))
    assert not np.array_equal(first[:20], second[:20])


def test_the_summary_has_means_over_replications(swept: ms.SweepRun) -> None:
    mine = swept.values.query("point == 1 and metric == 'delay_p95'")["value"]
    assert len(mine) == 3
    (row,) = swept.summary.query("point == 1 and metric == 'delay_p95'").itertuples()
    assert row.mean == pytest.approx(mine.mean())
    assert row.half_width == pytest.approx(4.302653 * mine.std() / np.sqrt(3))
    assert (row.replications, row.unit) == (3, "s")


def test_common_random_numbers_sharpen_a_difference(swept: ms.SweepRun) -> None:
    paired = swept.difference(0, 1).set_index("metric").loc["delay_p50"]
    single = swept.summary.query("metric == 'delay_p50'")["mean"]
    assert paired["mean"] == pytest.approx(single.iloc[1] - single.iloc[0])
    listed = swept.differences.query("point == 1 and metric == 'delay_p50'")
    assert listed["mean"].tolist() == [paired["mean"]]
    with pytest.raises(ConfigError, match="no point 5: known are 0, 1"):
        swept.difference(0, 5)


def test_a_sweep_again_gives_the_same_rows(swept: ms.SweepRun, scenario: Path, place: Path) -> None:
    again = ms.load(scenario).sweep(out=place / "again", only=["point=1,rep=2"])
    assert parts_of(again.path) == [(1, 2)]
    names = "parts", "point1-rep2"
    assert rows(again.path.joinpath(*names)) == rows(swept.path.joinpath(*names))


def test_the_command(scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert mailsim("run", scenario, "--out", out, "--json", "--set", "duration=2s") == 0
    found = json.loads(capsys.readouterr().out)
    assert [point["values"] for point in found["points"]] == [{LIMIT: 1}, {LIMIT: 2}]
    assert found["points"][0]["metrics"]["submitted"]["replications"] == 3
    assert mailsim("show", out) == 0
    shown = capsys.readouterr().out
    assert "mean and 95 % interval" in shown
    assert "default_process_limit" in shown
    assert mailsim("show", out, "points") == 0
    assert mailsim("show", out, "values", "-n", "1") == 0
    assert "rows in all" in capsys.readouterr().out
    assert mailsim("show", out, "differences") == 0
    assert "half_width" in capsys.readouterr().out
    assert mailsim("show", out, "queues") == 2
    assert "parts/point0-rep0 queues" in capsys.readouterr().err
    assert mailsim("show", out / "parts" / "point0-rep0") == 0


def test_resume_does_only_what_is_missing(
    scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, told = tmp_path / "out", []
    experiment = ms.load(scenario, "duration=2s")
    experiment.sweep(out=out)
    kept = (out / "parts" / "point0-rep0" / "deliveries.parquet").stat().st_mtime_ns
    damaged = out / "parts" / "point1-rep0" / "deliveries.parquet"
    before = damaged.read_bytes()
    damaged.write_bytes(before[:-20])
    (out / "parts" / ".mailsim.0.part").mkdir()  # of a process that was killed
    swept = experiment.sweep(out=out, resume=True, repeat=4, progress=told.append)
    assert damaged.read_bytes() == before
    assert (out / "parts" / "point0-rep0" / "deliveries.parquet").stat().st_mtime_ns == kept
    assert parts_of(out) == [(p, r) for p in range(2) for r in range(4)]
    assert sorted(path.name for path in (out / "parts").iterdir() if path.name[0] == ".") == []
    assert (told[-1].n_done, told[-1].n_planned, told[-1].n_kept) == (8, 8, 5)
    assert any("it is run again" in status.warning for status in told)
    assert swept.summary["replications"].max() == 4
    damaged.write_bytes(before[:-20])
    words = ("--set", "duration=2s", "--resume", "-q", "--out", out)
    assert mailsim("run", scenario, *words) == 0
    err = capsys.readouterr().err
    assert err.startswith(f"mailsim: warning: {damaged}: cannot be read: ")
    assert err.endswith("; it is run again\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--resume", "--seed", "7"], "results of another scenario (seed was 1, is 7)"),
        (["--resume", "--set", "duration=3s"], "another scenario (duration was '2s', is '3s')"),
        (["--only", "point=0", "--set", "sweep.grid.warmup=[1s]"], "results of another scenario"),
        (["--only", "point=5"], "--only point=5: the sweep has points 0 to 1 and replications 0"),
        (["--only", "point"], "expected such as point=3,rep=0"),
    ],
)
def test_results_of_another_sweep(
    scenario: Path, place: Path, capsys: pytest.CaptureFixture[str],
    words: list[str], expected: str,
) -> None:  # fmt: skip
    out, short = place / "short", ["--set", "duration=2s"]
    if not out.exists():
        assert mailsim("run", scenario, "--out", out, "-q", *short) == 0
    assert mailsim("run", scenario, "--out", out, "-q", *short, *words) == 2
    err = capsys.readouterr().err
    assert expected in err
    assert err.count("\n") == 1
    assert len(parts_of(out)) == 6


def test_results_of_another_version(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    experiment = ms.load(scenario, "duration=1s")
    experiment.sweep(out=out, repeat=1)
    info = json.loads((out / "sweep.json").read_text())
    info["versions"]["mailsim"] = "0.0.1"
    (out / "sweep.json").write_text(json.dumps(info))
    with pytest.raises(ConfigError, match=r"results of mailsim 0\.0\.1, this is"):
        experiment.sweep(out=out, repeat=1, resume=True)
    experiment.sweep(out=out, repeat=1)  # replaced


def test_nothing_but_a_sweep_is_replaced(scenario: Path, tmp_path: Path) -> None:
    experiment = ms.load(scenario, "duration=1s")
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("precious")
    with pytest.raises(ConfigError, match="exists and is not a mailsim sweep"):
        experiment.sweep(out=other, repeat=1)
    single = tmp_path / "single"
    experiment.run(out=single)
    experiment.sweep(out=single, repeat=1)  # a run gives way
    (single / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"got notes\.txt beside it"):
        experiment.sweep(out=single, repeat=1)
    assert (other / "thesis.tex").read_text() == "precious"
    assert (single / "notes.txt").exists()


def test_two_at_once_in_one_directory(scenario: Path, tmp_path: Path) -> None:
    experiment = ms.load(scenario, "duration=1s")
    out = tmp_path / "out"

    def second(*_: object) -> None:
        with pytest.raises(ConfigError, match="another mailsim is at work there"):
            experiment.sweep(out=out, repeat=1)

    experiment.sweep(out=out, repeat=1, progress=second)


def test_a_failure_keeps_what_is_finished(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    from mailsim.experiment import task

    simulate = task.simulate

    def full(*words: Any) -> dict[str, Any]:
        if len(parts_of(tmp_path / "out")) == 2:
            raise OSError(28, "No space left on device")
        return simulate(*words)

    monkeypatch.setattr(task, "simulate", full)
    out = tmp_path / "out"
    assert mailsim("run", scenario, "--out", out, "-q", "--set", "duration=1s") == 1
    err = capsys.readouterr().err
    assert "No space left on device" in err
    assert err.count("\n") == 1
    assert parts_of(out) == [(0, 0), (1, 0)]
    assert len(list((out / "parts").iterdir())) == 2


def test_a_single_run_takes_no_words_of_a_sweep(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mailsim("run", queue_file(tmp_path), "--resume", "--out", tmp_path / "x") == 2
    assert "--resume" in capsys.readouterr().err
    scenario, out = queue_file(tmp_path), tmp_path / "one"
    assert mailsim("run", scenario, "-j", 2, "-q", "--set", "duration=1s", "--out", out) == 0
    expected = f"-j 2: {scenario} has no sweep; a single run keeps one process busy"
    assert capsys.readouterr().err == f"mailsim: warning: {expected}\n"


def test_which_tasks_may_be_one_text(scenario: Path, tmp_path: Path) -> None:
    experiment = ms.load(scenario, "duration=1s")
    experiment.sweep(out=tmp_path / "out", only="point=1,rep=0")
    assert parts_of(tmp_path / "out") == [(1, 0)]
    with pytest.raises(ConfigError, match=r"--only point=99: the sweep has points 0 to "):
        experiment.sweep(out=tmp_path / "out", only="point=99")


def test_a_directory_that_is_no_sweep(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no mailsim sweep"):
        ms.open_sweep(str(tmp_path))
    (tmp_path / "sweep.json").write_text("[]")
    with pytest.raises(ConfigError, match="no list of points"):
        ms.open_sweep(str(tmp_path))


def test_until_and_measures(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "  repeat: 3\n  until: {half_width: 90%, of: mean(delay), max: 6}\n"
        "  measures: ['rate(bounced)', 'p95(delay, traffic=mail)', 'max(queue_depth)']\n"
    )
    path, out = queue_file(place, words, "until.yaml"), place / "until"
    assert mailsim("run", path, "--out", out, "--set", "warmup=2s") == 0
    shown = capsys.readouterr().out
    swept = ms.open_sweep(str(out))
    found = swept.values.pivot(index="replication", columns="metric", values="value")
    assert 5 <= len(found) <= 6  # at least five, at most six
    run = swept.run(0, 1)
    for text in ("mean(delay)", "p95(delay, traffic=mail)", "max(queue_depth)"):
        assert found.loc[1, text] == pytest.approx(run.measure(text))
    assert found.loc[1, "p95(delay, traffic=mail)"] == pytest.approx(found.loc[1, "delay_p95"])
    assert (found["queues_against_littles_law"] == 0).all()
    assert "p95(delay, traffic=mail)" in shown
    assert "statistics leave out the first 2 s of each run" in shown
    more = ("--set", "sweep.until.half_width=1%", "--set", "warmup=2s")
    assert mailsim("run", path, "--out", out, "--resume", *more) == 0
    assert "point 0: mean(delay) is not known to 1% after 6 replications" in capsys.readouterr().out


def test_a_warm_up_that_is_found(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that is down for the first 20 s of 60: what waited then is no steady state."""
    path = place / "late.yaml"
    text = queue_file(place, name="plain.yaml").read_text()
    down = "faults:\n  - {host_down: mx.example.org, at: 0s, for: 20s}\n"
    text = text.replace("duration: 20s", "duration: 120s\nwarmup: auto") + down
    path.write_text(text.replace("100ms", "20ms"))
    out = place / "late"
    assert mailsim("run", path, "--out", out) == 0
    shown = capsys.readouterr().out
    run = ms.open_run(str(out))
    assert run.info["warmup_by"] == "MSER-5"
    assert 18 <= run.info["warmup_s"] <= 60
    assert "found by MSER-5" in shown
    in_memory = ms.load(path).run()
    assert in_memory.info["warmup_s"] == run.info["warmup_s"]
    assert run.measure("max(delay)") < run.deliveries["delay_s"].max()
    assert ms.load(path, "duration=3s").run().info["warmup_by"] == "MSER-5: not settled"


def test_batch_means_of_one_run(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = queue_file(place, name="one.yaml"), place / "one"
    assert mailsim("run", path, "--out", out, "-q", "--set", "duration=100s") == 0
    assert mailsim("show", out, "--batches", "10", "--measure", "mean(delay)") == 0
    assert "10 batches" in capsys.readouterr().out
    run = ms.open_run(str(out))
    found = run.batch_means("throughput", 10)
    assert found.interval.n == 10
    assert found.interval.value == pytest.approx(run.measure("throughput"))
    assert mailsim("show", out, "--measure", "p95(dely)") == 2
    assert "did you mean 'delay'" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="in 2 batches or more, got it in 0 of 20"):
        run.batch_means("mean(delay, traffic=nothing)")


def test_wrong_books_are_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from mailsim.cli_run import warn_of_queues

    run = ms.load(queue_file(place, name="one.yaml")).run()
    warn_of_queues(run)
    assert capsys.readouterr().err == ""
    run.frames._frames["sessions"] = run.sessions.iloc[: len(run.sessions) // 2]
    warn_of_queues(run)
    assert "Little's law does not hold for queue busy:25" in capsys.readouterr().err
