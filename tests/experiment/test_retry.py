"""Hosts' key ``retry``: waits of their own."""

from __future__ import annotations

from math import log
from pathlib import Path

import pytest

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.experiment.retry_model import Retries
from mailsim.mta.retry import Retry, timetable
from mailsim.mta.settings import Settings

BACKOFF = Path(__file__).parents[2] / "experiments" / "theory" / "backoff.yaml"
RETRY = "hosts.out.example.org.retry"


def plan(options: dict[str, object], uniform: float = 0.0) -> Retry:
    return Retries.model_validate(options).plan(Settings(), lambda: uniform)


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({"first": "300s"}, [0, 300, 900, 2100, 4500, 9300]),
        ({"first": "300s", "most": "4000s"}, [0, 300, 900, 2100, 4500, 8500, 12500]),
        ({"first": "1min", "factor": 1}, [0, 60, 120, 180]),
        ({"first": "1min", "factor": 1.5}, [0, 60, 150, 285]),
        ({"first": "10min", "most": "5min"}, [0, 300, 600]),
    ],
)
def test_waits_grow(options: dict[str, object], seconds: list[int]) -> None:
    times = timetable(plan(options), most=len(seconds) - 1)
    assert [ns / 1e9 for ns in times[: len(seconds)]] == seconds


def test_the_last_attempt() -> None:
    retry = plan({"first": "1s", "attempts": 3})
    assert [ns / 1e9 for ns in timetable(retry)] == [0, 1, 3]


def test_mail_that_is_too_old_is_given_up() -> None:
    retry = plan({"first": "1d"})
    assert [ns // 86_400_000_000_000 for ns in timetable(retry)] == [0, 1, 3, 7]


@pytest.mark.parametrize(("uniform", "seconds"), [(0, [0, 60, 180]), (0.5, [0, 66, 198])])
def test_jitter_lengthens_each_wait(uniform: float, seconds: list[int]) -> None:
    retry = plan({"first": "60s", "jitter": "20%"}, uniform)
    assert [ns / 1e9 for ns in timetable(retry, most=2)] == seconds


@pytest.mark.parametrize(("uniform", "seconds"), [(0, [0, 0, 0]), (0.5, [0, 60, 180])])
def test_waits_without_memory(uniform: float, seconds: list[float]) -> None:
    """The median of an exponential wait is ln 2 times its mean."""
    retry = plan({"first": "60s", "memoryless": True}, uniform)
    times = [ns / 1e9 for ns in timetable(retry, most=2)]
    assert times == pytest.approx([log(2) * at for at in seconds], abs=1e-6)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("retry={first: 0s}", "expected a duration above 0s"),
        ("retry={factor: 2}", "first"),
        ("retry={first: 1s, factor: 0.5}", "greater than or equal to 1|at least 1"),
        ("retry={first: 1s, attempts: 0}", "attempts"),
        ("retry={first: 1s, jitter: 0.2}", "expected a share"),
        ("retry={first: 1s, every: 2s}", "unknown key 'every'"),
    ],
)
def test_bad_options(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ms.load(BACKOFF, f"hosts.out.example.org.{override}")
