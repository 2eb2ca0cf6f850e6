"""What the two sides say to each other, as values.

A client says :class:`Command`, :class:`AuthLine`, :class:`~mailsim.message.Content` and
:class:`Chunk`, a server says :class:`Reply`.  What is written wrongly arrives as
:class:`Garbage`.  The codec turns values into octets and back: ``decode(encode(value)) == value``.
"""

from __future__ import annotations

from typing import NamedTuple

from mailsim.message import Content, Params

__all__ = ["AuthLine", "Chunk", "Command", "FromClient", "Garbage", "Reply", "verb_of"]


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
    params: Params = ()


class Garbage(NamedTuple):
    """A line that is no command mailsim knows, or one written wrongly; or such a content.

    Attributes
    ----------
    line : str
        The line without its line end, octets above 127 that are no UTF-8 as surrogates; of an
        over-long one the first part, of a content nothing.
    verb : str
        The verb in capitals if it is a known one, else empty; ``CONTENT``, ``BDAT`` and
        ``BDAT_LAST`` for message text.
    reply : Reply
        What to answer.
    """

    line: str
    verb: str
    reply: Reply


class AuthLine(NamedTuple):
    """The client's answer to a 334 challenge (RFC 4954 section 4): base64, or ``*``."""

    text: str


class Chunk(NamedTuple):
    """``BDAT`` and the octets that follow it (RFC 3030 section 2).

    Attributes
    ----------
    content : Content
        The whole message if it comes in one chunk, else this part of its octets.
    is_last : bool
    """

    content: Content
    is_last: bool


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
    is_ours : bool
        No server said it: it is what the client makes of a lost connection and the like.
    """

    code: int
    lines: tuple[str, ...] = ("",)
    enhanced: str = ""
    is_ours: bool = False

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
        _, lines, enhanced, _ = self
        text = lines[0] if len(lines) == 1 else " ".join(lines)
        return f"{enhanced} {text}".rstrip() if enhanced else text

    def __str__(self) -> str:
        """Return the whole reply on one line."""
        return f"{self.code} {self.text}"


FromClient = Command | Garbage | AuthLine | Content | Chunk
"""Everything a client can say."""


def verb_of(value: FromClient) -> str:
    """Return the name under which the transition table knows a value."""
    if type(value) is Command or type(value) is Garbage:
        return value.verb
    if type(value) is Content:
        return "CONTENT"
    if type(value) is Chunk:
        return "BDAT_LAST" if value.is_last else "BDAT"
    return "AUTH_RESPONSE"
