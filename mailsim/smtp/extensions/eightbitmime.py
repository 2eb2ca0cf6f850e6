"""8BITMIME: bodies with octets above 127."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params, param
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["EightBitMime"]

_BAD = Reply(501, ("BODY is 7BIT or 8BITMIME",), "5.5.4")
_NOT_OFFERED = Reply(
    554, ("the content has octets above 127, and 8BITMIME is not offered",), "5.6.3", is_ours=True
)


@extension("8BITMIME")
class EightBitMime(Extension):
    """Take ``BODY=7BIT`` or ``BODY=8BITMIME`` at MAIL.

    A content with octets above 127 goes to no server without it: the sending system converts
    it (:func:`mailsim.message.to_seven_bit`) or returns it.

    Source: RFC 6152 sections 2 and 3.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``8BITMIME``."""
        return "8BITMIME"

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``BODY=``, for BINARYMIME too where that is offered."""
        return {"BODY": _check}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Declare a content that is not 7-bit."""
        if (param(envelope.params, "BODY") or "").upper() == "BINARYMIME":
            return ()  # BINARYMIME's to say
        if content.is_seven_bit:
            return ()
        if "8BITMIME" in offers:
            return (("BODY", "8BITMIME"),)
        # A header beyond ASCII cannot be converted: SMTPUTF8 says why it is refused.
        return _NOT_OFFERED if content.is_header_ascii else ()


def _check(session: ServerSession, value: str | None) -> Reply | None:
    body = (value or "").upper()
    if body == "BINARYMIME" and "BINARYMIME" in session.config.extension_names:
        return None
    return None if body in ("7BIT", "8BITMIME") else _BAD
