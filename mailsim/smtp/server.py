"""The server's side of a session, without any I/O.

Give :meth:`ServerSession.receive` what the client said.  It answers with a reply, or with
None: the session is PAUSED, its driver owes the reply (having spent service time, asked the
policies, stored the message) and gives it through :meth:`ServerSession.reply`.  Which verbs
pause is the driver's choice (``ServerConfig.ask``).  What each command must be like to get that
far stands in :mod:`mailsim.smtp.checks`.
"""

from __future__ import annotations

from functools import cache
from sys import intern
from typing import Final

from mailsim.errors import LocalProtocolError
from mailsim.message import Content, Envelope, Params, param
from mailsim.smtp.checks import CHECKS, gate, out_of_order
from mailsim.smtp.effects import EFFECTS, Effect
from mailsim.smtp.replies import PERMITTED
from mailsim.smtp.sasl import Claim, Dialogue
from mailsim.smtp.server_config import ServerConfig
from mailsim.smtp.states import TRANSITIONS, State, next_state
from mailsim.smtp.values import Command, FromClient, Garbage, Reply, verb_of

__all__ = ["PAUSED", "ServerSession"]

PAUSED: Final = None
"""What :meth:`ServerSession.receive` returns when the driver owes the reply."""

OK: Final = Reply(250, ("Ok",), "2.0.0")
_DEFAULTS: Final[dict[str, Reply]] = {
    "MAIL": Reply(250, ("Ok",), "2.1.0"),
    "RCPT": Reply(250, ("Ok",), "2.1.5"),
    "DATA": Reply(354, ("End data with <CR><LF>.<CR><LF>",)),
    "CONTENT": OK,
    "BDAT": Reply(250, ("Ok: chunk received",), "2.0.0"),
    "BDAT_LAST": OK,
    "RSET": OK,
    "NOOP": OK,
    "VRFY": Reply(252, ("Cannot VRFY user, but will accept message",), "2.0.0"),
    "EXPN": Reply(502, ("EXPN not implemented",), "5.5.1"),
    "QUIT": Reply(221, ("Bye",), "2.0.0"),
    "STARTTLS": Reply(220, ("Ready to start TLS",), "2.0.0"),
    "AUTH": Reply(454, ("Temporary authentication failure",), "4.7.0"),
    "AUTH_RESPONSE": Reply(454, ("Temporary authentication failure",), "4.7.0"),
}
_NO_MAIL: Final = Command("MAIL", "")
TOO_MANY_ERRORS: Final = Reply(421, ("Error: too many errors",), "4.7.0")
_JUNK: Final = frozenset({"NOOP", "RSET", "VRFY", "EXPN", "HELP", "EHLO", "HELO", "LHLO"})
_CLOSED: Final = State.CLOSED
_BARE_CODES: Final = frozenset({"GREETING", "EHLO", "HELO", "LHLO"})
"""Verbs whose replies bear no enhanced code (RFC 2034 section 4)."""


class ServerSession:
    """One session as the server sees it.

    Parameters
    ----------
    config : ServerConfig
    nonce : str
        What the challenge of CRAM-MD5 says before the ``@``, and SCRAM behind the client's;
        different in each session.

    Attributes
    ----------
    state : State
    awaited : str
        Verb whose reply the driver owes, or empty.
    helo : str
        What the client called itself; empty before EHLO or HELO.
    is_esmtp, is_tls : bool
    user : str
        Who authenticated; empty if nobody did.
    mechanism : str
        SASL mechanism in use or used.
    sender : str
        Reverse-path of the transaction.
    recipients : list of str
        Accepted forward-paths of the transaction.
    params : Params
        Parameters of its MAIL, without SIZE.
    mail : Command
        The last MAIL that was accepted.
    rcpt_domains : set of str
        Domains of all recipients accepted in the session, where they are limited.
    n_transactions : int
        MAIL commands accepted so far.
    command : FromClient or None
        What ``awaited`` is about.
    content : Content or None
        The whole message, when ``awaited`` is CONTENT or BDAT_LAST.
    claim : Claim or None
        What the client claims, when ``awaited`` is AUTH or AUTH_RESPONSE.
    delay_ns : int
        How long the driver holds the last reply back, as a penalty for errors.
    is_out_of_patience : bool
        True when the client has made too many errors: the driver is to :meth:`close`.
    """

    __slots__ = (
        "_n_errors",
        "_n_finals",
        "_n_junk",
        "_nonce",
        "awaited",
        "chunked_bytes",
        "chunks",
        "claim",
        "command",
        "config",
        "content",
        "delay_ns",
        "dialogue",
        "helo",
        "is_esmtp",
        "is_out_of_patience",
        "is_tls",
        "mail",
        "n_transactions",
        "params",
        "rcpt_domains",
        "rcpt_params",
        "recipients",
        "sender",
        "state",
        "user",
    )

    def __init__(self, config: ServerConfig, nonce: str = "") -> None:
        self.config = config
        self.state = State.CONNECTED
        self.awaited = "GREETING"
        self.command: FromClient | None = None
        self.content: Content | None = None
        self.helo = self.user = self.sender = ""
        self.is_esmtp = False
        self.is_tls = config.tls == "implicit"
        self.recipients: list[str] = []
        self.params: Params = ()
        self.mail = _NO_MAIL
        self.rcpt_domains: set[str] = set()
        self.n_transactions = 0
        self.chunked_bytes = 0
        self.claim: Claim | None = None
        self.delay_ns = 0
        self.is_out_of_patience = False
        self.rcpt_params: list[Params] = []
        self.chunks: list[Content] = []
        self.dialogue: Dialogue | None = None
        self._nonce = nonce
        self._n_errors = self._n_junk = self._n_finals = 0

    @property
    def protocol(self) -> str:
        """Keyword of the Received line (RFC 3848; RFC 6531 section 4.3)."""
        if not self.is_esmtp:
            return "SMTP"
        base = "LMTP" if self.config.is_lmtp else "ESMTP"
        if param(self.params, "SMTPUTF8") is not None:
            base = f"UTF8{base.removeprefix('E')}"
        # One object for all of a kind: each message in a queue has it.
        return intern(base + ("S" if self.is_tls else "") + ("A" if self.user else ""))

    @property
    def envelope(self) -> Envelope:
        """The envelope of the transaction so far."""
        extra = tuple(self.rcpt_params)
        return Envelope(self.sender, tuple(self.recipients), self.params, extra)

    @property
    def mechanism(self) -> str:
        """SASL mechanism in use, or used; empty before AUTH."""
        return self.dialogue.mechanism if self.dialogue is not None else ""

    def receive(self, value: FromClient) -> Reply | None:
        """Take what the client said; return the reply, or None when the driver owes it.

        A content that LMTP refuses is refused once per recipient: :attr:`awaited` stays, and
        the same reply is to be given until it is empty.

        Raises
        ------
        LocalProtocolError
            If a reply is still owed, or the session is over.
        """
        if self.awaited:
            raise LocalProtocolError(f"the reply to {self.awaited} is still owed")
        state, config = self.state, self.config
        if state is _CLOSED:
            raise LocalProtocolError("the session is closed")
        verb = value.verb if type(value) is Command else verb_of(value)
        self.command = value
        self.awaited = verb
        if config.is_lmtp and verb in ("CONTENT", "BDAT_LAST") and verb in TRANSITIONS[state]:
            self._n_finals = len(self.recipients)
        if type(value) is Garbage:
            return self._refuse_garbage(value)
        if config.is_gated:
            refusal = gate(self, verb)
            if refusal is not None:
                return self.reply(refusal)
        if verb not in TRANSITIONS[state]:
            return self.reply(out_of_order(self, verb))
        if verb in _JUNK:
            self._n_junk += 1
            if 0 < config.junk_command_limit < self._n_junk - 1:
                self._n_errors += 1
        check = CHECKS.get(verb)
        if check is not None:
            refusal = check(self, value)
            if refusal is not None:
                if refusal.code == 250 and verb in config.ask:  # an answer to EHLO, no refusal
                    return PAUSED
                return self.reply(refusal)
        if verb in config.ask:
            return PAUSED
        return self.reply(_DEFAULTS[verb])

    def _refuse_garbage(self, value: Garbage) -> Reply:
        """Refuse what was written wrongly; only of a content or a SASL response it is the end."""
        if value.reply.code == 421:
            return self.close(value.reply)
        if self.state is State.AUTH:
            self.awaited = "AUTH_RESPONSE"
        elif value.verb not in ("CONTENT", "BDAT", "BDAT_LAST"):
            self.awaited = ""
            bare = Reply(value.reply.code, value.reply.lines)
            return self._counted(bare if value.verb in _BARE_CODES else value.reply)
        elif value.verb not in TRANSITIONS[self.state]:
            return self.reply(out_of_order(self, value.verb))
        return self.reply(value.reply)

    def reply(self, reply: Reply) -> Reply:
        """Give the reply that is owed; return it.

        In LMTP a message that is complete is owed one reply per recipient (RFC 2033 section
        4.2): :attr:`awaited` stays until the last.

        Raises
        ------
        LocalProtocolError
            If none is owed, or this one is not legal here.
        """
        code = reply.code
        state, effect, has_bare_code = _legal(self.state, self.awaited, code)
        if self._n_finals:
            if self._n_finals > 1 and code != 421:
                self._n_finals -= 1
                return self._counted(reply)
            self._n_finals = 0
        self.awaited = ""
        if effect is not None:
            effect(self, reply)
        self.state = state
        if has_bare_code and reply.enhanced:
            reply = Reply(code, reply.lines)
        if self._n_errors or code >= 400 or not self.config.has_enhanced_codes:
            return self._counted(reply)
        self.delay_ns = 0
        return reply

    def _counted(self, reply: Reply) -> Reply:
        """Count errors; from the soft limit on every reply is held back (Postfix smtpd_chat.c)."""
        config = self.config
        is_slow = 0 < config.soft_error_limit <= self._n_errors
        self.delay_ns = config.error_sleep_ns if is_slow else 0
        if reply.code >= 400:
            self._n_errors += 1
        limit = config.hard_error_limit
        self.is_out_of_patience = 0 < limit <= self._n_errors and self.state is not _CLOSED
        if reply.enhanced and not config.has_enhanced_codes:
            return Reply(reply.code, reply.lines)
        return reply

    def close(self, reply: Reply = TOO_MANY_ERRORS) -> Reply:
        """Say 421 and be closed, whatever is under way (RFC 5321 section 3.8); return the reply.

        Raises
        ------
        LocalProtocolError
            If the code is another one, or the session is over.
        """
        if reply.code != 421 or self.state is State.CLOSED:
            raise LocalProtocolError("421 closes an open session, and nothing else does")
        self.awaited = ""
        self.end()
        self.state = State.CLOSED
        return self._counted(reply)

    def lost(self) -> None:
        """Say that the connection is gone; a message not complete was never there."""
        self.awaited = ""
        self.end()
        self.state = State.CLOSED

    def expect_tls(self) -> None:
        """Say that the handshake after STARTTLS has begun; the reply to TLS is its outcome."""
        if self.state is not State.TLS:
            raise LocalProtocolError("no STARTTLS has been granted")
        self.awaited = "TLS"

    def default_reply(self) -> Reply:
        """Return the reply that the owed verb gets when nobody objects."""
        found = _DEFAULTS.get(self.awaited)
        if found is None and self.command is not None:
            found = CHECKS[self.awaited](self, self.command)
        assert found is not None
        return found

    def start_auth(self, mechanism: str, initial: str) -> Reply | None:
        """Begin an exchange; return a challenge or a refusal, None when the claim is complete."""
        name, nonce = self.config.name, self._nonce
        self.dialogue = dialogue = Dialogue(
            mechanism, f"<{nonce}@{name}>", nonce or name, self.config.scram_salt
        )
        reply = dialogue.start(initial)
        self.claim = dialogue.claim
        return reply

    def continue_auth(self, response: str) -> Reply | None:
        """Take a response; return a challenge or a refusal, None when the claim is complete."""
        assert self.dialogue is not None
        reply = self.dialogue.take(response)
        self.claim = self.dialogue.claim
        return reply

    def take_content(self, content: Content, *, is_last: bool = True) -> None:
        """Keep a message text, or a chunk of one; after the last :attr:`content` is whole."""
        if self.chunks or not is_last:
            self.chunks.append(content)
            self.chunked_bytes += content.size
            if not is_last:
                return
            content = Content.from_bytes(b"".join([chunk.to_bytes() for chunk in self.chunks]))
        self.content = content

    def forgive(self) -> None:
        """Forget all errors: a message has been delivered."""
        self._n_errors = self._n_junk = 0
        self.is_out_of_patience = False

    def end(self) -> None:
        """End the transaction, if there is one."""
        self.sender = ""
        self.recipients = []
        self.params = ()
        self.content = None
        self._n_finals = self.chunked_bytes = 0
        if self.rcpt_params:
            self.rcpt_params = []
        if self.chunks:
            self.chunks = []


@cache
def _legal(state: State, verb: str, code: int) -> tuple[State, Effect | None, bool]:
    """Hold a reply to the law and to the codes permitted; return what comes of it.

    That is the state after it, its effect if it has one, and whether it bears no enhanced code.
    """
    if not verb:
        raise LocalProtocolError(f"{code} is no reply to nothing here")
    if code not in PERMITTED.get(verb, (code,)):
        raise LocalProtocolError(f"{code} may not answer {verb} (RFC 5321 section 4.3.2)")
    following = next_state(state, verb, code)
    if following is None:
        raise LocalProtocolError(f"{code} is no reply to {verb} here")
    return following, EFFECTS.get(verb), verb in _BARE_CODES
