"""``--set PATH=VALUE``: where the value goes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario

SCENARIO = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"


def test_without_any_the_file_counts() -> None:
    assert load_scenario(SCENARIO).duration == 60 * 10**9


def test_a_host_name_with_dots_is_one_key() -> None:
    change = "hosts.mx1.example.org.postfix.queue_run_delay=90s"
    assert load_scenario(SCENARIO, [change]).hosts["mx1.example.org"].postfix.queue_run_delay == (
        90 * 10**9
    )


def test_the_last_one_wins_and_values_are_yaml() -> None:
    scenario = load_scenario(
        SCENARIO,
        [
            "duration=5s",
            "duration=2min",
            "record={events: false}",
            "hosts.mx1.example.org.listen.587.tls=may",
        ],
    )
    assert scenario.duration == 120 * 10**9
    assert scenario.record.events is False
    assert scenario.listeners("mx1.example.org")[587].tls == "may"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("duration", "expected PATH=VALUE"),
        ("=5s", "expected PATH=VALUE"),
        ("duration=60", "--set duration=60: expected a duration"),
        ("duraton=60s", "did you mean 'duration'"),
        ("hosts.mx1.example.org.postfix.queue_run_dely=60s", "did you mean 'queue_run_delay'"),
        ("hosts.none.example.org.backlog=5", "unknown key"),
        ("duration.seconds=5", "duration has no keys"),
        ("duration=[1", "not YAML"),
    ],
)
def test_refused(change: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_scenario(SCENARIO, [change])
    assert expected in str(caught.value)


def test_wildcards() -> None:
    scenario = load_scenario(
        SCENARIO, ["hosts.*.service_time=9ms", "links.*.latency=1ms", "hosts.m*.backlog=7"]
    )
    times = [host.service_time.written for host in scenario.hosts.values()]
    assert times == ["0s", "9ms", "9ms", "9ms", "0s"]  # those that had one
    assert {link.latency for link in scenario.links} == {10**6}


def test_a_wildcard_that_matches_nothing() -> None:
    with pytest.raises(ConfigError, match=r"--set hosts\.z\*\.backlog=7: .* matches nothing"):
        load_scenario(SCENARIO, ["hosts.z*.backlog=7"])
