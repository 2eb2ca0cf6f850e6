"""Recipients whose fate is ``bounced``."""

from __future__ import annotations

from mailsim.analysis.measures import measure

from ._recipients import Fate

__all__ = ["Bounced"]


@measure("bounced")
class Bounced(Fate):
    """Whether a recipient's mail was refused for good by a later hop, or could not be sent there.

    Source: column fate of deliveries; the fates of mail are those of RFC 5321 section 6.1.
    """

    fate = "bounced"
