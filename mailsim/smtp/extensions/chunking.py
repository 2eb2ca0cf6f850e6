"""CHUNKING: content in counted pieces, without dots to double."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.smtp.extensions import Extension, extension

if TYPE_CHECKING:
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["Chunking"]


@extension("CHUNKING")
class Chunking(Extension):
    """Take ``BDAT n [LAST]`` and n octets instead of DATA.

    Where it comes in a transaction stands in the transition table; a chunk is swallowed whole
    whatever the answer to it is.

    Source: RFC 3030 section 2.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``CHUNKING``."""
        return "CHUNKING"
