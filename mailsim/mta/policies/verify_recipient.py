"""Recipient verification: ask the next hop before taking mail for it."""

from __future__ import annotations

from dataclasses import dataclass

from mailsim.mta.policies import Asking, Policy, Probe, Seen, Wait, policy
from mailsim.mta.policies._options import count_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.units import parse_duration

__all__ = ["VerifyRecipient"]

_S = 1_000_000_000
_DAY = 86_400 * _S
_EXAMPLE = "{address_verify_negative_expire_time: 3d, unverified_recipient_reject_code: 550}"
_PROBE_TTL_NS = 1000 * _S
"""After which a probe without an outcome is forgotten (verify.c, ``PROBE_TTL``)."""
_TIMES = {
    "address_verify_positive_expire_time": 31 * _DAY,
    "address_verify_positive_refresh_time": 7 * _DAY,
    "address_verify_negative_expire_time": 3 * _DAY,
    "address_verify_negative_refresh_time": 3 * 3600 * _S,
    "address_verify_poll_delay": 3 * _S,
}
_CODES = ("unverified_recipient_reject_code", "unverified_recipient_defer_code")


@dataclass(slots=True)
class _Known:
    """What the cache has about an address.

    Attributes
    ----------
    reply : Reply or None
        What the next hop said last; None if it has not yet.
    updated_ns, probed_ns : int
        When it said so, and when the last probe began; 0 for none under way.
    """

    reply: Reply | None = None
    updated_ns: int = 0
    probed_ns: int = -1


@policy("verify_recipient")
class VerifyRecipient(Policy):
    """Refuse recipients elsewhere whom their next hop does not take, which a probe finds out.

    A probe is a session that ends before DATA.  Its outcome is kept; a known recipient costs
    nothing, and one that is known for long is asked about again while the old outcome counts.
    A new one waits until it is polled with an outcome, ``address_verify_poll_count`` times
    ``address_verify_poll_delay`` apart, else it gets 450.  ``mailsim serve`` probes nobody and
    lets all pass.

    Source: Postfix ``reject_unverified_recipient``, ADDRESS_VERIFICATION_README, ``verify.c``;
    names and defaults of postconf(5), outcomes in ``unverified_recipient_reject_code`` 450 and
    ``unverified_recipient_defer_code`` 450.  That known recipients are forgotten by a crash is
    not modelled: Postfix keeps its ``address_verify_map`` on disk.

    Example::

        verify_recipient: {unverified_recipient_reject_code: 550}

    Parameters
    ----------
    times : dict of str to int
        By postconf(5) name, in ns.
    polls : int
        At least 1.
    reject_code, defer_code : int
    """

    is_shared = True

    def __init__(
        self, times: dict[str, int], polls: int = 3, reject_code: int = 450, defer_code: int = 450
    ) -> None:
        given = {**_TIMES, **times}
        self._expire_ns = {
            is_good: given[f"address_verify_{word}_expire_time"]
            for is_good, word in ((True, "positive"), (False, "negative"))
        }
        self._refresh_ns = {
            is_good: given[f"address_verify_{word}_refresh_time"]
            for is_good, word in ((True, "positive"), (False, "negative"))
        }
        self._delay_ns = given["address_verify_poll_delay"]
        self._polls = polls
        self._codes = {True: defer_code, False: reject_code}
        self._known: dict[str, _Known] = {}

    @classmethod
    def from_options(cls, options: object) -> VerifyRecipient:
        """Return the policy for parameters by their postconf(5) names."""
        known = {
            **dict.fromkeys(_TIMES, parse_duration),
            **dict.fromkeys(_CODES, _code),
            "address_verify_poll_count": _polls,
        }
        given = options_of("verify_recipient", options, known, _EXAMPLE)
        reject, defer = [given.pop(name, 450) for name in _CODES]
        return cls(given, given.pop("address_verify_poll_count", 3), reject, defer)

    def on_rcpt(self, seen: Seen, now_ns: int) -> Asking:
        """Look the recipient up, or wait for what its next hop says."""
        if seen.is_local:
            return None
        to = seen.recipient.lower()
        for i in range(self._polls):
            if i:
                (now_ns,) = yield (Wait(self._delay_ns),)
            known = self._fresh(to, now_ns)
            if self._needs_probe(known, now_ns):
                known.probed_ns = now_ns

                def report(reply: Reply | None, at_ns: int, known: _Known = known) -> None:
                    known.reply, known.updated_ns, known.probed_ns = reply, at_ns, -1

                yield (Probe(seen.recipient, report),)
            if known.reply is not None:
                return self._verdict(seen.recipient, known.reply)
            if known.probed_ns < 0:  # nobody can be asked
                del self._known[to]
                return None
        text = "unverified address: Address verification in progress"
        return _refusal(450, seen.recipient, text)

    def _fresh(self, to: str, now_ns: int) -> _Known:
        """Return what is known and not expired."""
        known = self._known.get(to)
        is_old = (
            known is not None
            and known.reply is not None
            and now_ns - known.updated_ns > self._expire_ns[known.reply.is_positive]
        )
        if known is None or is_old:
            known = self._known[to] = _Known()
        return known

    def _needs_probe(self, known: _Known, now_ns: int) -> bool:
        if known.probed_ns >= 0 and now_ns - known.probed_ns <= _PROBE_TTL_NS:
            return False
        if known.reply is None:
            return True
        return now_ns - known.updated_ns > self._refresh_ns[known.reply.is_positive]

    def _verdict(self, recipient: str, reply: Reply) -> Reply | None:
        if reply.is_positive:
            return None
        kind = "unverified" if reply.is_temporary else "undeliverable"
        return _refusal(self._codes[reply.is_temporary], recipient, f"{kind} address: {reply}")


def _refusal(code: int, recipient: str, text: str) -> Reply:
    said = f"<{recipient}>: Recipient address rejected: {text}"
    return Reply(code, (said,), f"{code // 100}.1.1")


def _code(value: object) -> int:
    if isinstance(value, bool) or value not in (450, 550):
        raise ValueError(f"expected 450 or 550, got {value!r}")
    return int(str(value))


def _polls(value: object) -> int:
    n = count_of(value)
    if not n:
        raise ValueError("expected at least 1, got 0")
    return n
