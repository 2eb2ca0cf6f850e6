"""What one listening SMTP service offers and demands: the fixed part of its sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailsim.smtp.extensions import Extension, extensions
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession

__all__ = ["DEFAULT_EXTENSIONS", "ServerConfig"]

DEFAULT_EXTENSIONS = ("PIPELINING", "SIZE", "STARTTLS", "AUTH", "ENHANCEDSTATUSCODES", "8BITMIME")

Check = Callable[["ServerSession", "str | None"], "Reply | None"]


@dataclass(frozen=True, eq=False)
class ServerConfig:
    """The service on one port of a host.

    Attributes
    ----------
    name : str
        The host's name, first word of the greeting (RFC 5321 section 4.3.1).
    max_message_size : int
        Octets; 0 for no limit (RFC 1870).
    max_recipients : int
        Accepted in one transaction; 452 beyond (RFC 5321 section 4.5.3.1.10).
    tls : str
        ``none``, ``may`` (STARTTLS offered) or ``encrypt`` (required before mail and AUTH).
    auth : str
        ``none``, ``optional`` or ``required`` (before MAIL).
    mechanisms : tuple of str
        SASL mechanisms offered.
    extension_names : tuple of str
        ESMTP extensions offered, in the order of the EHLO reply.
    ask : frozenset of str
        Verbs whose reply the driver gives: the session pauses there.  The greeting and the
        outcome of a TLS handshake are always the driver's.
    """

    name: str
    max_message_size: int = 10_240_000
    max_recipients: int = 1000
    tls: str = "may"
    auth: str = "none"
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    extension_names: tuple[str, ...] = DEFAULT_EXTENSIONS
    ask: frozenset[str] = frozenset({"RCPT", "CONTENT", "AUTH", "AUTH_RESPONSE"})

    mail_params: Mapping[str, Check] = field(init=False, repr=False)
    rcpt_params: Mapping[str, Check] = field(init=False, repr=False)
    ehlo_replies: Mapping[bool, Reply] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Collect what the extensions bring, once for all sessions."""
        offered: list[Extension] = [extensions.get(name)() for name in self.extension_names]
        mail: dict[str, Check] = {}
        rcpt: dict[str, Check] = {}
        for extension in offered:
            mail.update(extension.mail_params())
            rcpt.update(extension.rcpt_params())
        object.__setattr__(self, "mail_params", mail)
        object.__setattr__(self, "rcpt_params", rcpt)
        object.__setattr__(
            self,
            "ehlo_replies",
            {
                is_tls: Reply(
                    250,
                    (
                        self.name,
                        *[line for e in offered if (line := e.ehlo_line(self, is_tls=is_tls))],
                    ),
                )
                for is_tls in (False, True)
            },
        )
