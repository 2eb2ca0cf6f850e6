"""What the two sides say to each other, as values.

A client says :class:`Command`, :class:`AuthLine` and :class:`~mailsim.message.Content`, a
server says :class:`Reply`.  A line that is no command arrives as :class:`BadCommand`.  The
codec turns values into octets and back: ``decode(encode(value)) == value``.
"""

from __future__ import annotations

from typing import NamedTuple

from mailsim.message import Content

__all__ = ["AuthLine", "BadCommand", "Command", "FromClient", "Reply"]


class Command(NamedTuple):
    """A command of the client (RFC 5321 section 4.1.1).

    Attributes
    ----------
    verb : str
        In capitals: ``MAIL``.
    arg : str
        The path without angle brackets for MAIL and RCPT (empty: the null path), else the
        argument as written.
    params : tuple of (str, str or None)
        ESMTP parameters of MAIL and RCPT: keyword in capitals, and value if there is one.
    """

    verb: str
    arg: str = ""
    params: tuple[tuple[str, str | None], ...] = ()


class BadCommand(NamedTuple):
    """A line that is no command mailsim knows, or one written wrongly.

    Attributes
    ----------
    line : str
        The line without its CRLF; octets above 127 as surrogates.
    verb : str
        The verb in capitals if it is a known one, else empty.
    code : int
        What to answer: 500 unknown, 501 bad syntax, 502 not implemented.
    enhanced : str
        The enhanced status code of that answer.
    text : str
        Its text.
    """

    line: str
    verb: str
    code: int
    enhanced: str
    text: str


class AuthLine(NamedTuple):
    """The client's answer to a 334 challenge (RFC 4954 section 4): base64, or ``*``."""

    text: str


class Reply(NamedTuple):
    """A reply of the server (RFC 5321 section 4.2).

    Attributes
    ----------
    code : int
        Three digits, 200 to 599.
    lines : tuple of str
        The text of each line, without code and enhanced code; at least one, may be empty.
    enhanced : str
        Enhanced status code that starts every line (RFC 2034), or empty.
    """

    code: int
    lines: tuple[str, ...] = ("",)
    enhanced: str = ""

    @property
    def is_positive(self) -> bool:
        """True for 2yz and 3yz."""
        return self.code < 400

    @property
    def is_temporary(self) -> bool:
        """True for 4yz: the same may succeed later."""
        return 400 <= self.code < 500

    @property
    def text(self) -> str:
        """Enhanced code and text on one line, as a log shows it; without the basic code."""
        text = " ".join(self.lines)
        return f"{self.enhanced} {text}".rstrip() if self.enhanced else text

    def __str__(self) -> str:
        """Return the whole reply on one line."""
        return f"{self.code} {self.text}"


FromClient = Command | BadCommand | AuthLine | Content
"""Everything a client can say."""
