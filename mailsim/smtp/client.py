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
from typing import Final

from mailsim.errors import LocalProtocolError, RemoteProtocolError
from mailsim.message import Content, Envelope, Filler, Head, Params, param
from mailsim.message.address import is_address
from mailsim.smtp.client_config import ClientConfig
from mailsim.smtp.client_params import mail_params, rcpt
from mailsim.smtp.codec import has_bare
from mailsim.smtp.offers import Allowance, offers_of
from mailsim.smtp.own_replies import LOST, NO_AUTH, NO_RSET, NO_TLS
from mailsim.smtp.sasl import Credentials
from mailsim.smtp.sasl_client import ClientDialogue, chosen
from mailsim.smtp.states import State, next_state
from mailsim.smtp.transaction import Transaction
from mailsim.smtp.values import AuthLine, Chunk, Command, FromClient, Reply, verb_of

__all__ = ["ClientSession"]

_SPECIAL: Final = re.compile(r"[^!-;=?-~]").search
"""Finds what may not stand in a path, or only quoted, or only with SMTPUTF8."""
_DATA: Final = Command("DATA")
_RSET: Final = Command("RSET")
_QUIT: Final = Command("QUIT")
_TELLING: Final = frozenset({
    "GREETING", "EHLO", "HELO", "LHLO", "STARTTLS", "AUTH", "AUTH_RESPONSE", "MAIL", "DATA",
    "CONTENT", "BDAT", "BDAT_LAST",
})  # fmt: skip
"""Verbs whose reply tells the client more than the new state."""
_TELLING_NO: Final = frozenset({"GREETING", "MAIL", "DATA", "BDAT"})
"""Those whose reply does so only when it refuses."""
_EMPTY: Final = Content(0, (), b"", b"")
_READY: Final = State.READY
_DATA_STATE: Final = State.DATA
_GREETED: Final = State.GREETED
_IN_TRANSACTION: Final = frozenset({State.MAIL, State.RCPT, State.CHUNKS, State.ABORTED})


class ClientSession:
    """One session as the client sees it.

    Parameters
    ----------
    config : ClientConfig
    nonce : str
        What SCRAM says; different in each session.

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
        "_allowance",
        "_dialogue",
        "_hello",
        "_is_pipelined",
        "_is_plain",
        "_is_settled",
        "_nonce",
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

    def __init__(self, config: ClientConfig, nonce: str = "") -> None:
        self.config = config
        self.state = State.CONNECTED
        self.offers: dict[str, str] = {}
        self.is_tls = config.tls == "implicit"
        self.is_authenticated = False
        self.transaction: Transaction | None = None
        self.failure: Reply | None = None
        self._owed: deque[str] = deque(("GREETING",))
        self._hello = "LHLO" if config.is_lmtp else "EHLO"
        self._dialogue: ClientDialogue | None = None
        self._nonce = nonce
        self._rset = False
        self._is_settled = False  # STARTTLS and AUTH are done, or need not be
        self._is_pipelined = False
        self._is_plain = False  # the transaction needs no extension
        self._quitting = False
        self._allowance: Allowance | None = None  # where the server has told its limits

    @property
    def mechanism(self) -> str:
        """SASL mechanism in use, or used; empty before AUTH."""
        return self._dialogue.mechanism if self._dialogue is not None else ""

    @property
    def owed(self) -> int:
        """Number of replies that the server owes."""
        return len(self._owed)

    def begin(self, envelope: Envelope, content: Content) -> Transaction:
        """Start a transaction; it ends when :attr:`Transaction.final` is set.

        Raises
        ------
        LocalProtocolError
            If one is under way or the session quits, an address would break the command it
            stands in, or a content that is not binary has a bare CR or LF.
        """
        current = self.transaction
        if self._quitting or (current is not None and current.final is None):
            raise LocalProtocolError("a transaction is under way, or the last one is over")
        if not envelope.recipients:
            raise LocalProtocolError("an envelope has at least one recipient")
        is_plain = not envelope.params and type(content.body) is Filler
        for address in (envelope.sender, *envelope.recipients):
            if _SPECIAL(address):
                if not is_address(address):
                    raise LocalProtocolError(f"{address!r} cannot stand in a command")
                is_plain = False
        is_plain = is_plain and content.is_header_ascii and type(content.head) is Head
        if not is_plain:
            body = param(envelope.params, "BODY") or ""
            if has_bare(content) and body.upper() != "BINARYMIME":
                raise LocalProtocolError("a content whose lines do not end in CRLF")
        if current is not None and (self.config.rset_between or self.state is not State.READY):
            self._rset = True
        self.transaction = transaction = Transaction(envelope, content)
        self._is_plain = is_plain
        if self.failure is not None:
            transaction.final = self.failure
        return transaction

    def has_room_for(self, envelope: Envelope) -> bool:
        """Tell whether the server's LIMITS allow one more transaction (RFC 9422)."""
        return self._allowance is None or self._allowance.has_room_for(envelope)

    def quit(self) -> None:
        """Let the next flight be QUIT; a transaction under way counts as 451."""
        self._quitting = True

    # -- what to send -----------------------------------------------------------------------

    def flight(self) -> tuple[FromClient, ...]:
        """Return what may be sent now, in one go; empty when a reply is owed or all is done."""
        if self._owed:
            return ()
        state = self.state
        transaction = self.transaction
        if state is _DATA_STATE:
            assert transaction is not None
            if self.config.is_lmtp:
                self._owed.extend(("CONTENT",) * (transaction.n_accepted - 1))
            self._owed.append("CONTENT")
            return (transaction.content if transaction.n_accepted else _EMPTY,)
        if self._quitting and state not in (State.AUTH, State.TLS):
            if state is State.CLOSED:
                return ()
            if transaction is not None and transaction.final is None:
                transaction.final = LOST
            self._owed.append("QUIT")
            return (_QUIT,)
        if self.failure is not None:  # no more mail over this session; only QUIT is left
            return ()
        group: tuple[FromClient, ...]
        if state is _READY:
            if self._is_settled and (transaction is None or transaction.final is not None):
                return ()
            group = self._from_ready(transaction)
        elif state in _IN_TRANSACTION:
            group = self._from_transaction(transaction)
        elif state is _GREETED:
            group = (Command(self._hello, self.config.name),)
        elif state is State.AUTH:
            assert self._dialogue is not None
            group = (AuthLine(self._dialogue.answer()),)
        else:
            return ()
        for value in group:
            self._owed.append(value.verb if type(value) is Command else verb_of(value))
        if self.config.is_lmtp and group and type(group[-1]) is Chunk and group[-1].is_last:
            assert transaction is not None
            self._owed.extend(("BDAT_LAST",) * (transaction.n_accepted - 1))
        return group

    def _from_ready(self, transaction: Transaction | None) -> tuple[FromClient, ...]:
        config = self.config
        if not self._is_settled:
            if not self.is_tls and config.tls != "none":
                if "STARTTLS" in self.offers:
                    return (Command("STARTTLS"),)
                if config.tls == "encrypt":
                    self.give_up(NO_TLS)
                    return ()
            if config.credentials is not None and not self.is_authenticated:
                return self._auth(config.credentials)
            self._is_settled = True
            self._is_pipelined = config.pipelining and "PIPELINING" in self.offers
        if transaction is None or transaction.final is not None:
            return ()
        if self._rset:
            return (_RSET,)
        offers = self.offers
        if self._is_plain:  # nothing but SIZE has anything to say
            params: Params = ()
            if "SIZE" in offers:
                params = (("SIZE", str(transaction.content.size)),)
        else:
            said = mail_params(config, transaction, offers, is_tls=self.is_tls)
            if isinstance(said, Reply):  # the message cannot go this way
                transaction.final = said
                return ()
            params = said
        if self._allowance:
            transaction.ask_only(self._allowance.spend(transaction.envelope.recipients))
        envelope = transaction.asked
        mail = Command("MAIL", envelope.sender, params)
        if not self._is_pipelined:
            return (mail,)
        rcpts = [rcpt(config, envelope, i, offers) for i in range(len(envelope.recipients))]
        if not self._is_chunked(transaction):
            return (mail, *rcpts, _DATA)
        if config.is_lmtp:  # how many replies BDAT LAST gets is known when RCPT has been answered
            return (mail, *rcpts)
        return (mail, *rcpts, *self._chunks(transaction))

    def _is_chunked(self, transaction: Transaction) -> bool:
        if "CHUNKING" not in self.offers:
            return False
        body = param(transaction.envelope.params, "BODY") or ""
        return self.config.chunking or body.upper() == "BINARYMIME"

    def _chunks(self, transaction: Transaction) -> tuple[Chunk, ...]:
        config = self.config
        is_pipelined = self._is_pipelined and not config.is_lmtp
        return transaction.next_chunks(config.chunk_bytes, everything=is_pipelined)

    def _from_transaction(self, transaction: Transaction | None) -> tuple[FromClient, ...]:
        if transaction is None or transaction.final is not None:
            return ()
        if self._rset:
            return (_RSET,)
        asked = transaction.asked
        n_asked = len(transaction.replies)
        if n_asked < len(asked.recipients):
            return (rcpt(self.config, asked, n_asked, self.offers),)
        if transaction.n_accepted:
            if self._is_chunked(transaction):
                return self._chunks(transaction)
            return (_DATA,)
        transaction.final = transaction.replies[-1]
        return ()

    def _auth(self, credentials: Credentials) -> tuple[FromClient, ...]:
        mechanism = chosen(self.config.mechanisms, self.offers.get("AUTH", ""))
        if not mechanism:
            self.give_up(NO_AUTH)
            return ()
        self._dialogue = ClientDialogue(mechanism, credentials, self._nonce or self.config.name)
        return (self._dialogue.command(is_initial=self.config.initial_response),)

    # -- what comes back --------------------------------------------------------------------

    def receive(self, reply: Reply) -> None:
        """Take a reply of the server.

        Raises
        ------
        RemoteProtocolError
            If nothing was asked, or the reply is not one to what was asked.
        """
        owed, code = self._owed, reply.code
        if code == 421:
            self.give_up(reply)
            self.state = State.CLOSED
            owed.clear()
            return
        if not owed:
            raise RemoteProtocolError(f"a reply to nothing: {reply}")
        verb = owed[0]
        state = next_state(self.state, verb, code)
        if state is None:
            raise RemoteProtocolError(f"{reply} is no reply to {verb}")
        owed.popleft()
        if not (owed and self.config.is_lmtp and verb in ("CONTENT", "BDAT_LAST")):
            self.state = state  # in LMTP only the last of the final replies ends it
        if verb == "RCPT":
            assert self.transaction is not None
            self.transaction.take(reply)
        elif verb == "RSET":
            self._rset = False
            if code >= 400:  # the old transaction still stands: MAIL would be wrong here
                self.give_up(NO_RSET)
        elif verb in _TELLING and (code >= 400 or verb not in _TELLING_NO):
            self._after(verb, reply)

    def _after(self, verb: str, reply: Reply) -> None:
        transaction = self.transaction
        if verb in ("CONTENT", "BDAT_LAST"):
            assert transaction is not None
            if self.config.is_lmtp and transaction.n_accepted:
                transaction.finals.append(reply)
                if len(transaction.finals) < transaction.n_accepted:
                    return
            self._conclude(transaction, reply)
        elif verb in ("MAIL", "DATA", "BDAT"):
            assert transaction is not None
            if transaction.final is None:
                if verb == "MAIL":
                    transaction.final = reply
                else:
                    self._conclude(transaction, reply)
        elif verb == "GREETING":
            self.give_up(reply)
        elif verb in ("EHLO", "HELO", "LHLO"):
            self._after_hello(verb, reply)
        elif verb in ("AUTH", "AUTH_RESPONSE"):
            assert self._dialogue is not None
            failure = self._dialogue.hear(reply)
            self.is_authenticated = reply.code == 235 and failure is None
            if failure is not None:
                self.give_up(failure)
        elif reply.code >= 400:  # STARTTLS refused
            if self.config.tls == "encrypt":
                self.give_up(reply)
            else:  # opportunistic: go on in the clear, and do not ask again
                del self.offers["STARTTLS"]

    def _conclude(self, transaction: Transaction, reply: Reply) -> None:
        """End the transaction; where no recipient is left, their refusals stand.

        That is so for the lone dot after 354 without a recipient (RFC 2920 section 3.1), and
        for a DATA or BDAT that was pipelined behind refused recipients.
        """
        if transaction.final is None:
            refused_all = transaction.replies and not transaction.n_accepted
            transaction.final = transaction.replies[-1] if refused_all else reply

    def _after_hello(self, verb: str, reply: Reply) -> None:
        if reply.code < 400:
            self._is_settled = False
            self.offers = offers_of(reply) if verb != "HELO" else {}
            if "LIMITS" in self.offers:
                self._allowance = Allowance(self.offers["LIMITS"])
            if "STARTTLS" in self.offers:
                self.offers = dict(self.offers)
        elif verb == "EHLO" and reply.code in (500, 501, 502, 504):
            self._hello = "HELO"  # RFC 5321 section 3.2: the server may be an old one
        else:
            self.give_up(reply)

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
        self._allowance = None

    def lost(self, reply: Reply = LOST) -> None:
        """Say that the connection is gone, or of no use; a transaction under way counts as 451."""
        self.give_up(self.failure or reply)
        self.state = State.CLOSED
        self._owed.clear()

    def give_up(self, reply: Reply) -> None:
        """Give up the session for mail: this transaction and all that might follow."""
        self.failure = reply
        transaction = self.transaction
        if transaction is not None and transaction.final is None:
            transaction.final = reply
