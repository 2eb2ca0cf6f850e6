"""Reply codes: what each means, and which of them may answer which verb.

Source: RFC 5321 section 4.3.2, RFC 3207 section 4, RFC 4954 section 6, RFC 7504.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

__all__ = ["CODES", "PERMITTED"]

CODES: Final[MappingProxyType[int, str]] = MappingProxyType(
    {
        211: "System status, or system help reply",
        214: "Help message",
        220: "<domain> Service ready",
        221: "<domain> Service closing transmission channel",
        235: "Authentication succeeded",
        250: "Requested mail action okay, completed",
        251: "User not local; will forward to <forward-path>",
        252: "Cannot VRFY user, but will accept message and attempt delivery",
        334: "Authentication challenge",
        354: "Start mail input; end with <CRLF>.<CRLF>",
        421: "<domain> Service not available, closing transmission channel",
        432: "A password transition is needed",
        450: "Requested mail action not taken: mailbox unavailable",
        451: "Requested action aborted: local error in processing",
        452: "Requested action not taken: insufficient system storage",
        454: "Temporary authentication failure, or TLS not available",
        455: "Server unable to accommodate parameters",
        500: "Syntax error, command unrecognized",
        501: "Syntax error in parameters or arguments",
        502: "Command not implemented",
        503: "Bad sequence of commands",
        504: "Command parameter not implemented",
        521: "Host does not accept mail",
        530: "Authentication required, or must issue a STARTTLS command first",
        534: "Authentication mechanism is too weak",
        535: "Authentication credentials invalid",
        538: "Encryption required for requested authentication mechanism",
        550: "Requested action not taken: mailbox unavailable",
        551: "User not local; please try <forward-path>",
        552: "Requested mail action aborted: exceeded storage allocation",
        553: "Requested action not taken: mailbox name not allowed",
        554: "Transaction failed, or no SMTP service here",
        555: "MAIL FROM/RCPT TO parameters not recognized or not implemented",
        556: "Domain does not accept mail",
    }
)
"""Every reply code mailsim knows, with the meaning the RFCs give it."""

_ANY: Final = (500, 501, 503, 530, 421)
_HELLO: Final = (250, 502, 503, 504, 550)
_RCPT: Final = (250, 251, 450, 451, 452, 455, 503, 530, 550, 551, 552, 553, 554, 555, 556)
_CONTENT: Final = (250, 450, 451, 452, 550, 552, 554)
_AUTH: Final = (235, 334, 432, 454, 500, 501, 503, 504, 530, 534, 535, 538)

PERMITTED: Final[MappingProxyType[str, frozenset[int]]] = MappingProxyType(
    {
        verb: frozenset((*codes, *_ANY))
        for verb, codes in {
            "GREETING": (220, 521, 554),
            "EHLO": _HELLO,
            "HELO": _HELLO,
            "LHLO": _HELLO,
            "MAIL": (250, 450, 451, 452, 455, 503, 530, 550, 552, 553, 554, 555),
            "RCPT": _RCPT,
            "DATA": (354, 450, 451, 452, 503, 530, 550, 554),
            "CONTENT": _CONTENT,
            "BDAT": (*_CONTENT, 502, 503),
            "BDAT_LAST": (*_CONTENT, 502, 503),
            "RSET": (250, 503),
            "NOOP": (250, 503),
            "VRFY": (250, 251, 252, 502, 503, 504, 530, 550, 551, 553),
            "EXPN": (250, 252, 502, 503, 504, 550),
            "HELP": (211, 214, 502, 503, 504),
            "QUIT": (221, 503),
            "STARTTLS": (220, 454, 502, 503),
            "AUTH": _AUTH,
            "AUTH_RESPONSE": _AUTH,
        }.items()
    }
)
"""Codes a server may answer each verb with; :meth:`ServerSession.reply` holds every one to it.

RFC 5321 section 4.3.2, RFC 3030, RFC 3207, RFC 4954 and RFC 7504.  Beyond the tables of the RFCs
are 450 to MAIL, 550 and 554 to MAIL, RCPT and DATA: what every server answers whose policy says
no.  503 answers everything but QUIT after a 554 greeting (section 3.1).
"""
