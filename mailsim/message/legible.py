"""Octets of a session as lines to read."""

from __future__ import annotations

from typing import Final

__all__ = ["joined_lines", "lines_of"]

_SIGNS: Final = {ord("\r"): "\u240d", ord("\n"): "\u240a"}


def joined_lines(octets: bytes) -> bytes | None:
    """Return lines without their ends, one behind the other; None if not all can be shown so.

    Parameters
    ----------
    octets : bytes
        Lines, each ended by CRLF.
    """
    text = octets.replace(b"\r\n", b"")
    if b"\r" in text or b"\n" in text:
        return None
    if not text.isascii():
        try:
            octets.decode()
        except UnicodeDecodeError:
            return None
    return text


def lines_of(octets: bytes) -> list[tuple[str, int]]:
    """Return the text of each line, and its octets with CRLF.

    What is no UTF-8 is shown by the sign for that, CR and LF that end no line by theirs.

    Parameters
    ----------
    octets : bytes
        Lines, each ended by CRLF.
    """
    lines = [
        (line.decode("utf-8", "replace").translate(_SIGNS), len(line) + 2)
        for line in octets.split(b"\r\n")
    ]
    return lines[:-1]
