"""Recipients whose fate is ``expanded``."""

from __future__ import annotations

from mailsim.analysis.measures import measure

from ._recipients import Fate

__all__ = ["Expanded"]


@measure("expanded")
class Expanded(Fate):
    """Whether others took the place of a recipient, as the members of a list do.

    Source: column fate of deliveries; aliases and lists are those of RFC 5321 section 3.9.
    """

    fate = "expanded"
