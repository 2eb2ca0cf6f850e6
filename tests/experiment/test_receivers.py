"""Receivers in a scenario: by name, with numbers of one's own, and what is wrong with that."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from mailsim.cli import main
from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario
from mailsim.experiment.receivers import numbers_text
from mailsim.experiment.schema import json_schema
from mailsim.experiment.services import mail_parts
from mailsim.mta.receivers import receivers

FIRST = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"
KEY = "hosts.mx.example.net.receiver"
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def test_every_number_of_every_profile_fits_the_schema() -> None:
    data = load_scenario(FIRST).resolved()
    for name in receivers.names():
        numbers = {key: number.value for key, number in receivers.get(name).numbers.items()}
        data["hosts"]["mx.example.net"]["receiver"] = {name: numbers}
        VALIDATOR.validate(data)


@pytest.mark.parametrize("name", receivers.names())
def test_every_profile_by_name(name: str) -> None:
    scenario = load_scenario(FIRST, [f"{KEY}={name}"])
    assert mail_parts(scenario, "mx.example.net").reception.has_say("MAIL")
    assert "receiver" not in scenario.resolved()["hosts"]["mx1.example.org"]


def test_a_host_without_one_pauses_no_more_than_before() -> None:
    reception = mail_parts(load_scenario(FIRST), "mx.example.net").reception
    assert not reception.has_say("MAIL")
    assert not reception.has_say("GREETING")
    assert reception.shared == frozenset()


def test_a_single_number_is_overridden_from_the_command_line() -> None:
    sets = [f"{KEY}={{gmail-2026-11: {{ip_burst: 7}}}}", f"{KEY}.gmail-2026-11.ip_rate=unlimited"]
    scenario = load_scenario(FIRST, sets)
    own = {"ip_burst": 7, "ip_rate": "unlimited"}
    assert scenario.hosts["mx.example.net"].receiver == {"gmail-2026-11": own}
    VALIDATOR.validate(scenario.resolved())


@pytest.mark.parametrize(
    ("written", "expected", "fits_schema"),
    [
        ("gmail", "unknown receiver 'gmail': known are apple-2026-11, comcast", False),
        ("gmail-2026-12", "did you mean 'gmail-2026-11'?", False),
        ("{gmail: {}}", "unknown receiver 'gmail'", False),
        ("[gmail-2026-11]", "expected a receiver such as gmail-2026-11, or {", False),
        ("{mimecast: {}, self-hosted: {}}", "expected a receiver such as", False),
        ("5", "expected a receiver such as gmail-2026-11", False),
        ("{mimecast: 5}", "expected numbers by name, got 5", False),
        ("{mimecast: {ip_rat: 5/s}}", "unknown number 'ip_rat'; did you mean 'ip_rate'?", False),
        ("{mimecast: {x: 5/s}}", "unknown number 'x': known are new, connections_per_ip", False),
        ("{mimecast: {ip_rate: 5}}", "ip_rate: expected a rate such as 20/s", False),
        ("{mimecast: {ip_rate: 0/s}}", "ip_rate: expected a rate above 0", False),
        ("{mimecast: {ip_burst: unlimited}}", "expected a whole number of 1 or more", False),
        ("{mimecast: {quota_growth: 0.5}}", "expected a number from 1 to 1000", False),
        ("{mimecast: {quota_fall: 1.5}}", "expected a number from 0 to 1", False),
        ("{mimecast: {cool_down: 5}}", "cool_down: expected a duration", False),
        ("{mimecast: {complaints: 200%}}", "complaints: expected a share of at most", False),
        ("{mimecast: {new: mx1.example.org}}", "expected a list of hosts, got", False),
        ("{mimecast: {new: [mx9.example.org]}}", "did you mean 'mx1.example.org'?", True),
        ("{gmail-2026-11: {first_quota: 9000000}}", "a first_quota of at most full_quota", True),
        ("{mimecast: {ip_burst: 5}}", "ip_burst: no effect without ip_rate", True),
    ],
)
def test_what_is_wrong(
    capsys: pytest.CaptureFixture[str], written: str, expected: str, fits_schema: bool
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["check", str(FIRST), "--set", f"{KEY}={written}"])
    assert end.value.code == 2
    assert expected in capsys.readouterr().err
    with pytest.raises(ConfigError):
        load_scenario(FIRST, [f"{KEY}={written}"])
    data = load_scenario(FIRST).resolved()
    from mailsim.experiment.yaml_nodes import parse_value

    data["hosts"]["mx.example.net"]["receiver"] = parse_value(written, "test")
    assert VALIDATOR.is_valid(data) is fits_schema


def test_an_error_in_a_file_has_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s.yaml"
    old = "mx.example.net: {mailboxes: [bob],"
    text = FIRST.read_text(encoding="utf-8")
    path.write_text(text.replace(old, f"{old} receiver: {{mimecast: {{ip_burst: 0}}}},"))
    with pytest.raises(SystemExit):
        main(["check", str(path)])
    said = capsys.readouterr().err
    line = next(i for i, line in enumerate(text.splitlines(), 1) if old in line)
    assert f"s.yaml:{line}:70: ip_burst: expected a whole number of 1 or more, got 0" in said


def test_numbers_and_replies_with_their_sources() -> None:
    text = numbers_text("yahoo-2026-11")
    assert "messages_per_connection  20         KumoMTA shaping.toml" in text
    assert "421 4.7.0 [TSS04] Messages from {address} temporarily deferred" in text


def test_replies_whose_words_nobody_knows_are_told_too() -> None:
    """Each limit of a profile has one; what is said in a run is what is listed."""
    assert numbers_text("mimecast").splitlines()[-4:] == [
        "  connections  421 4.7.0 Too many concurrent connections from {address}",
        "               (assumption)",
        "  messages     421 4.7.0 Too many messages in this connection",
        "               (assumption)",
    ]


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["receivers", "--numbers", "mimecast"], 0, "messages_per_connection  100"),
        (["receivers", "--numbers", "mimcast"], 2, "did you mean 'mimecast'?"),
        (["presets", "--numbers", "exim"], 2, "expected mailsim list receivers --numbers NAME"),
    ],
)
def test_on_the_command_line(
    capsys: pytest.CaptureFixture[str], words: list[str], code: int, expected: str
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["list", *words])
    assert end.value.code == code
    said = capsys.readouterr()
    assert expected in said.out + said.err
