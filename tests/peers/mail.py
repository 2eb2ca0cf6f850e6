"""Messages to send, where to, and in which ways: the variants of the tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "PASSWORD", "USER", "VARIANTS", "Mail", "Said", "Stored", "Target", "Variant", "new_mail",
]  # fmt: skip

USER, PASSWORD = "alice", "wonderland"


class Mail(NamedTuple):
    """An envelope and a content, whose lines end in CRLF."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def subject(self) -> bytes:
        """The line that tells this message from all others."""
        return self.content.partition(b"\r\n")[0]


class Said(NamedTuple):
    """How a client ended, and what it printed."""

    code: int
    text: str


class Target(NamedTuple):
    """Where a client shall send, and how.

    Attributes
    ----------
    port : int
        Of 127.0.0.1.
    tls : str
        ``none``, ``starttls`` or ``implicit``.
    ca : Path or None
        The certificate to trust; None trusts any.
    mechanism : str
        SASL mechanism to authenticate with, or empty.
    has : frozenset of str
        The needs of the variant: ``pipelining``, ``smtputf8``, ``dsn``, ``lmtp``.
    """

    port: int
    tls: str = "none"
    ca: Path | None = None
    mechanism: str = ""
    has: frozenset[str] = frozenset()


class Stored(NamedTuple):
    """A message as a server kept it; its line ends are LF."""

    content: bytes

    @property
    def head(self) -> bytes:
        """Its header lines; those of a report that quotes it are not here."""
        return self.content.partition(b"\n\n")[0]

    def holds(self, mail: Mail) -> bool:
        """Return whether this is that message, octet for octet after what servers put before."""
        sent = mail.content.replace(b"\r\n", b"\n")
        if not self.content.endswith(sent):
            return False
        added = self.content[: len(self.content) - len(sent)]
        return all(
            line.startswith((b" ", b"\t")) or line.partition(b":")[0].lower() in _TRACE
            for line in added.splitlines()
        )


_TRACE = {
    b"return-path", b"received", b"delivered-to", b"x-original-to", b"envelope-to",
    b"delivery-date", b"x-client-addr", b"x-client-proto", b"x-helo-args", b"x-mail-args",
    b"x-rcpt-args",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to send: what the message is like, and what client and server must be able to."""

    body: bytes = b"Hello.\r\n"
    n_recipients: int = 1
    sender: str = "sender@example.org"
    recipient: str = ""
    needs: frozenset[str] = frozenset()
    tls: str = "none"
    mechanism: str = ""

    @property
    def keyword(self) -> bytes:
        """How a Received line says that this way was used (RFC 3848); empty if any may stand."""
        if self.mechanism:
            return b"with ESMTPSA"
        return b"with ESMTPS" if self.tls != "none" else b""

    def target(self, port: int, tls_port: int = 0, ca: Path | None = None) -> Target:
        """Return where to send in this way, given a server's ports."""
        where = tls_port if self.tls == "implicit" else port
        return Target(where, self.tls, ca, self.mechanism, self.needs)


def _needs(*words: str) -> frozenset[str]:
    return frozenset(words)


_LINE = b"0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n"
_TLS = Variant(tls="starttls", needs=_needs("starttls"))
VARIANTS: dict[str, Variant] = {
    "plain": Variant(),
    "recipients": Variant(n_recipients=5, needs=_needs("recipients")),
    "null_sender": Variant(sender="", needs=_needs("null_sender")),
    "8bit": Variant("Grüße aus Köln\r\n".encode(), needs=_needs("8bit")),
    "dots": Variant(b".\r\n..\r\n.dot\r\n\r\n.\r\nend.\r\n.\r\n"),
    "1MB": Variant(_LINE * (1_000_000 // len(_LINE))),
    "starttls": _TLS,
    "implicit_tls": Variant(tls="implicit", needs=_needs("implicit")),
    "auth_plain": replace(_TLS, mechanism="PLAIN", needs=_needs("starttls", "PLAIN")),
    "auth_login": replace(_TLS, mechanism="LOGIN", needs=_needs("starttls", "LOGIN")),
    "auth_cram_md5": replace(_TLS, mechanism="CRAM-MD5", needs=_needs("starttls", "CRAM-MD5")),
    "pipelining": Variant(n_recipients=3, needs=_needs("pipelining")),
    "smtputf8": Variant(recipient="jürgen@example.net", needs=_needs("smtputf8")),
    "dsn": Variant(needs=_needs("dsn")),
}


def new_mail(variant: Variant, name: str) -> Mail:
    """Return the message of a variant; its name, unlike any other's, is in subject and address."""
    first = variant.recipient or f"{name}@example.net"
    more = tuple(f"{name}-{i}@example.net" for i in range(2, variant.n_recipients + 1))
    head = (
        f"Subject: {name}\r\nFrom: <sender@example.org>\r\nTo: <{first}>\r\n"
        "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
        f"Message-ID: <{name}@example.org>\r\n"
    )
    return Mail(variant.sender, (first, *more), head.encode() + b"\r\n" + variant.body)
