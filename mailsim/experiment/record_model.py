"""What a scenario says of its records."""

from __future__ import annotations

from mailsim.experiment.keys import Flag, Model

__all__ = ["RecordWhat"]


class RecordWhat(Model):
    """What a run records besides the tables it always has.

    Attributes
    ----------
    events
        Each line on the wire, for transcripts.
    """

    events: Flag = False
