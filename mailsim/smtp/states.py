"""The law of SMTP: one table of states, verbs and reply classes, for both roles.

Rule 1: whatever moves a session from state to state stands here and nowhere else.
Rule 2: this file does not know which role it serves.  The server enters the table with the
reply it is about to send, the client with the one it has just read, so after every exchange
both are in the same state.

Theory of operation (RFC 5321 sections 4.1.4 and 4.3)
-----------------------------------------------------
A session starts CONNECTED: the client waits for the greeting.  A 2yz greeting leads to
GREETED, where EHLO or HELO must come before any mail.  READY is a session between two
transactions.  MAIL opens one; the first accepted RCPT makes it one that may have DATA; the
354 lets the content through; the final reply, whatever its class, ends the transaction.  EHLO
and RSET end it too.  BDAT (RFC 3030) sends content without DATA: all chunks but the last lead
to CHUNKS, where only another chunk or the end of the transaction may follow; a chunk that
fails leaves ABORTED, which RSET clears.  A failed command leaves the state as it was.  A row
that has no entry for a verb means: out of order, the server answers 503 and nothing changes.
421 answers anything and closes (section 3.8).

Some verbs are ours: GREETING (the server speaks first), CONTENT (message text up to the lone
dot), BDAT_LAST (a BDAT with LAST), AUTH_RESPONSE (a line after 334, RFC 4954) and TLS (the
handshake after STARTTLS has got its 220, RFC 3207; both sides then forget what they knew and are
GREETED again).  In LMTP (RFC 2033) LHLO stands for EHLO, and the final reply is one per accepted
recipient: the last of them ends the transaction.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final

__all__ = ["TRANSITIONS", "UNTOUCHED", "State", "next_state"]


class State(StrEnum):
    """Where a session is."""

    CONNECTED = "connected"
    GREETED = "greeted"
    READY = "ready"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CHUNKS = "chunks"
    ABORTED = "aborted"
    AUTH = "auth"
    TLS = "tls"
    REFUSED = "refused"
    CLOSED = "closed"


_S = State
Row = dict[int, State]
_TRANSACTION: Final = (_S.MAIL, _S.RCPT, _S.CHUNKS, _S.ABORTED)


def _stay(state: State) -> dict[str, Row]:
    """Verbs that change nothing, and QUIT, which is always allowed."""
    same = {2: state, 4: state, 5: state}
    return {
        "NOOP": same,
        "VRFY": same,
        "EXPN": same,
        "HELP": same,
        "QUIT": {2: _S.CLOSED, 5: state},
        "RSET": {2: _S.READY if state in _TRANSACTION else state, 5: state},
    }


def _hello(state: State) -> dict[str, Row]:
    return {verb: {2: _S.READY, 4: state, 5: state} for verb in ("EHLO", "HELO", "LHLO")}


_CHUNKS: Final[dict[str, Row]] = {
    "BDAT": {2: _S.CHUNKS, 4: _S.ABORTED, 5: _S.ABORTED},
    "BDAT_LAST": {2: _S.READY, 4: _S.READY, 5: _S.READY},
}

UNTOUCHED: Final = (502, 503)
"""Replies to BDAT that say nothing of its content: it was no command here at all."""

TRANSITIONS: Final[dict[State, dict[str, Row]]] = {
    _S.CONNECTED: {"GREETING": {2: _S.GREETED, 4: _S.CLOSED, 5: _S.REFUSED}},
    _S.REFUSED: {"QUIT": {2: _S.CLOSED, 5: _S.REFUSED}},
    _S.GREETED: {**_stay(_S.GREETED), **_hello(_S.GREETED)},
    _S.READY: {
        **_stay(_S.READY),
        **_hello(_S.READY),
        "MAIL": {2: _S.MAIL, 4: _S.READY, 5: _S.READY},
        "STARTTLS": {2: _S.TLS, 4: _S.READY, 5: _S.READY},
        "AUTH": {2: _S.READY, 3: _S.AUTH, 4: _S.READY, 5: _S.READY},
    },
    _S.MAIL: {
        **_stay(_S.MAIL),
        **_hello(_S.MAIL),
        "RCPT": {2: _S.RCPT, 4: _S.MAIL, 5: _S.MAIL},
        # A server may grant 354 with no recipient left; the client then sends a lone dot
        # (RFC 2920 section 3.1).
        "DATA": {3: _S.DATA, 4: _S.MAIL, 5: _S.MAIL},
    },
    _S.RCPT: {
        **_stay(_S.RCPT),
        **_hello(_S.RCPT),
        "RCPT": {2: _S.RCPT, 4: _S.RCPT, 5: _S.RCPT},
        "DATA": {3: _S.DATA, 4: _S.RCPT, 5: _S.RCPT},
        **_CHUNKS,
    },
    _S.CHUNKS: {**_stay(_S.CHUNKS), **_hello(_S.CHUNKS), **_CHUNKS},
    _S.ABORTED: {**_stay(_S.ABORTED), **_hello(_S.ABORTED)},
    _S.DATA: {"CONTENT": {2: _S.READY, 4: _S.READY, 5: _S.READY}},
    _S.AUTH: {"AUTH_RESPONSE": {2: _S.READY, 3: _S.AUTH, 4: _S.READY, 5: _S.READY}},
    _S.TLS: {"TLS": {2: _S.GREETED, 4: _S.CLOSED, 5: _S.CLOSED}},
    _S.CLOSED: {},
}


@cache
def next_state(state: State, verb: str, code: int) -> State | None:
    """Return the state after ``verb`` was answered with ``code``, or None if that is illegal.

    A verb that has no row in this state can only be refused: 4yz or 5yz leave the state.
    """
    if code == 421 or (code == 521 and verb == "GREETING"):  # RFC 7504: nobody waits for QUIT
        return _S.CLOSED
    row = TRANSITIONS[state].get(verb)
    if row is None or (code in UNTOUCHED and verb in _CHUNKS):
        return state if 400 <= code < 600 and state is not _S.CLOSED else None
    return row.get(code // 100)
