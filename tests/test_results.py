"""A run that is over: pictures are written whole or not at all, tables are where they belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from matplotlib.artist import Artist

import mailsim as ms
from mailsim.errors import ConfigError, UnknownNameError
from mailsim.results import Run


class Stopped(Artist):
    """Somebody presses Ctrl-C while the picture is being drawn."""

    def draw(self, renderer) -> None:  # noqa: ANN001
        raise KeyboardInterrupt


class Interrupted:
    """A plot of a user's own; the file is open by the time it is drawn."""

    def draw(self, frames, ax):  # noqa: ANN001, ANN201
        ax.add_artist(Stopped())
        return ax


@pytest.fixture
def own_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_an_interrupted_picture_leaves_nothing(
    small_bulk: Run, tmp_path: Path, own_plots: None, ending: str
) -> None:
    kind = f"{__name__}:Interrupted"
    old = tmp_path / f"a.{ending}"
    old.write_text("the old picture")
    with pytest.raises(KeyboardInterrupt):
        small_bulk.plot.save(kind, old)
    assert [path.name for path in tmp_path.iterdir()] == [old.name]
    assert old.read_text() == "the old picture"


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures(small_bulk: Run, tmp_path: Path, ending: str) -> None:
    small_bulk.plot.save("queue", tmp_path / f"a.{ending}")
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{ending}"]
    assert (tmp_path / f"a.{ending}").stat().st_size > 1000


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.tiff5", "cannot be written: Format 'tiff5' is not supported"),
        ("no/a.png", "No such file"),
    ],
)
def test_pictures_that_cannot_be_written(
    small_bulk: Run, tmp_path: Path, name: str, expected: str
) -> None:
    with pytest.raises(ConfigError, match=expected):
        small_bulk.plot.save("queue", tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_plot_lists_the_known(small_bulk: Run) -> None:
    with pytest.raises(UnknownNameError, match="known are latency, queue, throughput"):
        small_bulk.plot.draw("latncy")


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("throughput", {"by": "host"}, "plot throughput takes no option 'by': it takes none"),
        ("queue", {"by": "host"}, "plot queue takes no option 'by': it takes host"),
        ("latency", {"host": "x"}, "plot latency takes no option 'host': it takes by"),
    ],
)
def test_an_option_that_a_plot_does_not_take(
    small_bulk: Run, kind: str, options: dict[str, str], expected: str
) -> None:
    with pytest.raises(ConfigError, match=expected):
        small_bulk.plot.draw(kind, **options)


@pytest.mark.parametrize("name", ["x", ".png"])
def test_a_picture_needs_an_ending(small_bulk: Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"expected a file name such as latency\.png"):
        small_bulk.plot.save("latency", str(tmp_path / name))
    assert list(tmp_path.iterdir()) == []


def test_wrong_use_from_python_is_told() -> None:
    first = Path(__file__).parents[1] / "experiments" / "first_mail.yaml"
    experiment = ms.load(first, ["seed=3"])
    assert experiment.scenario.seed == 3
    for seed in (-1, "a", True):
        with pytest.raises(ConfigError, match="seed: expected a whole number of at least 0"):
            experiment.run(seed=seed)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="message: expected its number, got '1'"):
        experiment.run().transcript("1")  # type: ignore[arg-type]
    assert {"load", "Run", "Experiment"} <= set(dir(ms))


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("simulated_s", "b", "simulated_s: expected a number, got 'b'"),
        ("tables", [], "tables: expected numbers of rows by table"),
        ("tables", {"x": 1}, "unknown table 'x'"),
        ("tables", {"deliveries": 1}, "no table 'attempts'"),
    ],
)
def test_a_run_json_of_another_kind(tmp_path: Path, key: str, value: object, expected: str) -> None:
    first = Path(__file__).parents[1] / "experiments" / "first_mail.yaml"
    ms.load(first).run(out=tmp_path / "r")
    path = tmp_path / "r" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ConfigError, match=expected):
        Run.open(tmp_path / "r")


def test_a_table_of_another_kind(tmp_path: Path) -> None:
    first = Path(__file__).parents[1] / "experiments" / "first_mail.yaml"
    ms.load(first).run(out=tmp_path / "r")
    path = tmp_path / "r" / "deliveries.parquet"
    (tmp_path / "r" / "queues.parquet").replace(path)
    with pytest.raises(ConfigError, match=r"not the table 'deliveries'.*: no column message"):
        Run.open(tmp_path / "r")
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match=r"deliveries\.parquet: cannot be read"):
        Run.open(tmp_path / "r")


def test_a_saved_run_is_the_run(tmp_path: Path) -> None:
    scenario = Path(__file__).parents[1] / "experiments" / "first_mail.yaml"
    in_memory = ms.load(scenario).run()
    ms.load(scenario).run(out=tmp_path / "r")
    saved = ms.open_run(str(tmp_path / "r"))
    for name, frame in in_memory.frames.items():
        assert saved.frames[name].equals(frame), name
    for name in ("deliveries", "attempts", "sessions", "queues", "lookups", "events"):
        assert getattr(saved, name).equals(in_memory.frames[name])
    kept = saved.summary["metric"] != "messages_per_wall_s"
    assert saved.summary[kept].equals(in_memory.summary[kept])
    assert repr(saved) == f"<Run first_mail, seed 1: 1 submitted, 1 delivered in {tmp_path / 'r'}>"
    assert "<table" in saved._repr_html_()
    assert "delivered" in in_memory._repr_html_()
