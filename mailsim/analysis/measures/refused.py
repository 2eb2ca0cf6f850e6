"""Recipients whose fate is ``refused``."""

from __future__ import annotations

from mailsim.analysis.measures import measure

from ._recipients import Fate

__all__ = ["Refused"]


@measure("refused")
class Refused(Fate):
    """Whether a recipient's mail was refused by the first server.

    Source: column fate of deliveries; the fates of mail are those of RFC 5321 section 6.1.
    """

    fate = "refused"
