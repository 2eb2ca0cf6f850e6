"""BINARYMIME: bodies of any octets, lines or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params, param
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["BinaryMime"]

_NOT_OFFERED = Reply(
    554, ("the content is binary, and BINARYMIME is not offered",), "5.6.3", is_ours=True
)


@extension("BINARYMIME")
class BinaryMime(Extension):
    """Take ``BODY=BINARYMIME`` at MAIL; such a content must come by BDAT.

    Source: RFC 3030 section 3.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``BINARYMIME``."""
        return "BINARYMIME"

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Declare a binary content; it goes to no server that does not take it."""
        if (param(envelope.params, "BODY") or "").upper() != "BINARYMIME":
            return ()
        if "BINARYMIME" in offers and "CHUNKING" in offers:
            return (("BODY", "BINARYMIME"),)
        return _NOT_OFFERED
