"""What the book of the run knows of each message that is under way, in little room.

A million may be under way at once, so that every octet of one is a megabyte of the run.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Tracked", "UnderWay"]

_BITS = 6
_BLOCK = 1 << _BITS


class Tracked:
    """A message, and the attempts made so far for each recipient whose fate is open.

    Parameters
    ----------
    sender : str
    recipients : tuple of str
    traffic : str
    size : int
        Octets of the content.
    now : int
        When it fell due (ns).
    host : str

    Attributes
    ----------
    sender, traffic, size : str, str, int
        As given.
    submitted_ns, taken_ns : int
        When it fell due, and when a server first took it over; -1 while none has.
    host : str
        Who is responsible.
    hops : int
        Servers that had taken it over where it is at the end of the run; -1 until then.
    left : str, dict of str to int, or None
        Who is open: the one, several with the attempts made for each, or nobody.
    n_attempts : int
        For the one.
    """

    __slots__ = (
        "hops",
        "host",
        "left",
        "n_attempts",
        "sender",
        "size",
        "submitted_ns",
        "taken_ns",
        "traffic",
    )

    def __init__(
        self, sender: str, recipients: tuple[str, ...], traffic: str, size: int, now: int, host: str
    ) -> None:
        self.sender = sender
        self.traffic = traffic
        self.size = size
        self.submitted_ns = now
        self.taken_ns = self.hops = -1
        self.host = host
        self.n_attempts = 0
        self.left: str | dict[str, int] | None = None
        self.left = recipients[0] if len(recipients) == 1 else dict.fromkeys(recipients, 0)

    def has(self, recipient: str) -> bool:
        """Tell whether a recipient is open."""
        left = self.left
        return recipient in left if isinstance(left, dict) else recipient == left

    def add(self, recipient: str) -> None:
        """Open a further recipient."""
        left = self.left
        if not isinstance(left, dict):
            self.left = left = {} if left is None else {left: self.n_attempts}
        left[recipient] = 0

    def attempted(self, recipient: str) -> None:
        """Count an attempt for an open recipient."""
        left = self.left
        if isinstance(left, dict):
            left[recipient] += 1
        else:
            self.n_attempts += 1

    def take(self, recipient: str) -> int:
        """Close a recipient; return the attempts made, or -1 if it is not open."""
        left = self.left
        if isinstance(left, dict):
            return left.pop(recipient, -1)
        if recipient != left:
            return -1
        self.left = None
        return self.n_attempts

    def open(self) -> dict[str, int]:
        """Return who is open, with the attempts made."""
        left = self.left
        if isinstance(left, dict):
            return left
        return {} if left is None else {left: self.n_attempts}


class UnderWay:
    """Messages by number: a dictionary of blocks of neighbours, a tenth of the size of a plain one.

    Numbers are given out in order, and neighbours end at about the same time.
    """

    def __init__(self) -> None:
        self._blocks: dict[int, list[Tracked | None]] = {}
        self._n_in: dict[int, int] = {}

    def put(self, number: int, tracked: Tracked) -> None:
        """Enter a message."""
        key = number >> _BITS
        block = self._blocks.get(key)
        if block is None:
            block = self._blocks[key] = [None] * _BLOCK
            self._n_in[key] = 0
        block[number & (_BLOCK - 1)] = tracked
        self._n_in[key] += 1

    def get(self, number: int) -> Tracked | None:
        """Return a message, or None if it is not there."""
        block = self._blocks.get(number >> _BITS)
        return None if block is None else block[number & (_BLOCK - 1)]

    def remove(self, number: int) -> None:
        """Take out a message that is there."""
        key = number >> _BITS
        if self._n_in[key] == 1:
            del self._blocks[key], self._n_in[key]
            return
        self._blocks[key][number & (_BLOCK - 1)] = None
        self._n_in[key] -= 1

    def __iter__(self) -> Iterator[tuple[int, Tracked]]:
        """Iterate over all messages in order: number and message."""
        for key in sorted(self._blocks):
            for i, tracked in enumerate(self._blocks[key]):
                if tracked is not None:
                    yield (key << _BITS) + i, tracked
