"""SASL PLAIN, LOGIN and CRAM-MD5, both roles, without any I/O.

PLAIN is ``authzid NUL authcid NUL password`` (RFC 4616).  LOGIN asks for user and password and
has no RFC.  CRAM-MD5 is a challenge and ``user SP hex(HMAC-MD5(password, challenge))`` (RFC
2195).  All of it travels as base64 (RFC 4954 section 4).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import NamedTuple

from mailsim.smtp.values import Reply

__all__ = [
    "LOGIN_PROMPTS",
    "MECHANISMS",
    "Claim",
    "Credentials",
    "Dialogue",
    "answer",
    "decode",
    "encode",
    "initial_response",
    "is_right",
]

LOGIN_PROMPTS = ("VXNlcm5hbWU6", "UGFzc3dvcmQ6")
"""``Username:`` and ``Password:`` in base64: the two challenges of LOGIN."""
_LONGEST_INITIAL = 512 - len("AUTH PLAIN \r\n")
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")

_BAD_BASE64 = Reply(501, ("Cannot decode response",), "5.5.2")
_BAD_RESPONSE = Reply(501, ("Malformed authentication response",), "5.5.2")
_CANCELLED = Reply(501, ("Authentication cancelled",), "5.7.0")
_NOT_AUTHORIZED = Reply(535, ("Not authorized to act for another user",), "5.7.8")
_NO_INITIAL = Reply(501, ("This mechanism takes no initial response",), "5.7.0")


class Credentials(NamedTuple):
    """Who a client says it is."""

    user: str
    password: str


class Claim(NamedTuple):
    """What a client has put forward, for the server's driver to judge.

    Attributes
    ----------
    mechanism : str
    user : str
    password : str
        Empty where only a digest came.
    digest, challenge : str
        CRAM-MD5's; else empty.
    """

    mechanism: str
    user: str
    password: str = ""
    digest: str = ""
    challenge: str = ""


def encode(text: str) -> str:
    """Return base64 of a text."""
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()


def decode(text: str) -> str | None:
    """Return the text of some base64, or None if it is none."""
    try:
        return base64.b64decode(text.encode(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def is_right(claim: Claim, password: str) -> bool:
    """Tell whether a claim fits the user's password."""
    if claim.mechanism == "CRAM-MD5":
        expected = _digest(password, claim.challenge)
        return hmac.compare_digest(expected.encode(), claim.digest.lower().encode())
    return hmac.compare_digest(password.encode(), claim.password.encode())


def _digest(password: str, challenge: str) -> str:
    return hmac.new(password.encode(), challenge.encode(), "md5").hexdigest()


# -- client -----------------------------------------------------------------------------------


def initial_response(mechanism: str, credentials: Credentials) -> str | None:
    """Return what a client sends along with AUTH, in base64; None where the server begins.

    So it does also where the line would become too long (RFC 4954 section 4).
    """
    if mechanism == "CRAM-MD5":
        return None
    first = _plain(credentials) if mechanism == "PLAIN" else encode(credentials.user)
    return first if len(first) <= _LONGEST_INITIAL else None


def _plain(credentials: Credentials) -> str:
    return encode(f"\0{credentials.user}\0{credentials.password}")


def answer(mechanism: str, credentials: Credentials, challenge: str) -> str:
    """Return a client's response to a challenge, both in base64; ``*`` if it makes no sense."""
    text = decode(challenge)
    if text is None:
        return "*"
    if mechanism == "PLAIN":
        return _plain(credentials)
    if mechanism == "CRAM-MD5":
        if not text:
            return "*"
        return encode(f"{credentials.user} {_digest(credentials.password, text)}")
    # The prompts of LOGIN are free text; servers agree on no more than their first letter.
    is_user = text[:1].lower() == "u"
    return encode(credentials.user if is_user else credentials.password)


# -- server -----------------------------------------------------------------------------------


class Dialogue:
    """The server's side of one exchange.

    Parameters
    ----------
    mechanism : str
    challenge : str
        What CRAM-MD5 asks; different in each session (RFC 2195 section 2).
    """

    __slots__ = ("_challenge", "_step", "_user", "claim", "mechanism")

    def __init__(self, mechanism: str, challenge: str) -> None:
        self.mechanism = mechanism
        self.claim: Claim | None = None
        self._challenge = challenge
        self._user: str | None = None
        self._step = _STEPS[mechanism]

    def start(self, initial: str) -> Reply | None:
        """Take the initial response, empty if there is none; return what :meth:`take` does."""
        if self.mechanism == "CRAM-MD5":
            return _NO_INITIAL if initial else Reply(334, (encode(self._challenge),))
        if not initial:
            return Reply(334, ("" if self.mechanism == "PLAIN" else LOGIN_PROMPTS[0],))
        return self.take("" if initial == "=" else initial)

    def take(self, response: str) -> Reply | None:
        """Take a response; return a challenge or a refusal, None when the claim is complete."""
        if response == "*":
            return _CANCELLED
        text = decode(response)
        return _BAD_BASE64 if text is None else self._step(self, text)

    def _plain(self, text: str) -> Reply | None:
        parts = text.split("\0")
        if len(parts) != 3 or not parts[1]:
            return _BAD_RESPONSE
        if parts[0] not in ("", parts[1]):  # to act for somebody else; nobody here may
            return _NOT_AUTHORIZED
        self.claim = Claim(self.mechanism, parts[1], parts[2])
        return None

    def _login(self, text: str) -> Reply | None:
        if self._user is None:
            self._user = text
            return Reply(334, (LOGIN_PROMPTS[1],))
        self.claim = Claim(self.mechanism, self._user, text)
        return None

    def _cram_md5(self, text: str) -> Reply | None:
        user, space, digest = text.rpartition(" ")
        if not space or not user:
            return _BAD_RESPONSE
        self.claim = Claim(self.mechanism, user, "", digest, self._challenge)
        return None


_STEPS: dict[str, Callable[[Dialogue, str], Reply | None]] = {
    "PLAIN": Dialogue._plain,
    "LOGIN": Dialogue._login,
    "CRAM-MD5": Dialogue._cram_md5,
}
