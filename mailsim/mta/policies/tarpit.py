"""Tarpit: let a client wait for its replies."""

from __future__ import annotations

from collections.abc import Generator

from mailsim.mta.policies import Answers, Asking, Policy, Questions, Seen, Wait, policy
from mailsim.mta.policies._options import count_of, one_of
from mailsim.options import options_of
from mailsim.units import parse_duration

__all__ = ["Tarpit"]

_STAGES = ("connect", "helo", "mail", "rcpt", "data", "message")
_EXAMPLE = "{delay: 5s, stage: rcpt, after: 10}"


@policy("tarpit")
class Tarpit(Policy):
    """Hold the reply of a stage back, at RCPT from some number of recipients on.

    It refuses nothing; what stands before it in the list and refuses is not delayed.
    Authenticated clients are exempt.  Meanwhile the client holds its worker slot.

    Source: Exchange's ``TarpitInterval`` 5 s (Set-ReceiveConnector); for recipients the
    ``tarpitcount`` and ``tarpitdelay`` of Chris Johnson's patch to qmail, 5 s.
    Postfix holds back by errors: ``smtpd_error_sleep_time``, under ``postfix:``.

    Example::

        tarpit: {delay: 5s, stage: rcpt, after: 10}

    Parameters
    ----------
    delay_ns : int
    stage : str
        ``connect``, ``helo``, ``mail``, ``rcpt``, ``data`` or ``message``.
    after : int
        Recipients of the message that are answered at once.
    """

    def __init__(self, delay_ns: int, stage: str = "rcpt", after: int = 0) -> None:
        self.delay_ns = delay_ns
        self.stage = stage
        self.after = after

    @classmethod
    def from_options(cls, options: object) -> Tarpit:
        """Return the policy for ``{delay: ..., stage: ..., after: ...}``."""
        known = {"delay": parse_duration, "stage": one_of(*_STAGES), "after": count_of}
        given = options_of("tarpit", options, known, _EXAMPLE)
        if given.get("stage", "rcpt") != "rcpt" and "after" in given:
            raise ValueError("tarpit: after: expected with stage: rcpt only")
        return cls(given.pop("delay", 5_000_000_000), **given)

    def decides_at(self, stage: str) -> bool:
        """Tell whether it is this stage."""
        return stage == f"on_{self.stage}"

    def on_connect(self, seen: Seen, now_ns: int) -> Asking:
        """Hold the greeting back."""
        yield from self._hold(seen)
        return None

    def on_helo(self, seen: Seen, now_ns: int) -> Asking:
        """Hold the reply to EHLO or HELO back."""
        yield from self._hold(seen)
        return None

    def on_mail(self, seen: Seen, now_ns: int) -> Asking:
        """Hold the reply to MAIL back."""
        yield from self._hold(seen)
        return None

    def on_rcpt(self, seen: Seen, now_ns: int) -> Asking:
        """Hold the reply to RCPT back, once there are too many."""
        if seen.n_recipients >= self.after:
            yield from self._hold(seen)
        return None

    def on_data(self, seen: Seen, now_ns: int) -> Asking:
        """Hold the reply to DATA back."""
        yield from self._hold(seen)
        return None

    def on_message(self, seen: Seen, now_ns: int) -> Asking:
        """Hold the final reply back."""
        yield from self._hold(seen)
        return None

    def _hold(self, seen: Seen) -> Generator[Questions, Answers, None]:
        if not seen.user:
            yield (Wait(self.delay_ns),)
