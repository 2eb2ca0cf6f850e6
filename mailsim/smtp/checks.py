"""What each command must be like before a server takes it: the refusals a server knows itself.

A check returns the reply that refuses (or, for EHLO, AUTH and HELP, the one that answers), or None:
the driver decides, or the default reply is given.  Codes: RFC 5321 section 4.3.2, RFC 3030,
RFC 3207, RFC 4954, RFC 6409, RFC 6531, RFC 9422.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from mailsim.message import Content, Params, domain_of, param
from mailsim.smtp.codec import has_bare, normalized
from mailsim.smtp.offers import offers_of
from mailsim.smtp.server_config import Check
from mailsim.smtp.states import State
from mailsim.smtp.values import AuthLine, Chunk, Command, FromClient, Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession

__all__ = ["CHECKS", "gate", "out_of_order"]

_HELLO_FIRST: Final = Reply(503, ("Error: send HELO/EHLO first",), "5.5.1")
_NESTED: Final = Reply(503, ("Error: nested MAIL command",), "5.5.1")
_MAIL_FIRST: Final = Reply(503, ("Error: need MAIL command",), "5.5.1")
_RCPT_FIRST: Final = Reply(554, ("Error: no valid recipients",), "5.5.1")
_LMTP_RCPT_FIRST: Final = Reply(503, ("Error: no valid recipients",), "5.5.1")
_IN_TRANSACTION: Final = Reply(503, ("Error: not permitted during a mail transaction",), "5.5.1")
_NO_SERVICE: Final = Reply(503, ("Error: no SMTP service here",), "5.5.1")
_OUT_OF_ORDER: Final = Reply(503, ("Error: bad sequence of commands",), "5.5.1")
_NO_HELO_IN_LMTP: Final = Reply(500, ("Error: this is LMTP, send LHLO",), "5.5.1")
_NO_LHLO: Final = Reply(502, ("Error: command not implemented",), "5.5.1")
_TLS_FIRST: Final = Reply(530, ("Must issue a STARTTLS command first",), "5.7.0")
_AUTH_FIRST: Final = Reply(530, ("Authentication required",), "5.7.0")
_NO_AUTH: Final = Reply(503, ("Error: authentication not enabled",), "5.5.1")
_AUTH_TWICE: Final = Reply(503, ("Error: already authenticated",), "5.5.1")
_NO_MECHANISM: Final = Reply(504, ("Unrecognized authentication type",), "5.5.4")
_AUTH_NEEDS_TLS: Final = Reply(
    538, ("Encryption required for requested authentication mechanism",), "5.7.11"
)
_NO_TLS: Final = Reply(502, ("Error: TLS not available",), "5.5.1")
_TLS_TWICE: Final = Reply(503, ("Error: TLS already active",), "5.5.1")
_TOO_MANY: Final = Reply(452, ("Error: too many recipients",), "4.5.3")
_TOO_MANY_DOMAINS: Final = Reply(452, ("Error: too many recipient domains",), "4.5.3")
_TOO_MANY_MAILS: Final = Reply(452, ("Error: too many transactions",), "4.5.3")
_UNKNOWN_PARAM: Final = Reply(555, ("Unsupported option",), "5.5.4")
_PARAM_TWICE: Final = Reply(501, ("Error: an option is given twice",), "5.5.4")
_TOO_LARGE: Final = Reply(552, ("Message size exceeds fixed limit",), "5.3.4")
_NEEDS_UTF8: Final = Reply(553, ("This address needs SMTPUTF8",), "5.6.7")
_NOT_ASCII: Final = Reply(501, ("Bad sender address syntax",), "5.1.7")
_NOT_ASCII_RCPT: Final = Reply(501, ("Bad recipient address syntax",), "5.1.3")
_UNQUALIFIED: Final = Reply(554, ("Error: the address needs a fully qualified domain",), "5.1.8")
_UNQUALIFIED_RCPT: Final = Reply(
    554, ("Error: the address needs a fully qualified domain",), "5.1.2"
)
_BINARY_NEEDS_BDAT: Final = Reply(503, ("Error: BODY=BINARYMIME needs BDAT",), "5.5.1")
_NO_BDAT: Final = Reply(502, ("Error: command not implemented",), "5.5.1")
_BARE: Final = Reply(550, ("Error: bare <LF> or <CR> received",), "5.5.2")
_NO_VRFY: Final = Reply(502, ("VRFY command is disabled",), "5.5.1")


_BEFORE_TLS: Final = frozenset({"EHLO", "HELO", "LHLO", "NOOP", "QUIT", "STARTTLS"})
_BEFORE_AUTH: Final = _BEFORE_TLS | {"AUTH", "AUTH_RESPONSE", "RSET", "HELP"}
_UNDER_WAY: Final = (State.CONNECTED, State.REFUSED, State.GREETED)
"""States in which the order of the commands is what is wrong, if anything is."""


def out_of_order(session: ServerSession, verb: str) -> Reply:
    """Return the reply to a verb that the session's state has no row for."""
    state = session.state
    if state is State.GREETED:
        return _HELLO_FIRST
    if state is State.REFUSED:
        return _NO_SERVICE
    if verb == "MAIL" and state is not State.READY:
        return _NESTED
    if verb in ("RCPT", "DATA", "BDAT", "BDAT_LAST") and state is State.READY:
        return _MAIL_FIRST
    if verb in ("BDAT", "BDAT_LAST") and state is State.MAIL:
        return _rcpt_first(session)
    if verb in ("AUTH", "STARTTLS") and state is not State.READY:
        return _IN_TRANSACTION
    return _OUT_OF_ORDER


def gate(session: ServerSession, verb: str) -> Reply | None:
    """Return the refusal of a verb that must wait for TLS or AUTH, or None.

    RFC 3207 section 4 and RFC 4954 section 6 name the verbs that need not.
    """
    config = session.config
    if config.tls == "encrypt" and not session.is_tls:
        return None if verb in _BEFORE_TLS or session.state in _UNDER_WAY else _TLS_FIRST
    if config.auth == "required" and not session.user:
        return None if verb in _BEFORE_AUTH or session.state in _UNDER_WAY else _AUTH_FIRST
    return None


def _rcpt_first(session: ServerSession) -> Reply:
    return _LMTP_RCPT_FIRST if session.config.is_lmtp else _RCPT_FIRST


def _hello(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    config = session.config
    if config.is_lmtp != (value.verb == "LHLO"):
        return _NO_HELO_IN_LMTP if config.is_lmtp else _NO_LHLO
    if value.verb == "HELO":
        return config.helo_reply
    return config.ehlo_replies[session.is_tls]


def _params(session: ServerSession, params: Params, checks: Mapping[str, Check]) -> Reply | None:
    if len(params) > 1 and len({keyword for keyword, _ in params}) < len(params):
        return _PARAM_TWICE
    for keyword, text in params:
        check = checks.get(keyword) if session.is_esmtp else None
        if check is None:
            return _UNKNOWN_PARAM
        refusal = check(session, text)
        if refusal is not None:
            return refusal
    return None


def _mail(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    config = session.config
    if 0 < config.max_transactions <= session.n_transactions:
        return _TOO_MANY_MAILS
    if not value.arg.isascii() and param(value.params, "SMTPUTF8") is None:
        return _NEEDS_UTF8 if "SMTPUTF8" in config.extension_names else _NOT_ASCII
    if config.is_submission and value.arg and not _is_qualified(value.arg):
        return _UNQUALIFIED
    return _params(session, value.params, config.mail_params)


def _is_qualified(address: str) -> bool:
    """Tell whether the domain has a dot or is a literal (RFC 6409 section 4.2)."""
    domain = domain_of(address)
    return "." in domain or domain.startswith("[")


def _rcpt(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    config = session.config
    if len(session.recipients) >= config.max_recipients:
        return _TOO_MANY
    if 0 < config.max_rcpt_domains <= len(session.rcpt_domains) and (
        domain_of(value.arg) not in session.rcpt_domains
    ):
        return _TOO_MANY_DOMAINS
    if not value.arg.isascii() and param(session.params, "SMTPUTF8") is None:
        return _NEEDS_UTF8 if "SMTPUTF8" in config.extension_names else _NOT_ASCII_RCPT
    if config.is_submission and "@" in value.arg and not _is_qualified(value.arg):
        return _UNQUALIFIED_RCPT
    return _params(session, value.params, config.rcpt_params)


def _data(session: ServerSession, value: FromClient) -> Reply | None:
    if not session.recipients:
        return _rcpt_first(session)
    return _BINARY_NEEDS_BDAT if _is_binary(session) else None


def _is_binary(session: ServerSession) -> bool:
    return (param(session.params, "BODY") or "").upper() == "BINARYMIME"


def _content(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Content
    if not session.recipients:
        return _RCPT_FIRST
    limit = session.config.max_message_size
    if limit and value.size > limit:
        return _TOO_LARGE
    session.take_content(value)
    return None


def _chunk(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Chunk
    config = session.config
    if not config.has_chunking:
        return _NO_BDAT
    limit = config.max_message_size
    if limit and session.chunked_bytes + value.content.size > limit:
        return _TOO_LARGE
    session.take_content(value.content, is_last=value.is_last)
    content = session.content
    if content is not None and not _is_binary(session) and has_bare(content):
        if config.line_endings == "strict":
            return _BARE
        session.content = Content.from_bytes(normalized(content.to_bytes()))
    return None


def _starttls(session: ServerSession, value: FromClient) -> Reply | None:
    if session.is_tls:
        return _TLS_TWICE
    return _NO_TLS if session.config.tls == "none" else None


def _auth(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    config = session.config
    if config.auth == "none":
        return _NO_AUTH
    if session.user:
        return _AUTH_TWICE
    name, _, initial = value.arg.partition(" ")
    mechanism = name.upper()
    if mechanism not in config.mechanisms:
        return _NO_MECHANISM
    if config.needs_tls(mechanism) and not session.is_tls:
        return _AUTH_NEEDS_TLS
    return session.start_auth(mechanism, initial.strip())


def _auth_response(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is AuthLine
    return session.continue_auth(value.text)


def _vrfy(session: ServerSession, value: FromClient) -> Reply | None:
    assert type(value) is Command
    if not session.config.is_vrfy_enabled:
        return _NO_VRFY
    is_declared = value.arg.upper().endswith(" SMTPUTF8")  # RFC 6531 section 3.7.4.2
    return None if value.arg.isascii() or is_declared else _NEEDS_UTF8


def _help(session: ServerSession, value: FromClient) -> Reply | None:
    """Answer with the commands that would be understood now, given what EHLO offers."""
    config = session.config
    offers = offers_of(config.ehlo_replies[session.is_tls])
    verbs = ["LHLO"] if config.is_lmtp else ["HELO", "EHLO"]
    if "STARTTLS" in offers:
        verbs.append("STARTTLS")
    if "AUTH" in offers and not session.user:
        verbs.append("AUTH")
    verbs += ["MAIL", "RCPT", "DATA"]
    if config.has_chunking:
        verbs.append("BDAT")
    verbs += ["RSET", "NOOP"]
    if config.is_vrfy_enabled:
        verbs.append("VRFY")
    return Reply(214, (" ".join([*verbs, "HELP", "QUIT"]),), "2.0.0")


CHECKS: Final[dict[str, Callable[[ServerSession, FromClient], Reply | None]]] = {
    "EHLO": _hello,
    "HELO": _hello,
    "LHLO": _hello,
    "MAIL": _mail,
    "RCPT": _rcpt,
    "DATA": _data,
    "CONTENT": _content,
    "BDAT": _chunk,
    "BDAT_LAST": _chunk,
    "STARTTLS": _starttls,
    "AUTH": _auth,
    "AUTH_RESPONSE": _auth_response,
    "VRFY": _vrfy,
    "HELP": _help,
}
