"""What one listening SMTP service offers and demands: the fixed part of its sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mailsim.errors import LocalProtocolError
from mailsim.smtp.extensions import Extension, extensions
from mailsim.smtp.scram import salt_of
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession

__all__ = ["DEFAULT_EXTENSIONS", "NEEDED", "ServerConfig"]

DEFAULT_EXTENSIONS: Final = (
    "PIPELINING",
    "SIZE",
    "STARTTLS",
    "AUTH",
    "ENHANCEDSTATUSCODES",
    "8BITMIME",
    "DSN",
    "SMTPUTF8",
    "CHUNKING",
)
"""Those of Postfix's smtpd(8), in its order, without VRFY and ETRN."""
NEEDED: Final = {"BINARYMIME": "CHUNKING", "SMTPUTF8": "8BITMIME"}

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
    max_transactions : int
        MAIL commands accepted in one session; 0 for no limit (RFC 9422 MAILMAX).
    max_rcpt_domains : int
        Recipient domains in one session; 0 for no limit (RFC 9422 RCPTDOMAINMAX).
    deliver_by_min_s : int
        Least time that DELIVERBY may ask for (RFC 2852); 0 for none.
    tls : str
        ``none``, ``may`` (STARTTLS offered), ``encrypt`` (required before mail and AUTH) or
        ``implicit`` (from the first octet, RFC 8314).
    auth : str
        ``none``, ``optional`` or ``required`` (before MAIL).
    mechanisms : tuple of str
        SASL mechanisms offered.
    scram_salt : str
        What SCRAM hashes passwords with, in base64; made from the name unless given.  One for all
        users, as there is nothing here to keep safe.
    is_auth_tls_only : bool
        Offer no mechanism that shows the password outside TLS (RFC 4954 section 4).
    extension_names : tuple of str
        ESMTP extensions offered, in the order of the EHLO reply.
    is_lmtp : bool
        Speak LMTP (RFC 2033) instead of SMTP.
    is_submission : bool
        Keep the rules of RFC 6409: fully qualified addresses only.
    is_vrfy_enabled : bool
        False answers VRFY with 502 (Postfix: ``disable_vrfy_command``).
    line_endings : str
        What a bare LF is: see :mod:`mailsim.smtp.server_reader`.
    soft_error_limit, hard_error_limit, junk_command_limit : int
        Errors after which replies are held back for ``error_sleep_ns``, errors after which 421
        ends the session, and commands without mail after which more of them are errors; 0 for
        none (Postfix: ``smtpd_soft_error_limit`` and so on).
    error_sleep_ns : int
    ask : frozenset of str
        Verbs whose reply the driver gives: the session pauses there.  The greeting and the
        outcome of a TLS handshake are always the driver's.

    Raises
    ------
    LocalProtocolError
        If an extension is offered without the one it needs.
    """

    name: str
    max_message_size: int = 10_240_000
    max_recipients: int = 1000
    max_transactions: int = 0
    max_rcpt_domains: int = 0
    deliver_by_min_s: int = 0
    tls: str = "may"
    auth: str = "none"
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    scram_salt: str = ""
    is_auth_tls_only: bool = False
    extension_names: tuple[str, ...] = DEFAULT_EXTENSIONS
    is_lmtp: bool = False
    is_submission: bool = False
    is_vrfy_enabled: bool = True
    line_endings: str = "normalize"
    soft_error_limit: int = 10
    hard_error_limit: int = 20
    junk_command_limit: int = 100
    error_sleep_ns: int = 1_000_000_000
    ask: frozenset[str] = frozenset({"RCPT", "CONTENT", "BDAT_LAST", "AUTH", "AUTH_RESPONSE"})

    mail_params: Mapping[str, Check] = field(init=False, repr=False)
    rcpt_params: Mapping[str, Check] = field(init=False, repr=False)
    helo_reply: Reply = field(init=False, repr=False)
    ehlo_replies: Mapping[bool, Reply] = field(init=False, repr=False)
    is_gated: bool = field(init=False, repr=False)
    has_chunking: bool = field(init=False, repr=False)
    has_enhanced_codes: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Collect what the extensions bring, once for all sessions."""
        names = self.extension_names
        for name, needed in NEEDED.items():
            if name in names and needed not in names:
                raise LocalProtocolError(f"{name} cannot be offered without {needed}")
        offered: list[Extension] = [extensions.get(name)() for name in names]
        mail: dict[str, Check] = {}
        rcpt: dict[str, Check] = {}
        for extension in offered:
            mail.update(extension.mail_params())
            rcpt.update(extension.rcpt_params())
        replies = {}
        for is_tls in (False, True):
            lines = [extension.ehlo_line(self, is_tls=is_tls) for extension in offered]
            replies[is_tls] = Reply(250, (self.name, *filter(None, lines)))
        object.__setattr__(self, "scram_salt", self.scram_salt or salt_of(self.name))
        object.__setattr__(self, "mail_params", mail)
        object.__setattr__(self, "rcpt_params", rcpt)
        object.__setattr__(self, "helo_reply", Reply(250, (self.name,)))
        object.__setattr__(self, "ehlo_replies", replies)
        object.__setattr__(self, "is_gated", self.tls == "encrypt" or self.auth == "required")
        object.__setattr__(self, "has_chunking", "CHUNKING" in names)
        object.__setattr__(self, "has_enhanced_codes", "ENHANCEDSTATUSCODES" in names)

    def needs_tls(self, mechanism: str) -> bool:
        """Tell whether a SASL mechanism is taken inside TLS only."""
        return self.is_auth_tls_only and mechanism in ("PLAIN", "LOGIN")
