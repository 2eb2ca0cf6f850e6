"""SASL PLAIN, LOGIN, CRAM-MD5 and SCRAM-SHA-256: the client's side of :mod:`mailsim.smtp.sasl`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mailsim.smtp.own_replies import NO_PROOF
from mailsim.smtp.sasl import Credentials, decode, digest, encode
from mailsim.smtp.scram import SCRAM, ScramClient
from mailsim.smtp.values import Command, Reply

__all__ = ["ClientDialogue", "chosen"]

_LONGEST: Final = 512 - len("AUTH  \r\n")
"""Octets of a mechanism and its initial response (RFC 4954 section 4)."""


class ClientDialogue:
    """One exchange.

    Parameters
    ----------
    mechanism : str
    credentials : Credentials
    nonce : str
        SCRAM's; different in each session.
    """

    __slots__ = ("_challenge", "_credentials", "_scram", "mechanism")

    def __init__(self, mechanism: str, credentials: Credentials, nonce: str = "") -> None:
        self.mechanism = mechanism
        self._challenge = ""
        self._credentials = credentials
        self._scram: ScramClient | None = None
        if mechanism == SCRAM:
            self._scram = ScramClient(credentials.user, credentials.password, nonce)

    def initial(self) -> str | None:
        """Return what goes along with AUTH, in base64; None where the server begins.

        So it does also where the line would become too long (RFC 4954 section 4).
        """
        mechanism, credentials = self.mechanism, self._credentials
        if mechanism == "CRAM-MD5":
            return None
        if self._scram is not None:
            first = encode(self._scram.first())
        else:
            first = _plain(credentials) if mechanism == "PLAIN" else encode(credentials.user)
        return first if len(mechanism) + len(first) <= _LONGEST else None

    def command(self, *, is_initial: bool) -> Command:
        """Return AUTH; ``is_initial`` tells whether the first response goes along with it."""
        initial = self.initial() if is_initial else None
        return Command("AUTH", self.mechanism if initial is None else f"{self.mechanism} {initial}")

    def hear(self, reply: Reply) -> Reply | None:
        """Take a reply; return why the exchange has failed, if it has.

        SCRAM's server has to show that it knows the password, too (RFC 5802 section 5).
        """
        self._challenge = reply.lines[0]
        if reply.code >= 400:
            return reply
        is_believed = reply.code == 334 or self._scram is None or self._scram.is_proven
        return None if is_believed else NO_PROOF

    def answer(self) -> str:
        """Return the response to the challenge, in base64; ``*`` if that makes no sense."""
        mechanism, credentials = self.mechanism, self._credentials
        text = decode(self._challenge)
        if text is None:
            return "*"
        if self._scram is not None:
            said = self._scram.answer(text)
            return "*" if said is None else encode(said)
        if mechanism == "PLAIN":
            return _plain(credentials)
        if mechanism == "CRAM-MD5":
            if not text:
                return "*"
            return encode(f"{credentials.user} {digest(credentials.password, text)}")
        # The prompts of LOGIN are free text; servers agree on no more than their first letter.
        is_user = text[:1].lower() == "u"
        return encode(credentials.user if is_user else credentials.password)


def chosen(known: Iterable[str], offered: str) -> str:
    """Return the first mechanism known that is offered as well; empty if there is none."""
    names = offered.upper().split()
    return next((name for name in known if name in names), "")


def _plain(credentials: Credentials) -> str:
    return encode(f"\0{credentials.user}\0{credentials.password}")
