"""DELIVERBY: the sender says until when a message is worth delivering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, DeliverBy, Envelope, Params, param
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["DeliverByTime"]

_BAD = Reply(501, ("BY is seconds;R or seconds;N, with T to trace",), "5.5.4")
_NOT_OFFERED = Reply(
    554, ("the message must be returned when late, and DELIVERBY is not offered",), "5.4.7",
    is_ours=True,
)  # fmt: skip


@extension("DELIVERBY")
class DeliverByTime(Extension):
    """Take ``BY=seconds;mode`` at MAIL: R returns the message when late, N only tells.

    What is left of the time travels to the next hop.

    Source: RFC 2852 sections 3 and 4.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``DELIVERBY``, with the least time that may be asked for."""
        return f"DELIVERBY {config.deliver_by_min_s}" if config.deliver_by_min_s else "DELIVERBY"

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``BY=``."""
        return {"BY": _check}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Pass BY on; a message to be returned when late goes only where that is understood."""
        value = param(envelope.params, "BY")
        by = DeliverBy.parse(value) if value is not None else None
        if by is None:
            return ()
        if "DELIVERBY" in offers:
            return (("BY", str(by)),)
        return _NOT_OFFERED if by.mode == "R" else ()


def _check(session: ServerSession, value: str | None) -> Reply | None:
    by = DeliverBy.parse(value or "")
    if by is None:
        return _BAD
    least = session.config.deliver_by_min_s
    if by.mode == "R" and by.seconds < least:
        return Reply(555, (f"Cannot deliver in less than {least} seconds",), "5.5.4")
    return None
