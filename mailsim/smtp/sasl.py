"""SASL PLAIN and LOGIN, both roles, without any I/O.

PLAIN is ``authzid NUL authcid NUL password`` (RFC 4616); LOGIN asks twice and has no RFC.
Both travel as base64 (RFC 4954 section 4).
"""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

__all__ = ["LOGIN_PROMPTS", "Credentials", "decode", "encode", "plain", "read_plain"]

LOGIN_PROMPTS = ("VXNlcm5hbWU6", "UGFzc3dvcmQ6")
"""``Username:`` and ``Password:`` in base64: the two challenges of LOGIN."""


class Credentials(NamedTuple):
    """Who a client says it is."""

    user: str
    password: str


def encode(text: str) -> str:
    """Return base64 of a text; ``=`` for the empty one (RFC 4954 section 4)."""
    return base64.b64encode(text.encode()).decode() or "="


def decode(text: str) -> str | None:
    """Return the text of some base64, or None if it is none."""
    if text == "=":
        return ""
    try:
        return base64.b64decode(text.encode(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def plain(credentials: Credentials) -> str:
    """Return the initial response of PLAIN."""
    return encode(f"\0{credentials.user}\0{credentials.password}")


def read_plain(text: str) -> Credentials | None:
    """Return what a PLAIN response says, or None if it says nothing sensible."""
    parts = (decode(text) or "").split("\0")
    if len(parts) != 3 or not parts[1]:
        return None
    return Credentials(parts[1], parts[2])
