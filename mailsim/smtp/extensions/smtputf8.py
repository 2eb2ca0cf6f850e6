"""SMTPUTF8: addresses and header fields beyond ASCII."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params, param
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["SmtpUtf8"]

_BAD = Reply(501, ("SMTPUTF8 takes no value",), "5.5.4")
_NOT_OFFERED = Reply(
    553, ("an address or the header is not ASCII, and SMTPUTF8 is not offered",), "5.6.7",
    is_ours=True,
)  # fmt: skip


@extension("SMTPUTF8")
class SmtpUtf8(Extension):
    """Take ``SMTPUTF8`` at MAIL, and with it addresses in UTF-8.

    There is no way down: to a server without it such a message is returned.

    Source: RFC 6531 sections 3.1 to 3.7.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``SMTPUTF8``."""
        return "SMTPUTF8"

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``SMTPUTF8``."""
        return {"SMTPUTF8": _check}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Ask for SMTPUTF8 where the sender did, an address needs it or the header has it."""
        addresses = (envelope.sender, *envelope.recipients)
        is_needed = (
            param(envelope.params, "SMTPUTF8") is not None
            or not all(address.isascii() for address in addresses)
            or not content.is_header_ascii
        )
        if not is_needed:
            return ()
        return (("SMTPUTF8", None),) if "SMTPUTF8" in offers else _NOT_OFFERED


def _check(session: ServerSession, value: str | None) -> Reply | None:
    return None if value is None else _BAD
