"""What the processes that serve one host have in common: slots, numbers, and the clock's zero."""

from __future__ import annotations

import mmap
import multiprocessing
import os
from contextlib import suppress
from time import monotonic_ns
from typing import Final

__all__ = ["Change", "Counter", "Slots"]

_FORK: Final = multiprocessing.get_context("fork")
_BYTES: Final = 8


def _numbers(n: int) -> memoryview:
    """Return n whole numbers, all 0, that processes forked from this one have in common."""
    # multiprocessing's own Array and Value take several times as long to read.
    return memoryview(mmap.mmap(-1, n * _BYTES)).cast("q")


class Counter:
    """A number that several processes count up together, from 0."""

    def __init__(self) -> None:
        lock = _FORK.Lock()
        self._acquire, self._release = lock.acquire, lock.release  # "with" takes twice as long
        self._value = _numbers(1)

    @property
    def value(self) -> int:
        """The number."""
        return int(self._value[0])

    def next(self) -> int:
        """Count one up; return the number."""
        self._acquire()
        try:
            number = int(self._value[0]) + 1
            self._value[0] = number
        finally:
            self._release()
        return number


Change = tuple[str, int, int]
"""What a queue, ``busy`` or ``backlog``, has come to, and when on the monotonic clock (ns)."""


class Slots:
    """The worker slots of a port and its backlog.

    A slot that is given back while somebody waits goes over to the backlog: whichever process
    reads :attr:`freed` first has it for a client of its own.  So each process serves its
    clients in the order they came, and a slot is idle only when nobody waits.

    Parameters
    ----------
    limit : int
        Clients served at a time.
    backlog : int
        Clients that may wait for a slot; -1 for any number.

    Attributes
    ----------
    freed : int
        File descriptor that can be read when a slot has gone over to the backlog.
    """

    def __init__(self, limit: int, backlog: int) -> None:
        self._limit = limit
        self._backlog = backlog
        lock = _FORK.Lock()
        self._acquire, self._release = lock.acquire, lock.release
        self._depths = _numbers(2)  # busy, waiting
        self.freed, self._free = os.pipe()
        os.set_blocking(self.freed, False)

    def arrive(self) -> Change | None:
        """Take a slot, or a place in the backlog; None when both are full."""
        self._acquire()
        try:
            busy, waiting = self._depths[0], self._depths[1]
            if busy < self._limit:
                return self._set(0, busy + 1)
            if 0 <= self._backlog <= waiting:
                return None
            return self._set(1, waiting + 1)
        finally:
            self._release()

    def leave(self) -> Change:
        """Give a slot back: to the backlog if somebody waits there."""
        self._acquire()
        try:
            busy, waiting = self._depths[0], self._depths[1]
            if not waiting:
                return self._set(0, busy - 1)
            os.write(self._free, b"s")
            return self._set(1, waiting - 1)
        finally:
            self._release()

    def take_freed(self) -> bool:
        """Take a slot that has gone over to the backlog; False if another process was first."""
        with suppress(BlockingIOError):
            return bool(os.read(self.freed, 1))
        return False

    def give_up(self) -> Change | None:
        """Leave the backlog; a slot that was meant for this client goes on to the next."""
        self._acquire()
        try:
            waiting = self._depths[1]
            if waiting:
                return self._set(1, waiting - 1)
        finally:
            self._release()
        return self.leave() if self.take_freed() else None

    def close(self) -> None:
        """Close the descriptors."""
        os.close(self.freed)
        os.close(self._free)

    def _set(self, index: int, depth: int) -> Change:
        self._depths[index] = depth
        return ("backlog" if index else "busy", depth, monotonic_ns())
