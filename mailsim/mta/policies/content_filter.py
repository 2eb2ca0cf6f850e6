"""A spam filter: it takes its time, and is sometimes wrong."""

from __future__ import annotations

from collections.abc import Collection, Generator
from heapq import heapreplace

from mailsim.message import domain_of
from mailsim.mta.policies import (
    Action,
    Answers,
    Asking,
    Chance,
    Policy,
    Questions,
    Seen,
    Tag,
    Verdict,
    Wait,
    policy,
)
from mailsim.mta.policies._durations import Draw, duration_of, normal_quantile
from mailsim.mta.policies._options import count_of, one_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.units import parse_share

__all__ = ["ContentFilter"]

_EXAMPLE = "{service_time: 200ms, workers: 2, spam: [spam.example], action: reject}"
_SPREAD = 3.0


@policy("content_filter")
class ContentFilter(Policy):
    """Judge a message by a score, before the final reply or in the queue.

    A message waits for one of ``workers``, in order of arrival, then it takes ``service_time``.
    With ``where: before`` the client waits meanwhile, and its worker slot too; with ``after`` it
    has its 250 and the queue waits.  What is spam in truth are the messages of some sender
    domains, or a share of all drawn by chance.  The score reaches ``required_score`` for
    ``true_positives`` of spam and ``false_positives`` of the rest; it is normally distributed
    with a standard deviation of 3 (an assumption).  What reaches it is refused (``reject``: 554
    before the queue, a report after it), tagged with X-Spam headers (``tag``) or thrown away
    (``discard``).

    Source: Postfix SMTPD_PROXY_README and FILTER_README (before and after the queue; 2 workers as
    in its amavis example); SpamAssassin ``required_score`` 5.0 and its X-Spam headers.  That
    98 % and 0.1 % are recognised, and 200 ms, are assumptions.

    Example::

        content_filter: {service_time: {exponential: {mean: 200ms}}, spam: 45%, action: tag}

    Parameters
    ----------
    draw : callable
        The service time.
    workers : int
        Messages at a time.
    is_after : bool
        Whether it judges in the queue.
    spam : float or collection of str
        Share of messages that are spam, or sender domains whose messages are.
    true_positives, false_positives : float
        Shares of spam, and of the rest, whose score is high enough.
    required_score : float
    action : str
        ``reject``, ``tag`` or ``discard``.
    """

    is_shared = True

    def __init__(
        self,
        draw: Draw,
        workers: int = 2,
        *,
        is_after: bool = False,
        spam: float | Collection[str] = 0.0,
        true_positives: float = 0.98,
        false_positives: float = 0.001,
        required_score: float = 5.0,
        action: str = "reject",
    ) -> None:
        self._draw = draw
        self._is_after = is_after
        self._spam = spam
        self._means = {
            True: required_score + _SPREAD * normal_quantile(true_positives),
            False: required_score + _SPREAD * normal_quantile(false_positives),
        }
        self._required = required_score
        self._action = action
        self._free_ns = [0] * workers

    @classmethod
    def from_options(cls, options: object) -> ContentFilter:
        """Return the policy for ``{service_time: ..., workers: ..., where: ..., ...}``."""
        known = {
            "service_time": duration_of,
            "workers": _workers,
            "where": one_of("before", "after"),
            "spam": _spam,
            "true_positives": parse_share,
            "false_positives": parse_share,
            "required_score": _score,
            "action": one_of("reject", "tag", "discard"),
        }
        given = options_of("content_filter", options, known, _EXAMPLE)
        is_after = given.pop("where", "before") == "after"
        return cls(given.pop("service_time", duration_of("200ms")), is_after=is_after, **given)

    def decides_at(self, stage: str) -> bool:
        """Tell whether it is the stage where it judges."""
        return stage == ("on_queued" if self._is_after else "on_message")

    def on_message(self, seen: Seen, now_ns: int) -> Asking:
        """Judge before the final reply."""
        verdict = yield from self._judge(seen, now_ns)
        return verdict

    def on_queued(self, seen: Seen, now_ns: int) -> Asking:
        """Judge in the queue."""
        verdict = yield from self._judge(seen, now_ns)
        return verdict

    def _judge(self, seen: Seen, now_ns: int) -> Generator[Questions, Answers, Verdict]:
        for_truth, for_time, for_score = yield Chance(), Chance(), Chance()
        end_ns = max(now_ns, self._free_ns[0]) + self._draw(for_time)
        heapreplace(self._free_ns, end_ns)
        yield (Wait(end_ns - now_ns),)
        if isinstance(self._spam, float):
            is_spam = for_truth < self._spam
        else:
            is_spam = domain_of(seen.sender) in self._spam
        score = self._means[is_spam] - _SPREAD * normal_quantile(for_score)
        if score < self._required:
            return None
        if self._action == "discard":
            return Action.DISCARD
        told = f"score={score:.1f} required={self._required:.1f}"
        if self._action == "tag":
            return Tag(("X-Spam-Flag: YES", f"X-Spam-Status: Yes, {told}"))
        return Reply(554, (f"Message rejected as spam, {told}",), "5.7.1")


def _workers(value: object) -> int:
    n = count_of(value)
    if not n:
        raise ValueError("expected at least 1, got 0")
    return n


def _spam(value: object) -> float | frozenset[str]:
    if isinstance(value, list) and all(isinstance(domain, str) for domain in value):
        return frozenset(domain.lower() for domain in value)
    return parse_share(value)


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"expected a number, got {value!r}")
    return float(value)
