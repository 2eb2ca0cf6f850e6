"""A relay that tells its scheduler how deliveries fared: dead destinations, delays, transports."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.errors import ConfigError

ROOT = Path(__file__).parents[2]
LIMITER = ROOT / "experiments" / "postfix_scheduler" / "limiter_fixed.yaml"
OUT = "hosts.out.example.org"


def run(*sets: str) -> ms.Run:
    return ms.load(LIMITER, *sets).run(seed=1)


def test_mail_for_a_dead_destination_is_deferred_untried_until_the_timer_ends() -> None:
    """Ten messages to a host that refuses to talk: three tries of a window of five kill it."""
    finished = run(
        "traffic.list.bulk.recipients=20",
        "hosts.mx.example.net.listen={26: {tls: none}}",
        f"{OUT}.postfix.destination_concurrency_feedback_variant=c",
        f"{OUT}.postfix.minimal_backoff_time=10min",
        "duration=16min",
    )
    attempts = finished.attempts[finished.attempts.host == "out.example.org"]
    first = attempts[attempts.ended_at_s < 300].drop_duplicates("message")
    tried = first[~first.reply.str.contains("suspended")]
    assert len(first) == 10
    assert 3 <= len(tried) <= 5
    suspended = first[first.reply.str.contains("suspended")]
    assert set(suspended.relay) == {"none"}
    assert suspended.reply.str.startswith("4.4.1 delivery temporarily suspended: connect to").all()
    assert (suspended.c_s + suspended.d_s == 0).all(), "postfix: delays=a/b/0/0"
    second = attempts[attempts.ended_at_s > 300]
    assert not second.iloc[0].reply.startswith("4.4.1 delivery temporarily"), "it is tried anew"


def test_deliveries_to_a_destination_keep_their_distance() -> None:
    finished = run(
        "traffic.list.bulk.recipients=10",
        f"{OUT}.postfix.initial_destination_concurrency=1",
        f"{OUT}.postfix.default_destination_rate_delay=5s",
        "hosts.mx.example.net.service_time=1s",
    )
    attempts = finished.attempts[finished.attempts.host == "out.example.org"]
    ends = attempts.drop_duplicates("message").ended_at_s.to_numpy()
    assert len(ends) == 5
    assert all(step == pytest.approx(6, abs=0.1) for step in ends[1:] - ends[:-1])


def test_a_transport_has_limits_of_its_own() -> None:
    finished = run(
        "traffic.list.bulk.recipients=20",
        f"{OUT}.transports={{slow: {{maxproc: 2, destination_recipient_limit: 1}}}}",
        f"{OUT}.route={{example.net: 'slow:[mx.example.net]'}}",
        "hosts.mx.example.net.service_time=1s",
    )
    attempts = finished.attempts[finished.attempts.host == "out.example.org"]
    assert set(attempts.destination) == {"slow:[mx.example.net]"}
    assert (attempts.status == "sent").all()
    assert attempts.ended_at_s.max() == pytest.approx(10, abs=0.5), "20 deliveries, two at a time"


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (
            [f"{OUT}.transports={{slow: {{}}}}", f"{OUT}.scheduler=fifo"],
            "transport slow: no effect with this scheduler; set scheduler: preemptive",
        ),
        (
            [f"{OUT}.postfix.default_destination_message_burst=5"],
            "default_destination_message_burst: no effect without default_destination_message_rate",
        ),
        (
            [f"{OUT}.scheduler=fifo", f"{OUT}.postfix.default_destination_message_rate=5/s"],
            "default_destination_message_rate: no effect with the scheduler fifo",
        ),
        ([f"{OUT}.transports={{'a:b': {{}}}}"], "expected letters, digits, - and _ in a name"),
        (
            [f"{OUT}.route={{example.net: 'slo:[mx.example.net]'}}"],
            "unknown transport 'slo': known are smtp, relay, error, retry, discard",
        ),
    ],
)
def test_a_transport_that_cannot_be(sets: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ms.load(LIMITER, *sets)
    assert said in str(caught.value)


def test_who_brings_mail_faster_than_it_becomes_active_is_slowed_down() -> None:
    """Five tokens, one message active at a time: most of fifty submissions wait for a second."""

    def submitted_s(*sets: str) -> float:
        finished = run(
            "traffic.list.bulk.recipients=100",
            f"{OUT}.postfix.qmgr_message_active_limit=1",
            f"{OUT}.postfix.default_process_limit=5",
            "hosts.list.example.org.clients.connections=1",
            *sets,
        )
        attempts = finished.attempts[finished.attempts.host == "list.example.org"]
        return float(attempts.ended_at_s.max())

    assert submitted_s() < 2
    assert 20 < submitted_s(f"{OUT}.postfix.in_flow_delay=1s") < 50


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            "initial_destination_concurrency=30",
            "initial_destination_concurrency, 30, is above default_destination_concurrency_",
        ),
        (
            "minimal_backoff_time=2h",
            "minimal_backoff_time, 2 h, is above maximal_backoff_time, 1 h",
        ),
        (
            "maximal_queue_lifetime=10min",
            "maximal_queue_lifetime, 10 min, is below minimal_backoff_time, 1 h",
        ),
        (
            "smtpd_soft_error_limit=21",
            "smtpd_soft_error_limit, 21, is above smtpd_hard_error_limit, 20",
        ),
        (
            "default_destination_concurrency_positive_feedback=2",
            "expected a number above 0 and at most 1, alone or followed by /concurrency",
        ),
        ("default_delivery_slot_discount=101", "less than or equal to 100, got 101"),
    ],
)
def test_values_that_contradict_each_other(setting: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ms.load(LIMITER, f"{OUT}.postfix.{setting}")
    assert said in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_what_has_no_effect_with_the_scheduler_is_refused_with_its_place(tmp_path: Path) -> None:
    text = LIMITER.read_text(encoding="utf-8").replace("    scheduler: preemptive\n", "")
    path = tmp_path / "limiter.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        ms.load(path)
    line = text.splitlines().index("      destination_concurrency_feedback_variant: readme") + 1
    assert f"{path}:{line}:7: destination_concurrency_feedback_variant: no effect with the" in str(
        caught.value
    )


def test_an_unknown_name_of_postconf() -> None:
    with pytest.raises(ConfigError) as caught:
        ms.load(LIMITER, f"{OUT}.postfix.initial_destination_concurency=3")
    assert "did you mean 'initial_destination_concurrency'?" in str(caught.value)
