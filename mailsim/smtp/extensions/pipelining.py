"""PIPELINING: several commands in one flight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.smtp.extensions import Extension, extension

if TYPE_CHECKING:
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["Pipelining"]


@extension("PIPELINING")
class Pipelining(Extension):
    """Let a client send MAIL, its RCPTs and DATA without waiting for each reply.

    Source: RFC 2920 section 3.  The group that may travel together is chosen by the client
    machine; the server answers in order, whatever comes together.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``PIPELINING``."""
        return "PIPELINING"
