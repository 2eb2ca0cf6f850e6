"""SCRAM-SHA-256, both roles: a password is proved on both sides, and never shown.

Four messages: the client's name and nonce; both nonces, a salt and a number of iterations; the
client's proof; the server's.  Here they are text, without the base64 around them.

Source: RFC 5802 sections 3, 5 and 7; RFC 7677.  There is no channel binding (SCRAM-SHA-256-PLUS).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata
from functools import lru_cache
from typing import Final

__all__ = [
    "ITERATIONS",
    "SCRAM",
    "ScramClient",
    "ScramServer",
    "prepared",
    "proof",
    "salt_of",
    "signature",
]

SCRAM: Final = "SCRAM-SHA-256"
ITERATIONS: Final = 4096
"""What a server asks for: the least that RFC 7677 section 4 recommends."""
_COUNT: Final = re.compile(r"[1-9][0-9]{0,5}").fullmatch
"""A server that asks for a million iterations or more wants to keep a client busy (section 9)."""
_NONCE: Final = re.compile(r"[!-+\--~]+").fullmatch
"""Printable ASCII but for the comma."""
_BAD_ESCAPE: Final = re.compile(r"=(?!2C|3D)|\0").search


def salt_of(name: str) -> str:
    """Return a salt in base64 that is always the same for a server."""
    return _base64(hashlib.sha256(name.encode()).digest()[:16])


def proof(password: str, salt: str, iterations: int, exchange: str) -> str:
    """Return the client's proof in base64.

    Parameters
    ----------
    password : str
    salt : str
        In base64.
    iterations : int
    exchange : str
        AuthMessage: the first message of each side and the client's second, without the proof.
    """
    key = _hmac(_salted(password, salt, iterations), "Client Key")
    mask = _hmac(hashlib.sha256(key).digest(), exchange)
    return _base64(bytes([a ^ b for a, b in zip(key, mask, strict=True)]))


def signature(password: str, salt: str, iterations: int, exchange: str) -> str:
    """Return the server's proof in base64; parameters are those of :func:`proof`."""
    return _base64(_hmac(_hmac(_salted(password, salt, iterations), "Server Key"), exchange))


@lru_cache(maxsize=1024)
def _salted(password: str, salt: str, iterations: int) -> bytes:
    octets = prepared(password).encode("utf-8", "surrogateescape")
    return hashlib.pbkdf2_hmac("sha256", octets, base64.b64decode(salt), iterations)


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256")


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text.encode(), validate=True))
    except binascii.Error:
        return False


def prepared(text: str) -> str:
    """Map as SASLprep does (RFC 4013 section 2); what that prohibits is not looked for."""
    if text.isascii():
        return text
    spaced = [" " if stringprep.in_table_c12(one) else one for one in text]
    kept = "".join([one for one in spaced if not stringprep.in_table_b1(one)])
    return unicodedata.normalize("NFKC", kept)


def _escaped(name: str) -> str:
    return prepared(name).replace("=", "=3D").replace(",", "=2C")


def _values(text: str, letters: str) -> list[str] | None:
    """Return the values of these attributes, which come first; None if they are not there.

    An extension that is not known may follow, but not stand first (RFC 5802 section 5.1, m).
    """
    parts = text.split(",")
    if len(parts) < len(letters):
        return None
    found = []
    for letter, part in zip(letters, parts, strict=False):
        if part[:2] != f"{letter}=":
            return None
        found.append(part[2:])
    return found


class ScramClient:
    """The client's side of one exchange.

    Parameters
    ----------
    user, password : str
    nonce : str
        Different in each exchange.

    Attributes
    ----------
    is_proven : bool
        Whether the server has shown that it knows the password.
    """

    __slots__ = (
        "_bare", "_exchange", "_iterations", "_nonce", "_password", "_salt",
        "is_proven",
    )  # fmt: skip

    def __init__(self, user: str, password: str, nonce: str) -> None:
        self._password = password
        self._nonce = nonce
        self._bare = f"n={_escaped(user)},r={nonce}"
        self._exchange = self._salt = ""
        self._iterations = 0
        self.is_proven = False

    def first(self) -> str:
        """Return the first message."""
        return f"n,,{self._bare}"

    def answer(self, said: str) -> str | None:
        """Return what to say to a message of the server; None if that is not as it should be."""
        if not said and not self._exchange:  # it has not gone along with AUTH
            return self.first()
        return self._last(said) if self._exchange else self._second(said)

    def _second(self, said: str) -> str | None:
        values = _values(said, "rsi")
        if values is None:
            return None
        nonce, salt, text = values
        is_longer = nonce.startswith(self._nonce) and nonce != self._nonce
        if not is_longer or not _COUNT(text) or not _is_base64(salt):
            return None
        final = f"c=biws,r={nonce}"
        self._salt, self._iterations = salt, int(text)
        self._exchange = f"{self._bare},{said},{final}"
        return f"{final},p={proof(self._password, salt, self._iterations, self._exchange)}"

    def _last(self, said: str) -> str | None:
        right = signature(self._password, self._salt, self._iterations, self._exchange)
        self.is_proven = hmac.compare_digest(f"v={right}".encode(), said.split(",")[0].encode())
        return "" if self.is_proven else None


class ScramServer:
    """The server's side of one exchange, up to the client's proof.

    Parameters
    ----------
    nonce : str
        Different in each exchange.
    salt : str
        In base64.

    Attributes
    ----------
    user, acts_for : str
        Who the client says it is, and for whom it wants to act, if for somebody else.
    salt : str
    exchange : str
        AuthMessage, when it is complete.
    """

    __slots__ = ("_first", "_header", "_nonce", "acts_for", "exchange", "salt", "user")

    def __init__(self, nonce: str, salt: str) -> None:
        self.salt = salt
        self.user = self.acts_for = self.exchange = ""
        self._nonce = nonce
        self._header = self._first = ""

    def challenge(self, said: str) -> str | None:
        """Return the answer to the client's first message; None if that is malformed."""
        flag, _, rest = said.partition(",")
        authzid, comma, bare = rest.partition(",")
        values = _values(bare, "nr")
        if flag not in ("n", "y") or not comma or values is None or not _NONCE(values[1]):
            return None
        names = (values[0], authzid.removeprefix("a="))
        if not values[0] or authzid[:2] not in ("", "a=") or any(map(_BAD_ESCAPE, names)):
            return None
        user, acts_for = [name.replace("=2C", ",").replace("=3D", "=") for name in names]
        self.user, self.acts_for = user, acts_for
        self._nonce = values[1] + self._nonce
        self._header = f"{flag},{authzid},"
        answer = f"r={self._nonce},s={self.salt},i={ITERATIONS}"
        self._first = f"{bare},{answer}"
        return answer

    def proof_in(self, said: str) -> str | None:
        """Return the proof in the client's second message; None if that does not fit."""
        before, _, given = said.rpartition(",p=")
        header = _base64(self._header.encode("utf-8", "surrogateescape"))
        if _values(before, "cr") != [header, self._nonce]:
            return None
        self.exchange = f"{self._first},{before}"
        return given
