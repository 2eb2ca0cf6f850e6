"""A spam filter: workers, time, score, verdict."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from mailsim.mta.policies import Action, Asking, Seen, Tag, Verdict, Wait
from mailsim.mta.policies._durations import duration_of
from mailsim.mta.policies.content_filter import ContentFilter
from mailsim.smtp import Reply

S = 1_000_000_000
SPAM = Seen("out", "192.0.2.25", "out", "", "a@Spam.example", "", False)
HAM = SPAM._replace(sender="a@good.example")


def made(**options: object) -> ContentFilter:
    given = {"service_time": "3s", "workers": 2, "spam": ["spam.example"], **options}
    return ContentFilter.from_options(given)


def judged(asking: Asking, *chances: float) -> tuple[int, Verdict]:
    """Answer its questions; return how long it takes, in seconds, and the verdict."""
    next(asking)
    (wait,) = asking.send(chances)
    assert isinstance(wait, Wait)
    with pytest.raises(StopIteration) as stop:
        asking.send((0,))
    verdict: Verdict = stop.value.value
    return wait.ns // S, verdict


def test_messages_wait_for_a_worker() -> None:
    policy = made()
    took = [judged(policy.on_message(HAM, now * S), 0.5, 0.5, 0.5)[0] for now in (0, 1, 2, 2, 20)]
    assert took == [3, 3, 4, 5, 3]


@pytest.mark.parametrize(
    ("seen", "chance", "is_flagged"),
    [(SPAM, 0.97, True), (SPAM, 0.99, False), (HAM, 0.0005, True), (HAM, 0.002, False)],
)
def test_rates(seen: Seen, chance: float, is_flagged: bool) -> None:
    _, verdict = judged(made().on_message(seen, 0), 0.5, 0.5, chance)
    assert (verdict is not None) == is_flagged


@pytest.mark.parametrize(("chance", "is_spam"), [(0.44, True), (0.46, False)])
def test_a_share_of_all_may_be_spam(chance: float, is_spam: bool) -> None:
    policy = made(spam="45%", true_positives="100%", false_positives="0%")
    _, verdict = judged(policy.on_message(HAM, 0), chance, 0.5, 0.5)
    assert (verdict is not None) == is_spam


def test_verdicts() -> None:
    score = 5 + 3 * (NormalDist().inv_cdf(0.98) - NormalDist().inv_cdf(0.5))
    told = f"score={score:.1f} required=5.0"
    verdicts = {
        "reject": Reply(554, (f"Message rejected as spam, {told}",), "5.7.1"),
        "tag": Tag(("X-Spam-Flag: YES", f"X-Spam-Status: Yes, {told}")),
        "discard": Action.DISCARD,
    }
    for action, verdict in verdicts.items():
        assert judged(made(action=action).on_message(SPAM, 0), 0.5, 0.5, 0.5)[1] == verdict


def test_before_the_queue_or_after() -> None:
    before, after = made(), made(where="after")
    assert before.decides_at("on_message")
    assert not before.decides_at("on_queued")
    assert after.decides_at("on_queued")
    assert not after.decides_at("on_message")
    assert judged(after.on_queued(SPAM, 0), 0.5, 0.5, 0.5)[1] is not None


@pytest.mark.parametrize(
    ("written", "u", "seconds"),
    [
        ("2s", 0.9, 2.0),
        ({"exponential": {"mean": "2s"}}, 1 - math.exp(-1), 2.0),
        ({"exponential": {"mean": "2s"}}, 0.0, 0.0),
        ({"uniform": {"low": "1s", "high": "3s"}}, 0.25, 1.5),
        ({"weibull": {"mean": "2s", "shape": 1}}, 1 - math.exp(-1), 2.0),
        ({"weibull": {"mean": "2s", "shape": 0.5}}, 1 - math.exp(-3), 9.0),
        ({"lognormal": {"mean": "2s", "cv": 0}}, 0.3, 2.0),
        ({"lognormal": {"mean": "2s", "cv": 1}}, 0.5, 2 / math.sqrt(2)),
    ],
)
def test_durations(written: object, u: float, seconds: float) -> None:
    assert duration_of(written)(u) / S == pytest.approx(seconds, abs=1e-8)


@pytest.mark.parametrize(
    "options",
    [
        None,
        {"service_time": 3},
        {"service_time": {"exponential": "2s"}},
        {"service_time": {"gamma": {"mean": "2s"}}},
        {"service_time": {"gamma": {}}},
        {"service_time": {"uniform": {"low": "3s", "high": "1s"}}},
        {"service_time": {"weibull": {"mean": "2s"}}},
        {"service_time": {"weibull": {"mean": "2s", "shape": 0}}},
        {"service_time": {"weibull": {"mean": "2s", "shape": True}}},
        {"service_time": {"lognormal": {"mean": "2s", "cv": -1}}},
        {"service_time": {"lognormal": {"mean": "2s", "cv": True}}},
        {"service_time": {"lognormal": {"mean": "2s", "cv": "1"}}},
        {"workers": 0},
        {"where": "here"},
        {"spam": [1]},
        {"spam": 0.5},
        {"required_score": "5"},
        {"required_score": True},
        {"action": "no"},
    ],
)
def test_options(options: object) -> None:
    with pytest.raises(ValueError, match=r"content_filter: .*expected"):
        ContentFilter.from_options(options)
    assert made(required_score=6).decides_at("on_message")
