"""ENHANCEDSTATUSCODES: replies say more precisely what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.smtp.extensions import Extension, extension

if TYPE_CHECKING:
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["EnhancedStatusCodes"]


@extension("ENHANCEDSTATUSCODES")
class EnhancedStatusCodes(Extension):
    """Start the text of every 2yz, 4yz and 5yz reply with a class.subject.detail code.

    Source: RFC 2034 section 4, codes of RFC 3463.  Not on the greeting nor on the replies to
    HELO and EHLO.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``ENHANCEDSTATUSCODES``."""
        return "ENHANCEDSTATUSCODES"
