"""Recipients whose fate is ``queued``."""

from __future__ import annotations

from mailsim.analysis.measures import measure

from ._recipients import Fate

__all__ = ["Queued"]


@measure("queued")
class Queued(Fate):
    """Whether a recipient's mail is still under way at the end.

    Source: column fate of deliveries; the fates of mail are those of RFC 5321 section 6.1.
    """

    fate = "queued"
