"""What was said on real sockets, kept by column until there is time to make rows of it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mailsim.message.legible import joined_lines, lines_of

__all__ = ["Said"]


class Said:
    """Lines of sessions, for the table of events.

    Several lines that left together are one entry: a real server has no time for more before.
    """

    def __init__(self) -> None:
        self._at_ns: list[int] = []
        self._sessions: list[int] = []
        self._messages: list[int] = []
        self._sides: list[str] = []
        self._octets: list[bytes] = []
        self._odd: list[tuple[int, int, int]] = []

    def __len__(self) -> int:
        return len(self._octets)

    def add(
        self,
        at_ns: int,
        session: int,
        message: int,
        side: str,
        octets: bytes,
        odd: int = 0,
        n_odd: int = 0,
    ) -> None:
        """Keep what was said.

        Parameters
        ----------
        at_ns : int
        session, message : int
            Their numbers; message 0 is none.
        side : str
            One letter.
        octets : bytes
            Lines, each ended by CRLF.
        odd, n_odd : int
            Which of the lines stands for other octets than its own, counted from the last, -1;
            and for how many.
        """
        self._at_ns.append(at_ns)
        self._sessions.append(session)
        self._messages.append(message)
        self._sides.append(side)
        if odd:
            self._odd.append((len(self._octets), odd, n_odd))
        self._octets.append(octets)

    def taken(self, schema: pa.Schema) -> pa.Table:
        """Return a row of events for each line, and forget them.

        Lines become an Arrow array without becoming objects of Python first.
        """
        n = len(self._octets)
        octets = b"".join(self._octets)
        text = joined_lines(octets)
        if text is not None:
            stops = np.flatnonzero(np.frombuffer(octets, np.uint8) == ord("\n")) + 1
            text_stops = stops - 2 * np.arange(1, len(stops) + 1)
        else:
            lines = lines_of(octets)
            stops = np.cumsum([n_octets for _, n_octets in lines])
            texts = [line.encode() for line, _ in lines]
            text, text_stops = b"".join(texts), np.cumsum([len(line) for line in texts])
        sizes = np.diff(stops, prepend=0)
        entry_stops = np.cumsum(np.fromiter(map(len, self._octets), np.int64, n))
        after = np.searchsorted(stops, entry_stops, side="right")  # lines up to and with each
        n_lines = np.diff(after, prepend=0)
        for entry, odd, n_odd in self._odd:
            sizes[after[entry] + odd] = n_odd
        at, session, message = [
            np.repeat(np.fromiter(numbers, np.int64, n), n_lines)
            for numbers in (self._at_ns, self._sessions, self._messages)
        ]
        seconds = pa.array(at / 1e9)
        sides = np.repeat(np.frombuffer("".join(self._sides).encode(), np.uint8), n_lines)
        columns = [
            seconds,
            seconds,
            pa.array(session),
            pa.array(message, mask=message == 0),
            _texts(sides, np.arange(1, len(sides) + 1)),
            _texts(text, text_stops),
            pa.array(sizes),
        ]
        self.clear()
        return pa.Table.from_arrays(columns, schema=schema)

    def clear(self) -> None:
        """Forget what was said."""
        for numbers in (self._at_ns, self._sessions, self._messages):
            numbers.clear()
        self._sides.clear()
        self._octets.clear()
        self._odd.clear()


def _texts(octets: bytes | np.ndarray, stops: np.ndarray) -> pa.StringArray:
    """Return texts that lie one behind the other, each up to its stop."""
    offsets = np.concatenate(([0], stops)).astype(np.int32)
    return pa.StringArray.from_buffers(len(stops), pa.py_buffer(offsets), pa.py_buffer(octets))
