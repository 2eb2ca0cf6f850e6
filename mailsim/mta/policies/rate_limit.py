"""A rate limit: a token bucket for each client, sender or recipient."""

from __future__ import annotations

import re

from mailsim.message import domain_of
from mailsim.mta.bucket import Buckets
from mailsim.mta.policies import Policy, Seen, policy
from mailsim.mta.policies._options import count_of, one_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.smtp.replies import PERMITTED
from mailsim.units import positive_rate

__all__ = ["RateLimit"]

_AT_MAIL = ("client", "sender", "sender_domain")
_AT_RCPT = ("recipient", "recipient_domain")
_EXAMPLE = "{rate: 10/s, burst: 5, per: client}"
_REPLY = re.compile(r"([45][0-9][0-9]) ([45]\.[0-9]{1,3}\.[0-9]{1,3}) (\S.*)")
_USUAL = "450 4.7.1 Too much mail, try again later"


@policy("rate_limit")
class RateLimit(Policy):
    """Refuse what comes faster than a rate, beyond a burst.

    Each client address, sender, sender domain, recipient or recipient domain has a bucket of
    ``burst`` tokens, full at first, that fills at the rate; what finds no token is refused and
    costs none.  Clients and senders are looked at at MAIL, the null sender is exempt; recipients
    at RCPT.  Further limits are further policies; one that passes has taken its token, even if a
    later one refuses.

    Source: the module ratelimit of rspamd, ``{burst, rate}`` by client, sender or recipient;
    theory: ITU-T I.371 annex A.  A bucket without retries is a loss system: Poisson arrivals see
    an M/D/1 line with room for ``burst``.  The reply is an assumption: Postfix's to clients above
    their rate limits, in other words.

    Example::

        rate_limit: {rate: 10/s, burst: 5, per: client, reply: "421 4.7.0 Slow down"}

    Parameters
    ----------
    rate_per_s : float
        Above 0.
    burst : int
        At least 1.
    per : str
        ``client``, ``sender``, ``sender_domain``, ``recipient`` or ``recipient_domain``.
    reply : Reply
    """

    is_shared = True

    def __init__(self, rate_per_s: float, burst: int, per: str, reply: Reply) -> None:
        self._buckets = Buckets(rate_per_s, burst)
        self.per = per
        self.reply = reply

    @classmethod
    def from_options(cls, options: object) -> RateLimit:
        """Return the policy for ``{rate: ..., burst: ..., per: ..., reply: ...}``."""
        known = {
            "rate": positive_rate,
            "burst": _burst,
            "per": one_of(*_AT_MAIL, *_AT_RCPT),
            "reply": _reply,
        }
        given = options_of("rate_limit", options, known, _EXAMPLE)
        if "rate" not in given:
            raise ValueError(f"rate_limit: expected {_EXAMPLE}, got no rate")
        per, reply = given.get("per", "client"), given.get("reply", _reply(_USUAL))
        verb = "RCPT" if per in _AT_RCPT else "MAIL"
        if reply.code not in PERMITTED[verb]:
            raise ValueError(f"rate_limit: reply: {reply.code} may not answer {verb}")
        return cls(given["rate"], given.get("burst", 1), per, reply)

    def decides_at(self, stage: str) -> bool:
        """Tell whether it is the stage where what it counts is known."""
        return stage == ("on_rcpt" if self.per in _AT_RCPT else "on_mail")

    def on_mail(self, seen: Seen, now_ns: int) -> Reply | None:
        """Take a token of the client's or sender's, or refuse."""
        if self.per == "client":
            return self._take(seen.address, now_ns)
        if not seen.sender:
            return None
        return self._take(self._of(seen.sender), now_ns)

    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        """Take a token of the recipient's, or refuse."""
        return self._take(self._of(seen.recipient), now_ns)

    def _of(self, address: str) -> str:
        return domain_of(address) if self.per.endswith("domain") else address.lower()

    def _take(self, key: str, now_ns: int) -> Reply | None:
        return None if self._buckets.take(key, now_ns) else self.reply


def _burst(value: object) -> int:
    n = count_of(value)
    if not n:
        raise ValueError("expected at least 1, got 0")
    return n


def _reply(value: object) -> Reply:
    match = _REPLY.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[1][0] != match[2][0]:
        raise ValueError(f"expected a reply such as '{_USUAL}', got {value!r}")
    return Reply(int(match[1]), (match[3],), match[2])
