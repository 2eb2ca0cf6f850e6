"""What a client does in each of its sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mailsim.smtp.extensions import Extension, extensions
from mailsim.smtp.sasl import MECHANISMS, Credentials

__all__ = ["SPOKEN", "ClientConfig"]

SPOKEN: Final = (
    "SIZE",
    "8BITMIME",
    "BINARYMIME",
    "SMTPUTF8",
    "DSN",
    "DELIVERBY",
    "REQUIRETLS",
    "AUTH",
)
"""Extensions that a client speaks unless said; of the others only who asks for them."""


@dataclass(frozen=True, eq=False)
class ClientConfig:
    """What a client does in each of its sessions.

    Attributes
    ----------
    name : str
        What it calls itself in EHLO.
    tls : str
        ``none``, ``may`` (STARTTLS where offered), ``encrypt`` (no mail without) or
        ``implicit`` (from the first octet, RFC 8314).
    credentials : Credentials or None
        Sent with AUTH once the session is ready.
    mechanisms : tuple of str
        SASL mechanisms it knows, the one it likes best first.
    initial_response : bool
        Send a mechanism's first response along with AUTH (RFC 4954), where it has one.
    pipelining : bool
        Use PIPELINING where offered.
    chunking : bool
        Use BDAT instead of DATA where CHUNKING is offered.
    chunk_bytes : int
        Octets of the largest chunk; 0 for the whole message in one.
    rset_between : bool
        Send RSET before each further message, as Postfix does on a cached connection.
    is_lmtp : bool
        Speak LMTP (RFC 2033) instead of SMTP.
    extension_names : tuple of str
        Extensions that have something to say at MAIL and RCPT.
    """

    name: str
    tls: str = "may"
    credentials: Credentials | None = None
    mechanisms: tuple[str, ...] = MECHANISMS
    initial_response: bool = True
    pipelining: bool = True
    chunking: bool = False
    chunk_bytes: int = 0
    rset_between: bool = True
    is_lmtp: bool = False
    extension_names: tuple[str, ...] = SPOKEN

    extensions: tuple[Extension, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the extensions, once for all sessions."""
        made = tuple([extensions.get(name)() for name in self.extension_names])
        object.__setattr__(self, "extensions", made)
