"""ESMTP service extensions: one file, one registered class each, both roles in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params
from mailsim.registry import Room

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig
    from mailsim.smtp.values import Reply

__all__ = ["Extension", "extension", "extensions"]


class Extension:
    """What an extension may add to both sides (RFC 5321 section 2.2); by default nothing."""

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return a server's line of the EHLO reply, or an empty string to say nothing."""
        raise NotImplementedError

    def mail_params(
        self,
    ) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the MAIL parameters by keyword: each checks its value, a Reply refuses it."""
        return {}

    def rcpt_params(
        self,
    ) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the RCPT parameters by keyword."""
        return {}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Return what a client adds to MAIL, given what the server offers.

        A Reply says that the message cannot go this way at all, and why.
        """
        return ()

    def say_rcpt(self, params: Params, offers: Mapping[str, str]) -> Params:
        """Return what a client adds to RCPT of a recipient with these parameters."""
        return ()


extensions: Room[Extension] = Room("extension", "mailsim.smtp.extensions", Extension)
extension = extensions.register
