"""REQUIRETLS: no hop may be in the clear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params, param
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["RequireTls"]

_BAD = Reply(501, ("REQUIRETLS takes no value",), "5.5.4")
_NOT_INSIDE = Reply(555, ("REQUIRETLS needs TLS",), "5.5.4")
_NOT_OFFERED = Reply(550, ("REQUIRETLS support required",), "5.7.30", is_ours=True)
_NO_TLS = Reply(
    550, ("a secure connection is required, and there is none",), "5.7.10", is_ours=True
)


@extension("REQUIRETLS")
class RequireTls(Extension):
    """Take ``REQUIRETLS`` at MAIL: every further hop must use TLS and promise the same.

    Offered inside TLS only.

    Source: RFC 8689 sections 2 to 4.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``REQUIRETLS`` inside TLS."""
        return "REQUIRETLS" if is_tls else ""

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``REQUIRETLS``."""
        return {"REQUIRETLS": _check}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Demand the same of the server; where it cannot, the message does not go there.

        A report, which has the null sender, is not to be lost for that (section 5).
        """
        if param(envelope.params, "REQUIRETLS") is None:
            return ()
        if not envelope.sender and not (is_tls and "REQUIRETLS" in offers):
            return ()
        if not is_tls:
            return _NO_TLS
        return (("REQUIRETLS", None),) if "REQUIRETLS" in offers else _NOT_OFFERED


def _check(session: ServerSession, value: str | None) -> Reply | None:
    if value is not None:
        return _BAD
    return None if session.is_tls else _NOT_INSIDE
