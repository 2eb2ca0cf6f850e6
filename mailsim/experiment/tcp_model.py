"""How hosts speak TCP, as a user writes it."""

from __future__ import annotations

from typing import Literal

from mailsim.experiment.keys import Flag, Model
from mailsim.sim.tcp import TcpSettings

__all__ = ["Tcp"]


class Tcp(Model):
    """How all hosts speak TCP.

    Attributes
    ----------
    congestion_control
        What a sender does about loss: reno (RFC 5681) or cubic (RFC 9438).
    delayed_acks
        One acknowledgment is for two segments (RFC 5681 section 4.2), so windows grow more slowly.
    """

    congestion_control: Literal["reno", "cubic"] = "reno"
    delayed_acks: Flag = False

    def settings(self) -> TcpSettings:
        """Return it as the network takes it."""
        return TcpSettings(self.congestion_control, 2 if self.delayed_acks else 1)
