"""The envelope: who sent a message and who gets it (RFC 5321 section 2.3.1)."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Envelope"]


class Envelope(NamedTuple):
    """Reverse-path and forward-paths of one message.

    Attributes
    ----------
    sender : str
        The reverse-path without angle brackets; empty for ``<>``, the null path.
    recipients : tuple of str
        The forward-paths, at least one.
    """

    sender: str
    recipients: tuple[str, ...]
