"""AUTH: the client says who it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.smtp.extensions import Extension, extension

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig
    from mailsim.smtp.values import Reply

__all__ = ["Auth"]


@extension("AUTH")
class Auth(Extension):
    """Offer SASL mechanisms; where TLS is demanded they are offered only inside it.

    Source: RFC 4954 sections 3 to 5.  ``MAIL ... AUTH=`` is taken and not used.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``AUTH`` and the mechanisms."""
        if config.auth == "none" or (config.tls == "encrypt" and not is_tls):
            return ""
        return " ".join(("AUTH", *config.mechanisms))

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the check of ``AUTH=``, which must be accepted (RFC 4954 section 5)."""
        return {"AUTH": _take}


def _take(session: ServerSession, value: str | None) -> Reply | None:
    return None
