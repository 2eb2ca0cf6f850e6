"""The sizes of RFC 5321 section 4.5.3.1, in octets unless said otherwise.

They are what everybody must accept; where mailsim accepts more it says why.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "AUTH_LINE",
    "COMMAND_LINE",
    "DOMAIN",
    "LOCAL_PART",
    "PATH",
    "RECIPIENTS",
    "REPLY_LINE",
    "REPLY_LINES",
    "TEXT_LINE",
]

LOCAL_PART: Final = 64
DOMAIN: Final = 255
PATH: Final = 256
"""With its angle brackets."""
COMMAND_LINE: Final = 2048
"""With CRLF.  RFC 5321 says 512, and each extension adds to it; Postfix's line_length_limit."""
AUTH_LINE: Final = 12288
"""With CRLF: AUTH and the lines that answer its challenges (RFC 4954 section 4)."""
REPLY_LINE: Final = 2048
"""With CRLF.  RFC 5321 says 512; a client need not be that strict."""
REPLY_LINES: Final = 1000
"""Lines of one reply; no RFC bounds them, a client must."""
TEXT_LINE: Final = 1000
"""With CRLF, a doubled dot not counted.  What a client may send; servers here take any."""
RECIPIENTS: Final = 100
"""Recipients in one transaction that everybody must accept."""
