"""Evaluations that ask one question after another, as policies ask."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from mailsim.dns import Answer
from mailsim.mta.auth.dkim import DkimOutcome, signatures_of, verify
from mailsim.mta.auth.spf import SpfOutcome, check_host
from mailsim.mta.policies import Answers, Lookup, Questions, Seen, Wait

__all__ = ["checked", "looked_up", "spf_of"]

T = TypeVar("T")


def looked_up(
    evaluation: Generator[tuple[str, str], Answer, T],
) -> Generator[Questions, Answers, T]:
    """Return what an evaluation comes to, its questions being looked up."""
    try:
        name, type = next(evaluation)
        while True:
            (answer,) = yield (Lookup(name, type),)
            name, type = evaluation.send(answer)
    except StopIteration as done:
        outcome: T = done.value
        return outcome


def spf_of(seen: Seen, identity: str, now_ns: int) -> Generator[Questions, Answers, SpfOutcome]:
    """Evaluate SPF for the client (RFC 7208 sections 2.3 and 2.4).

    Parameters
    ----------
    seen : Seen
    identity : str
        ``helo``, or ``mailfrom``: the sender, or the name of the client if there is none.
    now_ns : int
    """
    sender = seen.sender
    if identity == "helo" or not sender:
        sender = f"postmaster@{seen.helo}"
    domain = sender.rpartition("@")[2]
    try:
        evaluation = check_host(
            seen.address, domain, sender, seen.helo, unix_s=now_ns // 1_000_000_000
        )
    except ValueError:  # a client on a socket without an address
        return SpfOutcome("none", f"{seen.address!r} is no address")
    return (yield from looked_up(evaluation))


def checked(seen: Seen, verify_ns: int = 0) -> Generator[Questions, Answers, list[DkimOutcome]]:
    """Check the signatures of a message.

    Parameters
    ----------
    seen : Seen
        At stage message.
    verify_ns : int
        What a signature takes besides the question about its key.
    """
    content = seen.content
    assert content is not None
    outcomes = []
    for signature in signatures_of(content):
        outcomes.append((yield from looked_up(verify(signature, content))))
        if verify_ns:
            yield (Wait(verify_ns),)
    return outcomes
