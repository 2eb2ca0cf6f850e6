"""8BITMIME: bodies with octets above 127."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["EightBitMime"]

_BAD = Reply(501, ("BODY is 7BIT or 8BITMIME",), "5.5.4")


@extension("8BITMIME")
class EightBitMime(Extension):
    """Take ``BODY=7BIT`` or ``BODY=8BITMIME`` at MAIL.

    Source: RFC 6152 section 2.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``8BITMIME``."""
        return "8BITMIME"

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``BODY=``."""
        return {"BODY": _check}


def _check(session: ServerSession, value: str | None) -> Reply | None:
    return None if value is not None and value.upper() in ("7BIT", "8BITMIME") else _BAD
