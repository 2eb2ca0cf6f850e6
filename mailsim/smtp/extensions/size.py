"""SIZE: the client declares how large a message is before it sends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["Size"]

_BAD = Reply(501, ("Bad SIZE value",), "5.5.4")
_TOO_LARGE = Reply(552, ("Message size exceeds fixed limit",), "5.3.4")


@extension("SIZE")
class Size(Extension):
    """Declare the message size at MAIL; too large a one is refused with 552 at once.

    Source: RFC 1870 sections 3 to 6.  ``SIZE 0`` means no fixed maximum.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``SIZE n``."""
        return f"SIZE {config.max_message_size}"

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``SIZE=n``: at most 20 digits, at most the maximum."""
        return {"SIZE": _check}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Declare the size, dots not doubled (RFC 1870 section 3)."""
        return (("SIZE", str(content.size)),) if "SIZE" in offers else ()


def _check(session: ServerSession, value: str | None) -> Reply | None:
    if value is None or not value.isdecimal() or not value.isascii() or len(value) > 20:
        return _BAD
    limit = session.config.max_message_size
    return _TOO_LARGE if limit and int(value) > limit else None
