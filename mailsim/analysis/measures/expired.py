"""Recipients whose fate is ``expired``."""

from __future__ import annotations

from mailsim.analysis.measures import measure

from ._recipients import Fate

__all__ = ["Expired"]


@measure("expired")
class Expired(Fate):
    """Whether a recipient's mail was given up after its time in the queue.

    Source: column fate of deliveries; the fates of mail are those of RFC 5321 section 6.1.
    """

    fate = "expired"
