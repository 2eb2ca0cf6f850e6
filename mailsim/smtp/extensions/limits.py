"""LIMITS: the server says beforehand how much it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.smtp.extensions import Extension, extension

if TYPE_CHECKING:
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["Limits"]


@extension("LIMITS")
class Limits(Extension):
    """Tell ``RCPTMAX``, ``MAILMAX`` and ``RCPTDOMAINMAX``.

    A client that keeps them need not be refused to learn them; the server enforces them on
    all.

    Source: RFC 9422 sections 2 to 4.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``LIMITS`` and those that there are."""
        known = (
            ("MAILMAX", config.max_transactions),
            ("RCPTMAX", config.max_recipients),
            ("RCPTDOMAINMAX", config.max_rcpt_domains),
        )
        return " ".join(["LIMITS", *[f"{name}={n}" for name, n in known if n]])
