"""AUTH: the client says who it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params, param
from mailsim.message.address import is_address
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.grammar import from_xtext, is_xtext
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["Auth"]

_BAD = Reply(501, ("AUTH= is <> or a mailbox in xtext",), "5.5.4")


@extension("AUTH")
class Auth(Extension):
    """Offer SASL mechanisms; where TLS is demanded they are offered only inside it.

    ``MAIL ... AUTH=`` is taken, passed on and not relied upon: no client is trusted to vouch
    for another.

    Source: RFC 4954 sections 3 to 5.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``AUTH`` and the mechanisms."""
        if config.auth == "none" or (config.tls == "encrypt" and not is_tls):
            return ""
        offered = [name for name in config.mechanisms if is_tls or not config.needs_tls(name)]
        return " ".join(("AUTH", *offered)) if offered else ""

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``AUTH=``, which must be accepted (RFC 4954 section 5)."""
        return {"AUTH": _check}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Pass ``AUTH=`` on where it is understood; nobody has to."""
        value = param(envelope.params, "AUTH")
        return () if value is None or "AUTH" not in offers else (("AUTH", value),)


def _check(session: ServerSession, value: str | None) -> Reply | None:
    # Unlike RFC 3461, RFC 4954 takes small hexadecimal digits too (section 8).
    said = from_xtext(value) if value and is_xtext(value.upper()) else ""
    return None if said == "<>" or is_address(said) else _BAD
