"""The server's side of a session, without any I/O.

Give :meth:`ServerSession.receive` what the client said.  It answers with a reply, or with
None: the session is PAUSED, its driver owes the reply (having spent service time, asked the
policies, stored the message) and gives it through :meth:`ServerSession.reply`.  Which verbs
pause is the driver's choice (``ServerConfig.ask``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mailsim.errors import LocalProtocolError
from mailsim.message import Content
from mailsim.smtp.sasl import LOGIN_PROMPTS, Credentials, decode, read_plain
from mailsim.smtp.server_config import ServerConfig
from mailsim.smtp.states import TRANSITIONS, State, next_state
from mailsim.smtp.values import AuthLine, BadCommand, Command, FromClient, Reply

__all__ = ["PAUSED", "ServerSession"]

PAUSED: Final = None
"""What :meth:`ServerSession.receive` returns when the driver owes the reply."""

OK_MAIL = Reply(250, ("Ok",), "2.1.0")
OK_RCPT = Reply(250, ("Ok",), "2.1.5")
OK = Reply(250, ("Ok",), "2.0.0")
_DEFAULTS: dict[str, Reply] = {
    "MAIL": OK_MAIL,
    "RCPT": OK_RCPT,
    "DATA": Reply(354, ("End data with <CR><LF>.<CR><LF>",)),
    "CONTENT": OK,
    "RSET": OK,
    "NOOP": OK,
    "VRFY": Reply(252, ("Cannot VRFY user, but will accept message",), "2.0.0"),
    "EXPN": Reply(502, ("EXPN not implemented",), "5.5.1"),
    "HELP": Reply(214, ("HELO EHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT",), "2.0.0"),
    "QUIT": Reply(221, ("Bye",), "2.0.0"),
    "STARTTLS": Reply(220, ("Ready to start TLS",), "2.0.0"),
    "AUTH": Reply(454, ("Temporary authentication failure",), "4.7.0"),
    "AUTH_RESPONSE": Reply(454, ("Temporary authentication failure",), "4.7.0"),
}
_HELLO_FIRST = Reply(503, ("Error: send HELO/EHLO first",), "5.5.1")
_NESTED = Reply(503, ("Error: nested MAIL command",), "5.5.1")
_MAIL_FIRST = Reply(503, ("Error: need MAIL command",), "5.5.1")
_RCPT_FIRST = Reply(554, ("Error: no valid recipients",), "5.5.1")
_IN_TRANSACTION = Reply(503, ("Error: not permitted during a mail transaction",), "5.5.1")
_OUT_OF_ORDER = Reply(503, ("Error: bad sequence of commands",), "5.5.1")
_TLS_FIRST = Reply(530, ("Must issue a STARTTLS command first",), "5.7.0")
_AUTH_FIRST = Reply(530, ("Authentication required",), "5.7.0")
_NO_AUTH = Reply(503, ("Error: authentication not enabled",), "5.5.1")
_AUTH_TWICE = Reply(503, ("Error: already authenticated",), "5.5.1")
_NO_MECHANISM = Reply(504, ("Unrecognized authentication type",), "5.5.4")
_BAD_BASE64 = Reply(501, ("Cannot decode response",), "5.5.2")
_CANCELLED = Reply(501, ("Authentication cancelled",), "5.7.0")
_NO_TLS = Reply(502, ("Error: TLS not available",), "5.5.1")
_TLS_TWICE = Reply(503, ("Error: TLS already active",), "5.5.1")
_TOO_MANY = Reply(452, ("Error: too many recipients",), "4.5.3")
_UNKNOWN_PARAM = Reply(555, ("Unsupported option",), "5.5.4")
_TOO_LARGE = Reply(552, ("Message size exceeds fixed limit",), "5.3.4")
_NO_RECIPIENTS = Reply(554, ("Error: no valid recipients",), "5.5.1")


class ServerSession:
    """One session as the server sees it.

    Parameters
    ----------
    config : ServerConfig

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
    command : FromClient or None
        What ``awaited`` is about.
    credentials : Credentials or None
        What the client claims, when ``awaited`` is AUTH or AUTH_RESPONSE.
    """

    __slots__ = (
        "_login_user",
        "awaited",
        "command",
        "config",
        "credentials",
        "helo",
        "is_esmtp",
        "is_tls",
        "mechanism",
        "recipients",
        "sender",
        "state",
        "user",
    )

    def __init__(self, config: ServerConfig) -> None:
        self.config = config
        self.state = State.CONNECTED
        self.awaited = "GREETING"
        self.command: FromClient | None = None
        self.helo = self.user = self.mechanism = self.sender = self._login_user = ""
        self.is_esmtp = self.is_tls = False
        self.recipients: list[str] = []
        self.credentials: Credentials | None = None

    @property
    def protocol(self) -> str:
        """Keyword of the Received line (RFC 3848): SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA."""
        if not self.is_esmtp:
            return "SMTP"
        return "ESMTP" + ("S" if self.is_tls else "") + ("A" if self.user else "")

    def receive(self, value: FromClient) -> Reply | None:
        """Take what the client said; return the reply, or None when the driver owes it.

        Raises
        ------
        LocalProtocolError
            If a reply is still owed, or the session is over.
        """
        if self.awaited:
            raise LocalProtocolError(f"the reply to {self.awaited} is still owed")
        if type(value) is Command:
            verb = value.verb
        elif type(value) is Content:
            verb = "CONTENT"
        elif type(value) is AuthLine:
            verb = "AUTH_RESPONSE"
        else:
            assert type(value) is BadCommand
            return Reply(value.code, (value.text,), value.enhanced)
        self.command = value
        self.awaited = verb
        if verb not in TRANSITIONS[self.state]:
            return self.reply(self._out_of_order(verb))
        check = _CHECKS.get(verb)
        if check is not None:
            refusal = check(self, value)
            if refusal is not None:
                return self.reply(refusal)
        if verb in self.config.ask:
            return PAUSED
        return self.reply(_DEFAULTS[verb])

    def reply(self, reply: Reply) -> Reply:
        """Give the reply that is owed; return it.

        Raises
        ------
        LocalProtocolError
            If none is owed, or this one is not legal here.
        """
        verb = self.awaited
        state = next_state(self.state, verb, reply.code)
        if not verb or state is None:
            raise LocalProtocolError(f"{reply.code} is no reply to {verb or 'nothing'} here")
        self.awaited = ""
        effect = _EFFECTS.get(verb)
        if effect is not None:
            effect(self, reply)
        self.state = state
        return reply

    def expect_tls(self) -> None:
        """Say that the handshake after STARTTLS has begun; the reply to TLS is its outcome."""
        if self.state is not State.TLS:
            raise LocalProtocolError("no STARTTLS has been granted")
        self.awaited = "TLS"

    def default_reply(self) -> Reply:
        """Return the reply that the owed verb gets when nobody objects."""
        return _DEFAULTS[self.awaited]

    def abort(self) -> None:
        """End the transaction, if there is one."""
        self.sender = ""
        self.recipients = []

    def _out_of_order(self, verb: str) -> Reply:
        state = self.state
        if state is State.CLOSED:
            raise LocalProtocolError("the session is closed")
        if state is State.GREETED:
            return _HELLO_FIRST
        if verb == "MAIL" and state in (State.MAIL, State.RCPT):
            return _NESTED
        if verb in ("RCPT", "DATA") and state is State.READY:
            return _MAIL_FIRST
        if verb in ("AUTH", "STARTTLS") and state in (State.MAIL, State.RCPT):
            return _IN_TRANSACTION
        return _OUT_OF_ORDER


def _check_hello(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    if value.verb == "EHLO":
        return session.config.ehlo_replies[session.is_tls]
    return Reply(250, (session.config.name,))


def _check_mail(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    config = session.config
    if config.tls == "encrypt" and not session.is_tls:
        return _TLS_FIRST
    if config.auth == "required" and not session.user:
        return _AUTH_FIRST
    for keyword, text in value.params:
        check = config.mail_params.get(keyword) if session.is_esmtp else None
        if check is None:
            return _UNKNOWN_PARAM
        refusal = check(session, text)
        if refusal is not None:
            return refusal
    return None


def _check_rcpt(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    if len(session.recipients) >= session.config.max_recipients:
        return _TOO_MANY
    for keyword, text in value.params:
        check = session.config.rcpt_params.get(keyword) if session.is_esmtp else None
        if check is None:
            return _UNKNOWN_PARAM
        refusal = check(session, text)
        if refusal is not None:
            return refusal
    return None


def _check_data(session: ServerSession, value: FromClient) -> Reply | None:
    return None if session.recipients else _RCPT_FIRST


def _check_content(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Content
    if not session.recipients:
        return _NO_RECIPIENTS
    limit = session.config.max_message_size
    return _TOO_LARGE if limit and value.size > limit else None


def _check_starttls(session: ServerSession, value: FromClient) -> Reply | None:
    if session.config.tls == "none":
        return _NO_TLS
    return _TLS_TWICE if session.is_tls else None


def _check_auth(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    config = session.config
    if config.auth == "none":
        return _NO_AUTH
    if session.user:
        return _AUTH_TWICE
    if config.tls == "encrypt" and not session.is_tls:
        return _TLS_FIRST
    name, _, initial = value.arg.partition(" ")
    if name.upper() not in config.mechanisms:
        return _NO_MECHANISM
    session.mechanism = name.upper()
    session._login_user = ""
    if not initial:
        return Reply(334, ("" if session.mechanism == "PLAIN" else LOGIN_PROMPTS[0],))
    return _read_response(session, initial)


def _check_auth_response(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is AuthLine
    return _CANCELLED if value.text == "*" else _read_response(session, value.text)


def _read_response(session: ServerSession, text: str) -> Reply | None:
    """Take one response; return a challenge or a refusal, None when the claim is complete."""
    if session.mechanism == "PLAIN":
        session.credentials = read_plain(text)
        return None if session.credentials else _BAD_BASE64
    word = decode(text)
    if word is None:
        return _BAD_BASE64
    if not session._login_user:
        session._login_user = word or "\0"
        return Reply(334, (LOGIN_PROMPTS[1],))
    session.credentials = Credentials(session._login_user, word)
    return None


def _on_hello(session: ServerSession, reply: Reply) -> None:
    if reply.is_positive:
        assert type(session.command) is Command
        session.helo = session.command.arg
        session.is_esmtp = session.command.verb == "EHLO"
        session.abort()


def _on_mail(session: ServerSession, reply: Reply) -> None:
    if reply.is_positive:
        assert type(session.command) is Command
        session.sender = session.command.arg
        session.recipients = []


def _on_rcpt(session: ServerSession, reply: Reply) -> None:
    if reply.is_positive:
        assert type(session.command) is Command
        session.recipients.append(session.command.arg)


def _on_end(session: ServerSession, reply: Reply) -> None:
    session.abort()


def _on_auth(session: ServerSession, reply: Reply) -> None:
    if reply.code == 235 and session.credentials:
        session.user = session.credentials.user
    elif reply.code != 334:
        session.mechanism = ""
    session.credentials = None


def _on_tls(session: ServerSession, reply: Reply) -> None:
    """Forget what was learned in the clear (RFC 3207 section 4.2)."""
    session.is_tls = reply.is_positive
    session.helo = session.user = session.mechanism = ""
    session.is_esmtp = False
    session.abort()


_CHECKS: dict[str, Callable[[ServerSession, FromClient], Reply | None]] = {
    "EHLO": _check_hello,
    "HELO": _check_hello,
    "MAIL": _check_mail,
    "RCPT": _check_rcpt,
    "DATA": _check_data,
    "CONTENT": _check_content,
    "STARTTLS": _check_starttls,
    "AUTH": _check_auth,
    "AUTH_RESPONSE": _check_auth_response,
}
_EFFECTS: dict[str, Callable[[ServerSession, Reply], None]] = {
    "EHLO": _on_hello,
    "HELO": _on_hello,
    "MAIL": _on_mail,
    "RCPT": _on_rcpt,
    "CONTENT": _on_end,
    "RSET": _on_end,
    "TLS": _on_tls,
    "AUTH": _on_auth,
    "AUTH_RESPONSE": _on_auth,
}
