"""Recipients whose fate is ``delivered``."""

from __future__ import annotations

from mailsim.analysis.measures import measure

from ._recipients import Fate

__all__ = ["Delivered"]


@measure("delivered")
class Delivered(Fate):
    """Whether a recipient's mail has arrived.

    Source: column fate of deliveries; the fates of mail are those of RFC 5321 section 6.1.
    """

    fate = "delivered"
