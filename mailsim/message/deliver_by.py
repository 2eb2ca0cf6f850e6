"""Until when a message is worth delivering (RFC 2852)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["DeliverBy"]

_by: Final = re.compile(r"([+-]?[0-9]{1,9});([RN])(T?)", re.IGNORECASE | re.ASCII).fullmatch


class DeliverBy(NamedTuple):
    """The value of ``BY=`` (RFC 2852 section 4).

    ::

        by-value = by-time ";" by-mode [by-trace]
        by-time  = ["-" / "+"] 1*9digit

    Attributes
    ----------
    seconds : int
        Left from now on; below zero it is late already.
    mode : str
        ``R``: return it when late.  ``N``: only tell the sender.
    is_traced : bool
        The sender wants to hear of each relay.
    """

    seconds: int
    mode: str
    is_traced: bool

    @classmethod
    def parse(cls, text: str) -> DeliverBy | None:
        """Return what ``text`` says, or None if it is no such value; R needs time to be left."""
        match = _by(text)
        if match is None:
            return None
        by = cls(int(match[1]), match[2].upper(), bool(match[3]))
        return None if by.mode == "R" and by.seconds <= 0 else by

    def after(self, elapsed_s: int) -> DeliverBy:
        """Return what is left after some seconds."""
        return self._replace(seconds=max(self.seconds - elapsed_s, -999_999_999))

    def __str__(self) -> str:
        """Return the value as it stands in MAIL."""
        return f"{self.seconds};{self.mode}{'T' if self.is_traced else ''}"
