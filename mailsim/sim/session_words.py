"""How the row of a session says what it used: TLS, and the commands with their counts."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from mailsim.smtp import ServerSession

__all__ = ["count_text", "tls_word"]


def tls_word(server: ServerSession) -> str:
    """Return ``starttls``, ``implicit`` or an empty string."""
    if not server.is_tls:
        return ""
    return "implicit" if server.config.tls == "implicit" else "starttls"


@lru_cache(maxsize=4096)
def count_text(verbs: tuple[str, ...]) -> str:
    """Return what was said and how often, in order of first use: ``EHLO=1 MAIL=2``."""
    return " ".join([f"{verb}={n}" for verb, n in Counter(verbs).items()])
