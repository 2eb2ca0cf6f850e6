"""XVERP: the client asks the server to give each recipient a return path of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params, param
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["Xverp"]

_BAD = Reply(501, ("XVERP takes two delimiters out of -=+",), "5.5.4")
_NOT_OFFERED = Reply(
    554, ("variable envelope return paths are asked for, and XVERP is not offered",), "5.5.4",
    is_ours=True,
)  # fmt: skip


@extension("XVERP")
class Xverp(Extension):
    """Take ``XVERP``, or ``XVERP=+=`` with delimiters, at MAIL.

    The server sends each recipient's copy from ``sender+user=domain``, in a transaction of its
    own.  Only the first server is asked; it passes on what has become of it.

    Source: Postfix VERP_README; Postfix offers it to ``smtpd_authorized_verp_clients``.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``XVERP``."""
        return "XVERP"

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``XVERP``."""
        return {"XVERP": _check}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Ask for it where it is offered; nobody else would do it."""
        value = param(envelope.params, "XVERP")
        if value is None:
            return ()
        return (("XVERP", value or None),) if "XVERP" in offers else _NOT_OFFERED


def _check(session: ServerSession, value: str | None) -> Reply | None:
    if value is None or (len(value) == 2 and not set(value) - set("-=+")):
        return None
    return _BAD
