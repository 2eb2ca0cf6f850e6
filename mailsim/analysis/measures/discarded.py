"""Recipients whose fate is ``discarded``."""

from __future__ import annotations

from mailsim.analysis.measures import measure

from ._recipients import Fate

__all__ = ["Discarded"]


@measure("discarded")
class Discarded(Fate):
    """Whether a recipient's mail was accepted and thrown away without a word.

    Source: column fate of deliveries; postconf(5), action DISCARD of access(5).
    """

    fate = "discarded"
