"""The Received line that every hop puts on top of a message (RFC 5321 section 4.4).

A line is a value while the simulation runs; it is written out only where somebody reads it.
Its length is known without writing it, because the date has a fixed one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

__all__ = ["Received", "date_text", "parse_date"]

_DATE: Final = "%a, %d %b %Y %H:%M:%S +0000"
DATE_LENGTH: Final = len("Tue, 24 Nov 2026 10:00:00 +0000")


def date_text(unix_s: int) -> str:
    """Return an RFC 5322 date in UTC, always 31 characters long."""
    return datetime.fromtimestamp(unix_s, UTC).strftime(_DATE)


def parse_date(text: str) -> int:
    """Return the Unix second of a date written by :func:`date_text`.

    Raises
    ------
    ValueError
        If it has any other form.
    """
    unix_s = int(datetime.strptime(text, _DATE).replace(tzinfo=UTC).timestamp())
    if date_text(unix_s) != text:  # such as the wrong day of the week
        raise ValueError(f"not the form of our dates: {text!r}")
    return unix_s


class Received(NamedTuple):
    """One hop's trace.

    Attributes
    ----------
    helo : str
        What the client called itself.
    client, address : str
        The client's name and address, as the server saw them; an IPv6 address is written with
        its tag, ``[IPv6:2001:db8::1]`` (RFC 5321 section 4.1.3).
    by : str
        The server.
    protocol : str
        ``SMTP``, ``ESMTPS`` and so on (RFC 3848, RFC 6531 section 4.3).
    queue_id : str
        The server's name for the message.
    recipient : str
        The recipient if there was only one, else empty (RFC 5321 section 7.2).
    unix_s : int
        When, in seconds since 1970 UTC.
    """

    helo: str
    client: str
    address: str
    by: str
    protocol: str
    queue_id: str
    recipient: str
    unix_s: int

    @property
    def size(self) -> int:
        """Octets of the written line, all its CRLFs included."""
        recipient = self.recipient
        parts = (self.helo, self.client, self.address, self.by, self.protocol, self.queue_id)
        text = "".join(parts) + recipient
        n = len(text) if text.isascii() else len(text.encode())
        tag = len(_IPV6) if ":" in self.address else 0
        return _FIXED + n + tag + (_FOR if recipient else 0)

    def text(self) -> str:
        """Return the folded line with its CRLFs."""
        for_ = f"\r\n\tfor <{self.recipient}>" if self.recipient else ""
        tag = _IPV6 if ":" in self.address else ""
        return (
            f"Received: from {self.helo} ({self.client} [{tag}{self.address}])\r\n"
            f"\tby {self.by} with {self.protocol} id {self.queue_id}{for_};"
            f" {date_text(self.unix_s)}\r\n"
        )


_IPV6: Final = "IPv6:"
_FIXED: Final = len("Received: from  ( [])\r\n\tby  with  id ; \r\n") + DATE_LENGTH
_FOR: Final = len("\r\n\tfor <>")

_LINE: Final = re.compile(
    r"Received: from (\S+) \((\S+) \[(?:IPv6:([^\]\s]*:[^\]\s]*)|([^\]\s:]+))\]\)\r\n"
    r"\tby (\S+) with (\S+) id (\w+)(?:\r\n\tfor <([^<>\s]+)>)?; ([^\r\n]{31})\r\n"
)


def parse_received(text: str) -> tuple[tuple[Received, ...], str]:
    """Split the Received lines that mailsim wrote off the top of a header.

    Returns
    -------
    tuple of Received, str
        The lines, newest first, and what follows them.
    """
    lines = []
    position = 0
    while match := _LINE.match(text, position):
        helo, client, ipv6, ipv4, by, protocol, queue_id, to, date = match.groups()
        try:
            unix_s = parse_date(date)
        except ValueError:  # somebody else's line in our form, with a date that is none
            break
        address = ipv6 or ipv4
        lines.append(Received(helo, client, address, by, protocol, queue_id, to or "", unix_s))
        position = match.end()
    return tuple(lines), text[position:]
