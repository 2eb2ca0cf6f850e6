"""What a reply does to the server's session, besides moving its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mailsim.message import domain_of
from mailsim.smtp.states import UNTOUCHED
from mailsim.smtp.values import Command, Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession

__all__ = ["EFFECTS", "Effect"]

Effect = Callable[["ServerSession", Reply], None]


def _on_hello(session: ServerSession, reply: Reply) -> None:
    if reply.code < 400:
        assert type(session.command) is Command
        session.helo = session.command.arg
        session.is_esmtp = session.command.verb != "HELO"
        session.end()


def _on_mail(session: ServerSession, reply: Reply) -> None:
    if reply.code < 400:
        assert type(session.command) is Command
        session.mail = session.command
        session.sender = session.command.arg
        params = session.command.params
        if params and (len(params) > 1 or params[0][0] != "SIZE"):
            session.params = tuple([item for item in params if item[0] != "SIZE"])
        session.n_transactions += 1


def _on_rcpt(session: ServerSession, reply: Reply) -> None:
    if reply.code < 400:
        assert type(session.command) is Command
        session.recipients.append(session.command.arg)
        if session.config.max_rcpt_domains:
            session.rcpt_domains.add(domain_of(session.command.arg))
        params = session.command.params
        if params or session.rcpt_params:
            rest = len(session.recipients) - 1 - len(session.rcpt_params)
            session.rcpt_params += [*[()] * rest, params]


def _on_chunk(session: ServerSession, reply: Reply) -> None:
    if reply.code >= 400 and reply.code not in UNTOUCHED:
        session.chunks = []


def _on_content(session: ServerSession, reply: Reply) -> None:
    if reply.code in UNTOUCHED:
        return
    if reply.code < 400:
        session.forgive()
    session.end()


def _on_rset(session: ServerSession, reply: Reply) -> None:
    session.end()


def _on_auth(session: ServerSession, reply: Reply) -> None:
    if reply.code == 235 and session.claim is not None:
        session.user = session.claim.user
    elif reply.code != 334:
        session.dialogue = None
    session.claim = None


def _on_tls(session: ServerSession, reply: Reply) -> None:
    """Forget what was learned in the clear (RFC 3207 section 4.2)."""
    session.is_tls = reply.code < 400
    session.helo = session.user = ""
    session.dialogue = None
    session.is_esmtp = False
    session.end()


EFFECTS: Final[dict[str, Effect]] = {
    "EHLO": _on_hello,
    "HELO": _on_hello,
    "LHLO": _on_hello,
    "MAIL": _on_mail,
    "RCPT": _on_rcpt,
    "CONTENT": _on_content,
    "BDAT": _on_chunk,
    "BDAT_LAST": _on_content,
    "RSET": _on_rset,
    "TLS": _on_tls,
    "AUTH": _on_auth,
    "AUTH_RESPONSE": _on_auth,
}
