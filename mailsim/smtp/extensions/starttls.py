"""STARTTLS: the session goes on inside TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.smtp.extensions import Extension, extension

if TYPE_CHECKING:
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["StartTls"]


@extension("STARTTLS")
class StartTls(Extension):
    """Offer TLS, where the service has it and it is not on already.

    Source: RFC 3207 section 4.  After the handshake both sides start over with EHLO.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``STARTTLS`` before TLS, nothing inside it."""
        return "" if is_tls or config.tls == "none" else "STARTTLS"
