"""DSN: the sender says which delivery reports it wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mailsim.message import Content, Envelope, Params
from mailsim.smtp.extensions import Extension, extension
from mailsim.smtp.grammar import from_xtext, is_xtext
from mailsim.smtp.values import Reply

if TYPE_CHECKING:
    from mailsim.smtp.server import ServerSession
    from mailsim.smtp.server_config import ServerConfig

__all__ = ["Dsn"]

_BAD_RET = Reply(501, ("RET is FULL or HDRS",), "5.5.4")
_BAD_ENVID = Reply(501, ("ENVID is at most 100 characters of xtext",), "5.5.4")
_BAD_NOTIFY = Reply(501, ("NOTIFY is NEVER, or some of SUCCESS,FAILURE,DELAY",), "5.5.4")
_BAD_ORCPT = Reply(501, ("ORCPT is type;xtext of at most 500 characters",), "5.5.4")
_KINDS = frozenset({"SUCCESS", "FAILURE", "DELAY"})


@extension("DSN")
class Dsn(Extension):
    """Take ``RET`` and ``ENVID`` at MAIL, ``NOTIFY`` and ``ORCPT`` at RCPT.

    They are passed on unchanged to a server that offers DSN too.

    Source: RFC 3461 sections 4.1 to 4.4 and 5.2.
    """

    def ehlo_line(self, config: ServerConfig, *, is_tls: bool) -> str:
        """Return ``DSN``."""
        return "DSN"

    def mail_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the checks of ``RET=`` and ``ENVID=``."""
        return {"RET": _ret, "ENVID": _envid}

    def rcpt_params(self) -> Mapping[str, Callable[[ServerSession, str | None], Reply | None]]:
        """Return the checks of ``NOTIFY=`` and ``ORCPT=``."""
        return {"NOTIFY": _notify, "ORCPT": _orcpt}

    def say_mail(
        self, envelope: Envelope, content: Content, offers: Mapping[str, str], *, is_tls: bool
    ) -> Params | Reply:
        """Pass RET and ENVID on where they are understood."""
        if "DSN" not in offers:
            return ()
        return tuple([item for item in envelope.params if item[0] in ("RET", "ENVID")])

    def say_rcpt(self, params: Params, offers: Mapping[str, str]) -> Params:
        """Pass NOTIFY and ORCPT on where they are understood."""
        if "DSN" not in offers:
            return ()
        return tuple([item for item in params if item[0] in ("NOTIFY", "ORCPT")])


def _ret(session: ServerSession, value: str | None) -> Reply | None:
    return None if (value or "").upper() in ("FULL", "HDRS") else _BAD_RET


def _envid(session: ServerSession, value: str | None) -> Reply | None:
    return None if value and len(value) <= 100 and _is_printable(value) else _BAD_ENVID


def _is_printable(xtext: str) -> bool:
    """Tell whether some xtext says printable ASCII: it will stand in a report (section 4.4)."""
    said = from_xtext(xtext).replace("\t", " ")
    return is_xtext(xtext) and said.isascii() and said.isprintable()


def _notify(session: ServerSession, value: str | None) -> Reply | None:
    kinds = (value or "").upper().split(",")
    if kinds == ["NEVER"]:
        return None
    return None if set(kinds) <= _KINDS and len(set(kinds)) == len(kinds) else _BAD_NOTIFY


def _orcpt(session: ServerSession, value: str | None) -> Reply | None:
    kind, semicolon, text = (value or "").partition(";")
    is_good = kind and semicolon and text and is_xtext(kind) and len(value or "") <= 500
    # An address type may be utf-8, whose addresses need no xtext (RFC 6533 section 3).
    return None if is_good and (_is_printable(text) or kind.lower() == "utf-8") else _BAD_ORCPT
