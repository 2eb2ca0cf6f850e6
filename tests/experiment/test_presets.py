"""Presets in a scenario: beneath what it says itself; and their timetables on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.cli import main
from mailsim.errors import ConfigError
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.experiment.presets import with_preset
from mailsim.mta.presets import presets
from mailsim.mta.retry import Backoff, Spaced
from mailsim.record.log import Log

ROOT = Path(__file__).parents[2]
FIRST = ROOT / "experiments" / "first_mail.yaml"
MX1 = "hosts.mx1.example.org"
GREYLIST = "hosts.mx.example.net.policies=[{greylist: {delay: 5min}}]"


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_gives_parameters_that_exist_and_a_source_for_each(name: str) -> None:
    scenario = load_scenario(FIRST, [f"{MX1}.preset={name}"])
    host = scenario.hosts["mx1.example.org"]
    for key, value in presets.get(name).values.items():
        assert key in host.postfix.model_fields_set
        assert value.source
    assert host.scheduler == presets.get(name).scheduler


def test_what_the_scenario_says_comes_first() -> None:
    sets = [f"{MX1}.preset=exim", f"{MX1}.postfix.maximal_queue_lifetime=2d"]
    scenario = load_scenario(FIRST, sets)
    postfix = scenario.hosts["mx1.example.org"].postfix
    assert postfix.maximal_queue_lifetime == 2 * 86400 * 10**9
    assert postfix.hopcount_limit == 30, "of the preset"
    resolved = scenario.resolved()["hosts"]["mx1.example.org"]
    assert with_preset(resolved) == resolved, "read again, it is the same host"


@pytest.mark.parametrize(("preset", "kind"), [("exim", Spaced), ("postfix-3.12", Backoff)])
def test_a_host_tries_again_as_its_preset_does(preset: str, kind: type) -> None:
    world = build_world(load_scenario(FIRST, [f"{MX1}.preset={preset}"]), 1, Log())
    assert type(world.mail_hosts["mx1.example.org"].queue.retry) is kind


@pytest.mark.parametrize(
    ("preset", "minutes"),
    [("exim", 15), ("kumomta", 20), ("opensmtpd", 400 / 60), ("stalwart", 7)],
)
def test_the_delay_behind_a_greylist(preset: str, minutes: float) -> None:
    """Five minutes of greylisting cost a sender the time of its first retry after them."""
    sets = [f"hosts.relay.example.org.preset={preset}", GREYLIST, "duration=30min"]
    run = ms.load(FIRST, *sets).run(seed=1)
    (delay_s,) = run.deliveries.delay_s
    assert delay_s == pytest.approx(60 * minutes, rel=0.02)


@pytest.mark.parametrize("name", ["postfix-3.21", "postfix"])
def test_an_unknown_preset(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_scenario(FIRST, [f"{MX1}.preset={name}"])
    assert f"unknown preset {name!r}: known are aol, exchange" in str(caught.value)
    assert "did you mean 'postfix-3.12'?" in str(caught.value)


def test_a_preset_for_what_is_no_mapping_is_told_of_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_scenario(FIRST, [f"{MX1}.preset=exim", f"{MX1}.postfix=5"])
    assert "expected a mapping of keys, got 5" in str(caught.value)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    out, err = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, out + err


def test_the_timetable_of_a_preset(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["list", "presets", "--timetable", "postfix-3.12", "--phase", "81s"]
    code, text = said(capsys, *words)
    assert code == 0
    times = [line.split()[1] for line in text.splitlines()[2:8]]
    assert times == ["0:00", "6:21", "16:21", "36:21", "76:21", "146:21"]
    assert text.splitlines()[-1] == "... 107 attempts in all, the last after 5.01 d"
    code, text = said(capsys, "list", "presets", "--timetable", "aol")
    assert [line.split()[1] for line in text.splitlines()[2:]] == [
        "0:00", "5:32", "11:32", "21:32", "31:32"
    ]  # fmt: skip


def test_a_timetable_counts_all_attempts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five days of one every four minutes, and a few more before: all of them, however many."""
    words = ["list", "presets", "--timetable", "hotmail"]
    last = "... 1804 attempts in all, the last after 5 d"
    assert said(capsys, *words)[1].splitlines()[-1] == last
    monkeypatch.setattr("mailsim.experiment.presets._MOST_RETRIES", 99)
    assert said(capsys, *words)[1].splitlines()[-1] == "... attempt 100 after 6.4 h"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["list", "policies", "--timetable", "exim"], "expected mailsim list presets --timetable"),
        (["list", "presets", "--phase", "5s"], "expected mailsim list presets --timetable NAME"),
        (["list", "presets", "--timetable", "exim", "--phase", "5"], "--phase: "),
        (["list", "presets", "--timetable", "exin"], "did you mean 'exim'?"),
    ],
)
def test_a_timetable_that_cannot_be(
    capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    code, text = said(capsys, *words)
    assert code == 2
    assert expected in text
