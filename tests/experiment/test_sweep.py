"""Points of a sweep: which there are, what each changes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.experiment.check import check_report, load_scenario
from mailsim.experiment.only import chooser
from mailsim.experiment.sweep import Point, points_of, scenario_at
from mailsim.experiment.sweep_model import Sweep
from mailsim.experiment.task import stream_key

LIMIT = "hosts.mx.example.org.postfix.default_process_limit"
GRID = f"  grid:\n    {LIMIT}: [1, 2]\n    duration: [5s, 6s, 7s]\n"


def points(sweep: Sweep | None) -> list[dict[str, object]]:
    assert sweep is not None
    return [point.values for point in points_of(sweep)]


def test_a_grid_is_every_combination_the_last_path_fastest(tmp_path: Path) -> None:
    scenario = load_scenario(queue_file(tmp_path, GRID))
    found = points(scenario.sweep)
    assert [(p[LIMIT], p["duration"]) for p in found] == [
        (1, "5s"), (1, "6s"), (1, "7s"), (2, "5s"), (2, "6s"), (2, "7s"),
    ]  # fmt: skip
    assert "sweep: 6 points, 1 replications each" in check_report(scenario)


def test_zip_goes_in_step_behind_the_grid() -> None:
    sweep = Sweep(grid={"a": [1, 2]}, zip={"b": [3, 4], "c": [5, 6]})
    assert points(sweep) == [
        {"a": 1, "b": 3, "c": 5}, {"a": 1, "b": 4, "c": 6},
        {"a": 2, "b": 3, "c": 5}, {"a": 2, "b": 4, "c": 6},
    ]  # fmt: skip


def test_where_leaves_points_out_and_the_others_close_up() -> None:
    sweep = Sweep(grid={"x.a": [1, 2, 3], "x.b": [1, 2]}, where="a <= b")
    assert [point.number for point in points_of(sweep)] == [0, 1, 2]
    assert points(sweep) == [{"x.a": 1, "x.b": 1}, {"x.a": 1, "x.b": 2}, {"x.a": 2, "x.b": 2}]


def test_no_values_are_one_point() -> None:
    assert points(Sweep(repeat=5)) == [{}]


def test_each_point_is_a_scenario(tmp_path: Path) -> None:
    scenario = load_scenario(queue_file(tmp_path, GRID))
    assert scenario.sweep is not None
    made = scenario_at(scenario, list(points_of(scenario.sweep))[4])
    assert made.hosts["mx.example.org"].postfix.default_process_limit == 2
    assert made.duration == 6 * 10**9
    assert made.sweep is None
    assert scenario.hosts["mx.example.org"].postfix.default_process_limit == 1


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("hosts.*.postfix.qmgr_message_active_limit", ["mx.example.org"]),  # servers only
        ("hosts.m*.org.postfix.qmgr_message_active_limit", ["mx.example.org"]),
        ("hosts.[cm]*.postfix.qmgr_message_active_limit", ["mx.example.org"]),
    ],
)
def test_a_wildcard_over_hosts(tmp_path: Path, path: str, changed: list[str]) -> None:
    scenario = load_scenario(queue_file(tmp_path))
    made = scenario_at(scenario, Point(0, {path: 77}))
    limits = {n: h.postfix.qmgr_message_active_limit for n, h in made.hosts.items()}
    assert [name for name, limit in limits.items() if limit == 77] == changed
    assert made.directory.mail_hosts == scenario.directory.mail_hosts


def test_a_wildcard_over_hosts_with_clients_and_over_links(tmp_path: Path) -> None:
    scenario = load_scenario(queue_file(tmp_path))
    made = scenario_at(scenario, Point(0, {"hosts.*.clients.count": 3, "links.*.latency": "1ms"}))
    clients = made.hosts["clients.example.org"].clients
    assert clients is not None
    assert clients.count == 3
    assert [link.latency for link in made.links] == [10**6]


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        ("  grid: {hosts.nosuch.backlog: [5]}", "21:10: hosts.nosuch.backlog matches nothing in"),
        ("  grid: {hosts.z*.backlog: [5]}", "21:10: hosts.z*.backlog matches nothing"),
        ("  grid: {duration: [5s, 6]}", "21:25: expected a duration such as 20ms or 5 min, got 6"),
        ("  grid: {duraton: [5s]}", "21:10: unknown key 'duraton'; did you mean 'duration'?"),
        ("  grid: {duration: 5s}", "21:9: duration: expected a list of values"),
        ("  grid: {seed: [1, 2]}", "seed cannot be swept: repeat gives other random numbers"),
        ("  grid: {duration: [5s], warmup: [1s, 9s]}", "21:39: expected less than the duration"),
        ("  zip: {duration: [5s], warmup: [1s, 2s]}", "expected lists of one length"),
        ("  grid: {links.0.latency: [1s], links.*.latency: [2s]}", "are about the same value"),
        ("  grid: {duration: [5s]}\n  zip: {duration: [5s]}", "duration is in grid too"),
        ("  grid: {duration: [5s]}\n  where: duration > 1h", "no point of the sweep meets"),
        ("  grid: {duration: [5s]}\n  where: duration", "expected 'A < B'"),
        ("  repeat: 0", "expected greater than or equal to 1"),
        ("  repat: 5", "did you mean 'repeat'"),
        ("  grid: {links.7.latency: [1s]}", "links: expected an item, 0 to 0, got '7'"),
    ],
)
def test_refused(tmp_path: Path, sweep: str, expected: str) -> None:
    path = queue_file(tmp_path, f"{sweep}\n")
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    assert expected in str(caught.value)
    assert str(caught.value).startswith(f"{path}:")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"grid": {"hosts.no*.backlog": [1]}}, "sweep.grid.hosts.no*.backlog: hosts.no*.backlog"),
        ({"grid": {"duration": [1]}}, "sweep.grid.duration.0: expected a duration"),
        ({"repeat": 0}, "sweep.repeat: Input should be greater than"),
        ({"random_numbers": "none"}, "sweep.random_numbers"),
    ],
)
def test_refused_from_python(tmp_path: Path, words: dict[str, object], expected: str) -> None:
    experiment = ms.load(queue_file(tmp_path))
    with pytest.raises(ConfigError) as caught:
        experiment.sweep(**words, out=tmp_path / "out")  # type: ignore[arg-type]
    assert str(caught.value).startswith(expected)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["point", "point=a", "point=1,point=2", "host=1", "", "point=-1"])
def test_only_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--only"):
        chooser([text])


def test_only() -> None:
    is_wanted = chooser(["point=3,rep=0", "rep=7-8"])
    assert [(p, r) for p in range(5) for r in range(9) if is_wanted(p, r)] == [
        (0, 7), (0, 8), (1, 7), (1, 8), (2, 7), (2, 8), (3, 0), (3, 7), (3, 8), (4, 7), (4, 8),
    ]  # fmt: skip


def test_keys_of_random_numbers() -> None:
    assert {stream_key(point, 3, is_common=True) for point in range(5)} == {3}
    own = {stream_key(p, r, is_common=False) for p in range(5) for r in range(5)}
    assert len(own) == 25
    assert stream_key(0, 3, is_common=False) == 3
