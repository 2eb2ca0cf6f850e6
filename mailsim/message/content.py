"""The content of a message: header and body, or a body that is only a size.

Content in the simulation is a few small values whose total size is known.  It becomes bytes
only when somebody asks: on a real socket, in a transcript, or with ``fidelity: wire``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from mailsim.message.trace import DATE_LENGTH, Received, date_text, parse_date, parse_received

__all__ = ["Content", "Filler", "Head", "new_content"]

_FILLER_LINE: Final = b"This line stands for the text of a message, which nobody wrote.\r\n"


class Filler(NamedTuple):
    """A body that is only a size: ``size`` octets that never exist in memory."""

    size: int

    def to_bytes(self) -> bytes:
        """Return the octets: whole lines of one sentence, the last one cut to fit."""
        return _filler(self.size)


_FILLERS: Final[dict[int, Filler]] = {}
_MANY: Final = 1024


def filler_of(size: int) -> Filler:
    """Return the body of that size; messages of one size share it, as long as it is in use."""
    found = _FILLERS.get(size)
    if found is None:
        if len(_FILLERS) >= _MANY:
            _FILLERS.clear()
        found = _FILLERS[size] = Filler(size)
    return found


def _filler(size: int) -> bytes:
    if size < 2:
        raise ValueError(f"a body ends in CRLF, so it has at least 2 octets, not {size}")
    lines, rest = divmod(size, len(_FILLER_LINE))
    if rest == 0:
        return _FILLER_LINE * lines
    if rest == 1 and lines:  # no room for a CRLF of its own: shorten the line before
        return _FILLER_LINE * (lines - 1) + _FILLER_LINE[: len(_FILLER_LINE) - 4] + b".-.\r\n"
    return _FILLER_LINE * lines + _FILLER_LINE[: rest - 2] + b"\r\n"


class Head(NamedTuple):
    """The header that a simulated client writes.

    Attributes
    ----------
    number : int
        Number of the message in the run; it stands in the Message-ID.
    host : str
        The host that made the message; right side of the Message-ID.
    sender, recipient : str
        From and To.
    subject : str
    unix_s : int
        Date, in seconds since 1970 UTC.
    extra : str
        Further header lines with their CRLFs, such as the MIME lines of a report.
    """

    number: int
    host: str
    sender: str
    recipient: str
    subject: str
    unix_s: int
    extra: str = ""

    @property
    def size(self) -> int:
        """Octets of the written header, without the empty line that ends it."""
        parts = (self.host, self.sender, self.recipient, self.subject, self.extra)
        text = "".join(parts)
        return _HEAD_FIXED + (len(text) if text.isascii() else len(text.encode()))

    def text(self) -> str:
        """Return the header lines with their CRLFs."""
        return (
            f"From: <{self.sender}>\r\nTo: <{self.recipient}>\r\nSubject: {self.subject}\r\n"
            f"Date: {date_text(self.unix_s)}\r\n"
            f"Message-ID: <{self.number:010d}.mailsim@{self.host}>\r\n{self.extra}"
        )


_HEAD_FIXED: Final = (
    len("From: <>\r\nTo: <>\r\nSubject: \r\nDate: \r\nMessage-ID: <.mailsim@>\r\n")
    + DATE_LENGTH
    + 10
)
_MARK: Final = b".mailsim@"
_HEAD: Final = re.compile(
    r"From: <([^<>\r\n]*)>\r\nTo: <([^<>\r\n]*)>\r\nSubject: ([^\r\n]*)\r\n"
    r"Date: ([^\r\n]{31})\r\nMessage-ID: <([0-9]{10})\.mailsim@([^<>\r\n]*)>\r\n"
    r"((?:[^.\r\n][^\r\n]*\r\n)*)"
)


class Content(NamedTuple):
    """What travels after DATA.

    Attributes
    ----------
    size : int
        Octets of header, empty line and body, before dot-stuffing: what SIZE declares.
    trace : tuple of Received
        The hops so far, newest first.
    head : Head or bytes
        The header as values, or as octets when it is not one of ours.
    body : Filler or bytes
        The body, ending in CRLF; empty bytes for a content without a body.
    """

    size: int
    trace: tuple[Received, ...]
    head: Head | bytes
    body: Filler | bytes

    @property
    def number(self) -> int:
        """Number of the message in the run, or 0 for a content from elsewhere."""
        head = self.head
        return head.number if type(head) is Head else 0

    @property
    def n_received(self) -> int:
        """Number of Received lines, those of other systems included (RFC 5321 section 6.3)."""
        head = self.head
        if not isinstance(head, bytes):
            return len(self.trace)
        end = head.find(b"\r\n\r\n")
        top = (head if end < 0 else head[:end]).lower()
        n = top.count(b"\r\nreceived:") + top.startswith(b"received:")
        return len(self.trace) + n

    @property
    def is_seven_bit(self) -> bool:
        """True if no octet is above 127, as far as anybody can know without writing it."""
        head, body = self.head, self.body
        is_ascii = head.isascii() if isinstance(head, bytes) else self.is_header_ascii
        return is_ascii and (isinstance(body, Filler) or body.isascii())

    @property
    def is_header_ascii(self) -> bool:
        """True if the header is ASCII; of octets from elsewhere, up to the first empty line."""
        head = self.head
        if isinstance(head, bytes):
            return head.isascii() or head.partition(b"\r\n\r\n")[0].isascii()
        _, host, sender, recipient, subject, _, extra = head
        return f"{host}{sender}{recipient}{subject}{extra}".isascii()

    def with_received(self, line: Received) -> Content:
        """Return the content with one more Received line on top."""
        return Content(self.size + line.size, (line, *self.trace), self.head, self.body)

    def with_header(self, line: str) -> Content:
        """Return the content with one more header line, given without its CRLF."""
        text, head = f"{line}\r\n", self.head
        size = self.size + len(text.encode())
        if isinstance(head, bytes):
            return Content(size, self.trace, text.encode() + head, self.body)
        return Content(size, self.trace, head._replace(extra=head.extra + text), self.body)

    def to_bytes(self) -> bytes:
        """Return the octets, as a mailbox would store them."""
        head, body = self.head, self.body
        top = "".join([line.text() for line in self.trace]).encode()
        middle = head.text().encode() + b"\r\n" if isinstance(head, Head) else head
        return top + middle + (body.to_bytes() if isinstance(body, Filler) else body)

    @classmethod
    def from_bytes(cls, data: bytes) -> Content:
        """Return the content of some octets; our own header and filler are recognised.

        Parameters
        ----------
        data : bytes
            Header, empty line and body.  Whatever is not of mailsim's making is kept as is.
        """
        end = data.find(b"\r\n\r\n")
        if data.find(_MARK, 0, end + 1) < 0:
            return cls(len(data), (), data, b"")
        rest = data[end + 4 :]
        try:
            text = data[: end + 2].decode()
        except UnicodeDecodeError:
            return cls(len(data), (), data, b"")
        trace, below = parse_received(text)
        match = _HEAD.fullmatch(below)
        if match is None:
            return cls(len(data), (), data, b"")
        sender, recipient, subject, date, number, host, extra = match.groups()
        try:
            head = Head(int(number), host, sender, recipient, subject, parse_date(date), extra)
        except ValueError:
            return cls(len(data), (), data, b"")
        body: Filler | bytes = rest
        if len(rest) > 1 and rest == _filler(len(rest)):
            body = Filler(len(rest))
        return cls(len(data), trace, head, body)


def new_content(head: Head, body: int | bytes) -> Content:
    """Return the content of a message that nobody has relayed yet.

    Parameters
    ----------
    head : Head
    body : int or bytes
        Octets of the body, or just their number (at least 2).
    """
    if isinstance(body, int):
        return Content(head.size + 2 + body, (), head, filler_of(body))
    return Content(head.size + 2 + len(body), (), head, body)
