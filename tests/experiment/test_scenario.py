"""What the model of a scenario derives, and that it loads fast."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

from mailsim.experiment.check import load_scenario
from mailsim.experiment.model import Postfix
from mailsim.mta.settings import Settings

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
    assert scenario.directory.final_domains("relay.example.org") == ("relay.example.org",)
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


OURS = {
    "default_destination_message_burst",
    "default_destination_message_rate",
    "destination_concurrency_feedback_variant",
    "smtp_pipelining",
    "smtp_chunking",
}
POSTCONF = {
    "smtp_address_preference",
    "alias_maps",
    "default_verp_delimiters",
    "enable_original_recipient",
    "recipient_delimiter",
    "relay_domains",
    "virtual_alias_maps",
    "relayhost",
    "smtp_fallback_relay",
    "transport_maps",
    "smtp_randomize_addresses",
    "bounce_queue_lifetime",
    "bounce_size_limit",
    "default_delivery_slot_cost",
    "default_delivery_slot_discount",
    "default_delivery_slot_loan",
    "default_destination_concurrency_failed_cohort_limit",
    "default_destination_concurrency_limit",
    "default_destination_concurrency_negative_feedback",
    "default_destination_concurrency_positive_feedback",
    "default_destination_rate_delay",
    "default_destination_recipient_limit",
    "default_minimum_delivery_slots",
    "default_process_limit",
    "default_transport_rate_delay",
    "delay_warning_time",
    "disable_vrfy_command",
    "hopcount_limit",
    "in_flow_delay",
    "initial_destination_concurrency",
    "maximal_backoff_time",
    "maximal_queue_lifetime",
    "message_size_limit",
    "minimal_backoff_time",
    "notify_classes",
    "qmgr_message_active_limit",
    "queue_run_delay",
    "smtp_connect_timeout",
    "smtp_connection_cache_on_demand",
    "smtp_connection_reuse_time_limit",
    "smtp_data_done_timeout",
    "smtp_data_init_timeout",
    "smtp_data_xfer_timeout",
    "smtp_helo_timeout",
    "smtp_mail_timeout",
    "smtp_rcpt_timeout",
    "smtp_rset_timeout",
    "smtp_starttls_timeout",
    "smtp_tls_policy_maps",
    "smtp_tls_security_level",
    "smtp_tls_session_cache_database",
    "smtp_tls_session_cache_timeout",
    "smtpd_error_sleep_time",
    "smtpd_forbid_bare_newline",
    "smtpd_hard_error_limit",
    "smtpd_junk_command_limit",
    "smtpd_recipient_limit",
    "smtpd_soft_error_limit",
    "smtpd_timeout",
    "smtpd_tls_auth_only",
}
"""Names that postconf -d knows."""


def test_parameters_are_those_of_postconf_under_their_names() -> None:
    names = set(Postfix.model_fields)
    assert names - OURS <= POSTCONF
    assert names == {field.name for field in dataclasses.fields(Settings)}


def test_a_scenario_that_says_nothing_has_the_defaults_of_the_settings() -> None:
    given, expected = Postfix(), Settings()
    for field in dataclasses.fields(Settings):
        assert getattr(given, field.name) == getattr(expected, field.name), field.name
