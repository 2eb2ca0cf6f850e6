"""The limit that binds in plain sentences: the evidence, and the change that would help most."""

from __future__ import annotations

import math
import shlex

from .finding import Finding
from .story import parts_table
from .words import number_text

__all__ = ["limit_story"]


def limit_story(finding: Finding) -> str:
    """Return what binds, how one sees it, what to change, and where the time went.

    Parameters
    ----------
    finding : Finding
        Of :func:`~mailsim.analysis.limits.binding_limit`.
    """
    change = finding.change
    gain = ""
    if math.isfinite(change.factor):
        gain = f"; by Little's law up to {number_text(change.factor)} times as much"
    lines = [
        f"The limit at {finding.host}: {finding.limit}.",
        *finding.evidence,
        f"What would help most: {change.text}{gain}.",
        *(f"  --set {shlex.quote(one)}" for one in change.sets),
        "",
        *parts_table({name: round(seconds * 1e9) for name, seconds in finding.parts.items()}),
    ]
    return "\n".join(lines)
