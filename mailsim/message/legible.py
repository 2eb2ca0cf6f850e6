"""Octets of a session as lines to read."""

from __future__ import annotations

__all__ = ["is_legible", "lines_of"]


def is_legible(octets: bytes) -> bool:
    """Tell whether lines can be shown just as they came."""
    n = octets.count(b"\r\n")
    if not n == octets.count(b"\n") == octets.count(b"\r"):
        return False
    if octets.isascii():
        return True
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def lines_of(octets: bytes) -> list[tuple[str, int]]:
    """Return the text of each line, and its octets with CRLF.

    What is no UTF-8 is shown by the sign for that, CR and LF that end no line by theirs.

    Parameters
    ----------
    octets : bytes
        Lines, each ended by CRLF.
    """
    lines = [(line.decode("utf-8", "replace"), len(line) + 2) for line in octets.split(b"\r\n")]
    lines.pop()
    if is_legible(octets):
        return lines
    return [(text.replace("\r", "\u240d").replace("\n", "\u240a"), n) for text, n in lines]
