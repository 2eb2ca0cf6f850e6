"""Traffic: how many recipients a campaign has, and how they are spread over messages."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms

FIRST = Path(__file__).parents[2] / "experiments" / "first_mail.yaml"


@pytest.mark.parametrize(
    ("recipients", "each", "messages"),
    [(10, 1, [1] * 10), (10, 3, [3, 3, 3, 1]), (9, 3, [3, 3, 3]), (2, 5, [2])],
)
def test_the_last_message_of_a_campaign_gets_what_is_left(
    recipients: int, each: int, messages: list[int]
) -> None:
    run = ms.load(
        FIRST,
        "hosts.mx.example.net.mailboxes=['user*']",
        "traffic.hello={from: alice@example.org, to: example.net, client: office.example.org, "
        f"bulk: {{recipients: {recipients}, start: 1s}}, recipients_per_message: {each}}}",
    ).run()
    assert run.deliveries.groupby("message").size().tolist() == messages
    assert run.deliveries["recipient"].is_unique
    assert run.info["counts"]["submitted"] == recipients


def test_people_never_end() -> None:
    run = ms.load(
        FIRST,
        "hosts.mx.example.net.mailboxes=['user*']",
        "traffic.hello.to=example.net",
        "traffic.hello.recipients_per_message=3",
        "traffic.hello.arrivals={every: 10s}",
    ).run()
    assert run.deliveries.groupby("message").size().tolist() == [3] * 6


def test_a_message_has_as_many_recipients_as_it_should() -> None:
    """300 of a thousand people: many would be drawn twice."""
    run = ms.load(
        FIRST,
        "hosts.mx.example.net.mailboxes=['user*']",
        "traffic.hello.to=example.net",
        "traffic.hello.recipients_per_message=300",
        "traffic.hello.arrivals={every: 20s}",
    ).run()
    counts = run.deliveries.groupby("message")["recipient"].agg(["size", "nunique"])
    assert (counts == 300).all(axis=None)
