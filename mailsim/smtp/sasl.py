"""SASL PLAIN, LOGIN, CRAM-MD5 and SCRAM-SHA-256, the server's side and what is common.

PLAIN is ``authzid NUL authcid NUL password`` (RFC 4616).  LOGIN asks for user and password and
has no RFC.  CRAM-MD5 is a challenge and ``user SP hex(HMAC-MD5(password, challenge))`` (RFC
2195).  SCRAM-SHA-256 has a module of its own, :mod:`mailsim.smtp.scram`.  All of it travels as
base64 (RFC 4954 section 4).  The client's side is :mod:`mailsim.smtp.sasl_client`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Final, NamedTuple

from mailsim.smtp.scram import ITERATIONS, SCRAM, ScramServer, proof, signature
from mailsim.smtp.values import Reply

__all__ = [
    "LOGIN_PROMPTS",
    "MECHANISMS",
    "Claim",
    "Credentials",
    "Dialogue",
    "decode",
    "digest",
    "encode",
    "is_right",
    "shown",
]

LOGIN_PROMPTS: Final = ("VXNlcm5hbWU6", "UGFzc3dvcmQ6")
"""``Username:`` and ``Password:`` in base64: the two challenges of LOGIN."""
MECHANISMS: Final = ("PLAIN", "LOGIN", "CRAM-MD5", SCRAM)

_BAD_BASE64: Final = Reply(501, ("Cannot decode response",), "5.5.2")
_BAD_RESPONSE: Final = Reply(501, ("Malformed authentication response",), "5.5.2")
_CANCELLED: Final = Reply(501, ("Authentication cancelled",), "5.7.0")
_NOT_AUTHORIZED: Final = Reply(535, ("Not authorized to act for another user",), "5.7.8")
_NO_INITIAL: Final = Reply(501, ("This mechanism takes no initial response",), "5.7.0")


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
        CRAM-MD5's, or SCRAM's proof and what it is about; else empty.
    salt : str
        SCRAM's.
    is_shown : bool
        SCRAM: the client has had the server's proof, and owes nothing any more.
    """

    mechanism: str
    user: str
    password: str = ""
    digest: str = ""
    challenge: str = ""
    salt: str = ""
    is_shown: bool = False


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
        expected = digest(password, claim.challenge)
        return hmac.compare_digest(expected.encode(), claim.digest.lower().encode())
    if claim.mechanism == SCRAM:
        expected = proof(password, claim.salt, ITERATIONS, claim.challenge)
        return hmac.compare_digest(expected.encode(), claim.digest.encode())
    return hmac.compare_digest(password.encode(), claim.password.encode())


def shown(claim: Claim, password: str) -> Reply | None:
    """Return what a server has to show to whoever made a claim that is right, if anything.

    It is SCRAM's last challenge; when the client has answered it, it is judged once more.
    """
    if claim.mechanism != SCRAM or claim.is_shown:
        return None
    text = signature(password, claim.salt, ITERATIONS, claim.challenge)
    return Reply(334, (encode(f"v={text}"),))


def digest(password: str, challenge: str) -> str:
    """Return what CRAM-MD5 answers to a challenge."""
    return hmac.new(password.encode(), challenge.encode(), "md5").hexdigest()


class Dialogue:
    """The server's side of one exchange.

    Parameters
    ----------
    mechanism : str
    challenge : str
        What CRAM-MD5 asks; different in each session (RFC 2195 section 2).
    nonce, salt : str
        SCRAM's, the one likewise, the other in base64.
    """

    __slots__ = ("_challenge", "_nonce", "_salt", "_scram", "_step", "_user", "claim", "mechanism")

    def __init__(self, mechanism: str, challenge: str, nonce: str = "", salt: str = "") -> None:
        self.mechanism = mechanism
        self.claim: Claim | None = None
        self._challenge = challenge
        self._nonce = nonce
        self._salt = salt
        self._scram: ScramServer | None = None
        self._user: str | None = None
        self._step = _STEPS[mechanism]

    def start(self, initial: str) -> Reply | None:
        """Take the initial response, empty if there is none; return what :meth:`take` does."""
        if self.mechanism == "CRAM-MD5":
            return _NO_INITIAL if initial else Reply(334, (encode(self._challenge),))
        if not initial:
            return Reply(334, (LOGIN_PROMPTS[0] if self.mechanism == "LOGIN" else "",))
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
        user, space, given = text.rpartition(" ")
        if not space or not user:
            return _BAD_RESPONSE
        self.claim = Claim(self.mechanism, user, "", given, self._challenge)
        return None

    def _scram_sha_256(self, text: str) -> Reply | None:
        scram = self._scram
        if scram is None:
            self._scram = scram = ScramServer(self._nonce, self._salt)
            challenge = scram.challenge(text)
            if challenge is None:
                return _BAD_RESPONSE
            if scram.acts_for not in ("", scram.user):
                return _NOT_AUTHORIZED
            return Reply(334, (encode(challenge),))
        if self.claim is None:
            given = scram.proof_in(text)
            if given is None:
                return _BAD_RESPONSE
            self.claim = Claim(SCRAM, scram.user, "", given, scram.exchange, scram.salt)
        elif text:
            return _BAD_RESPONSE
        else:
            self.claim = self.claim._replace(is_shown=True)
        return None


_STEPS: Final[dict[str, Callable[[Dialogue, str], Reply | None]]] = {
    "PLAIN": Dialogue._plain,
    "LOGIN": Dialogue._login,
    "CRAM-MD5": Dialogue._cram_md5,
    SCRAM: Dialogue._scram_sha_256,
}
