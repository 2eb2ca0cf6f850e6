"""What tests of receivers share: a client that sends to one and counts what comes back."""

from __future__ import annotations

from collections import Counter

from mailsim.mta.policies import Seen
from mailsim.mta.receivers import receivers
from mailsim.mta.receivers._pushback import Pushback

S = 1_000_000_000
SEEN = Seen("mx1.example.org", "192.0.2.25", "mx1", "", "a@example.org", "", False)


def receiver(name: str, **own: object) -> Pushback:
    return Pushback(receivers.get(name), own)


def sent(taker: Pushback, n: int, now_ns: int = 0, to: str = "", seen: Seen = SEEN) -> Counter[str]:
    """Send messages at one time, a session each; count what comes of them, by reply."""
    outcomes: Counter[str] = Counter()
    for i in range(n):
        recipient = to or f"user{i}@example.net"
        asked = seen._replace(recipient=recipient, is_local=True)
        reply = taker.on_mail(seen, now_ns) or taker.on_rcpt(asked, now_ns)
        reply = reply or taker.on_message(seen, now_ns)
        outcomes["sent" if reply is None else f"{reply.code} {reply.enhanced}"] += 1
    return outcomes


def connections(taker: Pushback, n: int) -> list[str]:
    """Open connections, one after another; return the replies of those that are refused."""
    said = []
    for _ in range(n):
        taker.on_open(SEEN.address, 0)
        reply = taker.on_connect(SEEN, 0)
        if reply is not None:
            said.append(str(reply))
    return said


def session(taker: Pushback, n: int) -> list[str]:
    """Send messages in one session; return the replies of those MAIL that are refused."""
    said = []
    for i in range(n):
        reply = taker.on_mail(SEEN._replace(n_transactions=i), 0)
        if reply is not None:
            said.append(str(reply))
    return said
