"""Receivers that push back: profiles of large mail systems, by name and date.

One file, one registered class each.  A profile is numbers, each with its source or said to be an
assumption, and replies in the receiver's own words.  What they do stands once, in
:class:`~mailsim.mta.receivers._pushback.Pushback`; which numbers there are, in
:mod:`~mailsim.mta.receivers._numbers`.

Providers do not publish their quotas, and change them without notice: a profile with a date is
what was known then, and its assumptions are there to be replaced by one's own measurements.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from mailsim.registry import Room
from mailsim.smtp import Reply

__all__ = ["Number", "Receiver", "Said", "receiver", "receivers", "said", "standing"]


class Number(NamedTuple):
    """A number of a profile.

    Attributes
    ----------
    value : str or int or float
        As a scenario would have it.
    source : str
        Where it comes from; begins with ``assumption`` if it is one.
    """

    value: str | int | float
    source: str


class Said(NamedTuple):
    """What a receiver answers.

    Attributes
    ----------
    reply : Reply
        Its text may hold ``{address}``, ``{recipient}`` and ``{domain}``, the sender's.
    source : str
    """

    reply: Reply
    source: str


def said(code: int, enhanced: str, source: str, *lines: str) -> Said:
    """Return what a receiver answers, from the source on."""
    return Said(Reply(code, lines, enhanced), source)


def standing(source: str) -> dict[str, Number]:
    """Return the numbers of quotas and complaints that the largest receivers share.

    Parameters
    ----------
    source : str
        Of the shares of complaints.
    """
    return {
        "first_quota": Number(50, "assumption: the first day of KumoMTA's warmup.toml"),
        "full_quota": Number(2_000_000, "assumption: more than ip_rate lets through in a day"),
        "quota_growth": Number(2.0, "assumption: KumoMTA's warmup.toml doubles each day at first"),
        "quota_fall": Number(0.5, "assumption"),
        "good_complaints": Number("0.1%", f"{source}: below 0.10%"),
        "bad_complaints": Number("0.3%", f"{source}: never 0.30% or more"),
        "complaints": Number("0.05%", "assumption"),
    }


class Receiver:
    """What all profiles share.

    Attributes
    ----------
    numbers : dict of str to Number
        By their names; what is left out is not limited.
    replies : dict of str to Said
        By what is limited: ``connections``, ``messages``, ``ip``, ``network``, ``domain``,
        ``quota``, ``mailbox``, ``pair``; a plain one unless given.
    judges_at : str
        When rates and quota are looked at: ``mail``, or ``message``, when it is complete.
    """

    numbers: ClassVar[dict[str, Number]]
    replies: ClassVar[dict[str, Said]] = {}
    judges_at: ClassVar[str] = "mail"


receivers: Room[Receiver] = Room("receiver", "mailsim.mta.receivers", Receiver)
receiver = receivers.register
