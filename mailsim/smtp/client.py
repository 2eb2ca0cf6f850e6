"""The client's side of a session, without any I/O.

:meth:`ClientSession.flight` gives the group of values the client may send now without waiting:
one command, or with PIPELINING a whole group.  Each reply goes into
:meth:`ClientSession.receive`.  When there is nothing to send and nothing owed, the transaction
is over: the next one may :meth:`~ClientSession.begin`, or the session may
:meth:`~ClientSession.quit`.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp.sasl import Credentials, encode, plain
from mailsim.smtp.states import State, next_state
from mailsim.smtp.values import AuthLine, Command, FromClient, Reply

__all__ = ["ClientConfig", "ClientSession", "Transaction"]

_UNSAFE = re.compile(r"[\x00-\x20<>\x7f]").search
_DATA = Command("DATA")
_RSET = Command("RSET")
_QUIT = Command("QUIT")
_TELLING = frozenset(
    {"GREETING", "EHLO", "HELO", "STARTTLS", "AUTH", "AUTH_RESPONSE", "MAIL", "DATA", "CONTENT"}
)
"""Verbs whose reply tells the client more than the new state."""
_EMPTY = Content(0, (), b"", b"")
LOST = Reply(451, ("lost connection with the server",), "4.4.2")
"""What a connection that ends in mid-transaction counts as (RFC 5321 section 3.8)."""
NO_TLS = Reply(454, ("TLS is required, but was not offered",), "4.7.4")
NO_AUTH = Reply(535, ("authentication is required, but no known mechanism was offered",), "5.7.8")


@dataclass(frozen=True, eq=False)
class ClientConfig:
    """What a client does in each of its sessions.

    Attributes
    ----------
    name : str
        What it calls itself in EHLO.
    tls : str
        ``none``, ``may`` (STARTTLS where offered) or ``encrypt`` (no mail without).
    credentials : Credentials or None
        Sent with AUTH once the session is ready.
    pipelining : bool
        Use PIPELINING where offered.
    rset_between : bool
        Send RSET before each further message, as Postfix does on a cached connection.
    """

    name: str
    tls: str = "may"
    credentials: Credentials | None = None
    pipelining: bool = True
    rset_between: bool = True


class Transaction:
    """One message on its way through one session.

    Attributes
    ----------
    envelope : Envelope
    content : Content
    replies : list of Reply
        One per recipient asked for so far, in order.
    final : Reply or None
        The reply to MAIL, DATA or the content that decided about all recipients left.
    """

    __slots__ = ("content", "envelope", "final", "n_accepted", "replies")

    def __init__(self, envelope: Envelope, content: Content) -> None:
        self.envelope = envelope
        self.content = content
        self.replies: list[Reply] = []
        self.n_accepted = 0
        self.final: Reply | None = None

    def reply_to(self, index: int) -> Reply:
        """Return the reply that decided about the recipient at ``index``.

        Raises
        ------
        LocalProtocolError
            If the transaction is not over.
        """
        if index < len(self.replies) and not self.replies[index].is_positive:
            return self.replies[index]
        if self.final is None:
            raise LocalProtocolError("the transaction is not over")
        return self.final


class ClientSession:
    """One session as the client sees it.

    Parameters
    ----------
    config : ClientConfig

    Attributes
    ----------
    state : State
        The server's state, as far as its replies tell.
    offers : dict of str to str
        Keyword and parameters of the extensions the server offers.
    is_tls, is_authenticated : bool
    transaction : Transaction or None
        The current or last one.
    failure : Reply or None
        Why the session can carry no mail, when it cannot.
    """

    __slots__ = (
        "_hello",
        "_owed",
        "_quitting",
        "_rset",
        "config",
        "failure",
        "is_authenticated",
        "is_tls",
        "offers",
        "state",
        "transaction",
    )

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self.state = State.CONNECTED
        self.offers: dict[str, str] = {}
        self.is_tls = self.is_authenticated = False
        self.transaction: Transaction | None = None
        self.failure: Reply | None = None
        self._owed: deque[str] = deque(("GREETING",))
        self._hello = "EHLO"
        self._rset = False
        self._quitting = False

    def begin(self, envelope: Envelope, content: Content) -> Transaction:
        """Start a transaction; it ends when :attr:`Transaction.final` is set.

        Raises
        ------
        LocalProtocolError
            If one is under way, or an address would break the command it stands in.
        """
        current = self.transaction
        if current is not None and current.final is None:
            raise LocalProtocolError("a transaction is under way")
        if not envelope.recipients:
            raise LocalProtocolError("an envelope has at least one recipient")
        for address in (envelope.sender, *envelope.recipients):
            if _UNSAFE(address):
                raise LocalProtocolError(f"{address!r} cannot stand in a command")
        if current is not None and (self.config.rset_between or self.state is not State.READY):
            self._rset = True
        self.transaction = transaction = Transaction(envelope, content)
        if self.failure is not None:
            transaction.final = self.failure
        return transaction

    def quit(self) -> None:
        """Let the next flight be QUIT."""
        self._quitting = True

    def flight(self) -> tuple[FromClient, ...]:
        """Return what may be sent now, in one go; empty when a reply is owed or all is done."""
        if self._owed:
            return ()
        state = self.state
        transaction = self.transaction
        if state is State.DATA:
            assert transaction is not None
            content = transaction.content if transaction.n_accepted else _EMPTY
            self._owed.append("CONTENT")
            return (content,)
        if self._quitting:
            if state is State.CLOSED:
                return ()
            self._owed.append("QUIT")
            return (_QUIT,)
        if self.failure is not None:  # no more mail over this session; only QUIT is left
            return ()
        if state is State.READY:
            group = self._from_ready(transaction)
        elif state is State.MAIL or state is State.RCPT:
            group = self._from_transaction(transaction)
        elif state is State.GREETED:
            group = (Command(self._hello, self.config.name),)
        elif state is State.AUTH:
            assert self.config.credentials is not None
            self._owed.append("AUTH_RESPONSE")
            return (AuthLine(encode(self.config.credentials.password)),)
        else:
            return ()
        self._owed.extend([command.verb for command in group])
        return group

    def _from_ready(self, transaction: Transaction | None) -> tuple[Command, ...]:
        config = self.config
        if config.tls != "none" and not self.is_tls:
            if "STARTTLS" in self.offers:
                return (Command("STARTTLS"),)
            if config.tls == "encrypt":
                self._fail(NO_TLS)
                return ()
        if config.credentials is not None and not self.is_authenticated:
            return self._auth(config.credentials)
        if transaction is None or transaction.final is not None:
            return ()
        if self._rset:
            return (_RSET,)
        envelope, content = transaction.envelope, transaction.content
        params: tuple[tuple[str, str | None], ...] = ()
        if "SIZE" in self.offers:
            params = (("SIZE", str(content.size)),)
        mail = Command("MAIL", envelope.sender, params)
        if config.pipelining and "PIPELINING" in self.offers:
            if len(envelope.recipients) == 1:
                return (mail, Command("RCPT", envelope.recipients[0]), _DATA)
            return (mail, *[Command("RCPT", to) for to in envelope.recipients], _DATA)
        return (mail,)

    def _from_transaction(self, transaction: Transaction | None) -> tuple[Command, ...]:
        if transaction is None or transaction.final is not None:
            return ()
        if self._rset:
            return (_RSET,)
        recipients = transaction.envelope.recipients
        n_asked = len(transaction.replies)
        if n_asked < len(recipients):
            return (Command("RCPT", recipients[n_asked]),)
        if transaction.n_accepted:
            return (_DATA,)
        transaction.final = transaction.replies[-1]
        return ()

    def _auth(self, credentials: Credentials) -> tuple[Command, ...]:
        offered = self.offers.get("AUTH", "").split()
        if "PLAIN" in offered:
            return (Command("AUTH", f"PLAIN {plain(credentials)}"),)
        if "LOGIN" in offered:
            return (Command("AUTH", f"LOGIN {encode(credentials.user)}"),)
        self._fail(NO_AUTH)
        return ()

    def receive(self, reply: Reply) -> None:
        """Take a reply of the server.

        Raises
        ------
        RemoteProtocolError
            If nothing was asked, or the reply is not one to what was asked.
        """
        owed = self._owed
        if reply.code == 421:
            self._fail(reply)
            self.state = State.CLOSED
            owed.clear()
            return
        if not owed:
            raise RemoteProtocolError(f"a reply to nothing: {reply}")
        verb = owed[0]
        state = next_state(self.state, verb, reply.code)
        if state is None:
            raise RemoteProtocolError(f"{reply} is no reply to {verb}")
        owed.popleft()
        self.state = state
        if verb == "RCPT":
            transaction = self.transaction
            assert transaction is not None
            transaction.replies.append(reply)
            if reply.code < 400:
                transaction.n_accepted += 1
        elif verb == "RSET":
            self._rset = False
        elif verb in _TELLING:
            self._after(verb, reply)

    def _after(self, verb: str, reply: Reply) -> None:
        transaction = self.transaction
        if verb == "CONTENT":
            assert transaction is not None
            # A lone dot after 354 without a recipient: the refusals stand, not its own reply.
            transaction.final = reply if transaction.n_accepted else transaction.replies[-1]
        elif verb == "MAIL" or verb == "DATA":
            assert transaction is not None
            if reply.code >= 400 and transaction.final is None:
                refused_all = verb == "DATA" and transaction.replies and not transaction.n_accepted
                transaction.final = transaction.replies[-1] if refused_all else reply
        elif verb == "GREETING":
            if reply.code >= 400:
                self._fail(reply)
        elif verb in ("EHLO", "HELO"):
            self._after_hello(verb, reply)
        elif verb in ("AUTH", "AUTH_RESPONSE"):
            if reply.code == 235:
                self.is_authenticated = True
            elif reply.code >= 400:
                self._fail(reply)
        elif verb == "STARTTLS" and reply.code >= 400:
            if self.config.tls == "encrypt":
                self._fail(reply)
            else:  # opportunistic: go on in the clear, and do not ask again
                del self.offers["STARTTLS"]

    def _after_hello(self, verb: str, reply: Reply) -> None:
        if reply.code < 400:
            self.offers = offers_of(reply) if verb == "EHLO" else {}
            if "STARTTLS" in self.offers:
                self.offers = dict(self.offers)
        elif verb == "EHLO" and reply.code in (500, 501, 502, 504):
            self._hello = "HELO"  # RFC 5321 section 3.2: the server may be an old one
        else:
            self._fail(reply)

    def tls_done(self) -> None:
        """Say that the handshake succeeded; what was learned before it is forgotten.

        Raises
        ------
        LocalProtocolError
            If STARTTLS has not been granted.
        """
        if self.state is not State.TLS:
            raise LocalProtocolError("no STARTTLS has been granted")
        self.state = State.GREETED
        self.is_tls = True
        self.offers = {}

    def lost(self) -> None:
        """Say that the connection is gone; a transaction under way counts as 451."""
        self._fail(self.failure or LOST)
        self.state = State.CLOSED
        self._owed.clear()

    def _fail(self, reply: Reply) -> None:
        """Give up the session for mail: this transaction and all that might follow."""
        self.failure = reply
        transaction = self.transaction
        if transaction is not None and transaction.final is None:
            transaction.final = reply


@lru_cache(maxsize=1024)
def offers_of(reply: Reply) -> dict[str, str]:
    """Return the extensions of an EHLO reply: keyword in capitals, and its parameters."""
    offers: dict[str, str] = {}
    for line in reply.lines[1:]:
        keyword, _, params = line.partition(" ")
        offers[keyword.upper()] = params
    return offers
