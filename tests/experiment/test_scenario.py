"""What the model of a scenario derives, and that it loads fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mailsim.experiment.check import load_scenario

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


def test_mail_hosts_are_those_that_speak_smtp() -> None:
    scenario = load_scenario(EXPERIMENTS / "first_mail.yaml")
    assert scenario.directory.mail_hosts == [
        "mx1.example.org",
        "relay.example.org",
        "mx.example.net",
    ]


def test_final_domains_are_those_it_is_an_exchanger_of() -> None:
    scenario = load_scenario(EXPERIMENTS / "first_mail.yaml")
    assert scenario.directory.final_domains("mx1.example.org") == ("example.org",)
    assert scenario.directory.final_domains("relay.example.org") == ()
    assert scenario.directory.final_domains("mx.example.net") == ("example.net",)


def test_listeners_have_their_defaults() -> None:
    scenario = load_scenario(
        EXPERIMENTS / "first_mail.yaml", ["hosts.mx1.example.org.listen={587: {}, 25: {}}"]
    )
    found = scenario.listeners("mx1.example.org")
    assert (found[587].tls, found[587].auth) == ("encrypt", "required")
    assert (found[25].tls, found[25].auth) == ("may", "none")
    assert list(scenario.listeners("relay.example.org")) == [25]


def test_postfix_defaults_are_those_of_postconf() -> None:
    postfix = load_scenario(EXPERIMENTS / "first_mail.yaml").hosts["mx1.example.org"].postfix
    assert postfix.minimal_backoff_time == 300 * 10**9
    assert postfix.maximal_backoff_time == 4000 * 10**9
    assert postfix.maximal_queue_lifetime == 5 * 86400 * 10**9
    assert postfix.message_size_limit == 10_240_000


def test_check_imports_nothing_heavy() -> None:
    code = (
        "import sys, mailsim.experiment.check; "
        "heavy = {'pandas', 'matplotlib', 'scipy', 'pyarrow', 'simpy', 'networkx', 'dns'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
