"""A search in a scenario: the values of its knob, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.experiment.check import check_report, load_scenario
from mailsim.experiment.knob import Knob

LIMIT = "hosts.mx.example.org.postfix.default_process_limit"


@pytest.mark.parametrize(
    ("ends", "step", "n", "values"),
    [
        ((1, 200), 0.1, 199, {0: 1, 7: 8, 199: 200}),
        ((0.5, 1.5), 0.1, 10, {0: 0.5, 3: 0.8, 10: 1.5}),
        ((1, 2.0), 0.5, 2, {0: 1.0, 1: 1.5}),
        (("10ms", "2s"), 0.5, 2, {0: "10ms", 1: "1005ms", 2: "2s"}),
        (("0ns", "3ns"), 0.01, 3, {1: "1ns", 3: "3ns"}),  # no more steps than there are values
        (("1 MB", "3 MB"), 0.25, 4, {1: "1500 kB"}),
        (("1 Mbit/s", "2 Mbit/s"), 0.01, 100, {1: "1010 kbit/s"}),
        (("1/s", "4/s"), 0.1, 10, {1: "78/min", 2: "96/min", 10: "4/s"}),
        (("0%", "1%"), 0.1, 10, {3: "0.3%", 10: "1%"}),
    ],
)
def test_knob(ends: tuple[object, object], step: float, n: int, values: dict[int, object]) -> None:
    knob = Knob(*ends, step)
    assert knob.n == n
    assert {at: knob.at(at) for at in values} == values


def found(tmp_path: Path, find: str) -> str:
    path = queue_file(tmp_path)
    path.write_text(f"{path.read_text()}find: {{{find}}}\n")
    return check_report(load_scenario(path))


def test_check_tells_what_is_looked_for(tmp_path: Path) -> None:
    told = found(tmp_path, f"smallest: {LIMIT}, between: [1, 20], such_that: finished < 9h")
    assert f"find: the smallest {LIMIT} between 1 and 20 such that finished < 9h" in told


SMALLEST = f"smallest: {LIMIT}, between: [1, 20]"
TEST = "such_that: finished < 9h"


@pytest.mark.parametrize(
    ("find", "expected"),
    [
        (f"{SMALLEST}, such_that: finised < 9h", "unknown measure 'finised': known are attempts"),
        (f"{SMALLEST}, such_that: finished", "expected one of <, <=, >, >=, got 'the end'"),
        (f"{SMALLEST}, such_that: 'finished(traffic=a) < 1h'", "no traffic 'a' in the scenario"),
        (SMALLEST, "the key 'such_that' is missing"),
        (f"between: [1, 20], {TEST}", "expected either smallest or largest"),
        (f"{SMALLEST}, largest: duration, {TEST}", "expected either smallest or largest"),
        (f"smallest: {LIMIT}, between: 5, {TEST}", "expected two ends such as [1, 200], got 5"),
        (f"smallest: {LIMIT}, between: [5, 5], {TEST}", "expected the lower end first, got 5 and"),
        (f"smallest: {LIMIT}, between: [true, 5], {TEST}", "expected two numbers or quantities"),
        (f"smallest: {LIMIT}, between: [1s, 5/s], {TEST}", "two quantities of one kind, such as"),
        (f"smallest: {LIMIT}, between: [0, 5], {TEST}", "20:80: expected greater than or equal"),
        (f"smallest: {LIMIT}, between: [1s, 5s], {TEST}", "20:80: expected a valid integer, got"),
        (f"smallest: hosts.no.backlog, between: [1, 5], {TEST}", "20:18: hosts.no.backlog matches"),
        (f"smallest: seed, between: [1, 5], {TEST}", "20:18: seed cannot be swept: repeat gives"),
        (f"{SMALLEST}, {TEST}, step: 0%", "expected a step of more than 0%"),
        (f"{SMALLEST}, {TEST}, repeat: 50", "expected max of at least the 50 of repeat"),
        (f"{SMALLEST}, {TEST}, reps: 50", "unknown key 'reps'"),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, find: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        found(tmp_path, find)
    assert expected in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/queue.yaml:20:")


def test_no_sweep_beside_it(tmp_path: Path) -> None:
    path = queue_file(tmp_path, "  repeat: 5\n")
    path.write_text(f"{path.read_text()}find: {{{SMALLEST}, {TEST}}}\n")
    with pytest.raises(ConfigError, match="22:1: expected a sweep or a search, got both"):
        load_scenario(path)


def test_refused_from_python(tmp_path: Path) -> None:
    experiment = ms.load(queue_file(tmp_path))
    with pytest.raises(ConfigError, match=r"find\.between: Field required"):
        experiment.find(smallest=LIMIT, such_that="finished < 9h")
    with pytest.raises(ConfigError, match=r"find\.smallest: hosts\.no\.backlog matches nothing"):
        experiment.find(smallest="hosts.no.backlog", between=(1, 2), such_that="finished < 9h")


def test_a_path_that_is_wrong_at_both_ends_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown key 'nope'") as caught:
        found(tmp_path, f"largest: nope.x, between: [1, 3], {TEST}")
    assert [problem.path for problem in caught.value.problems] == [("find", "largest")]
