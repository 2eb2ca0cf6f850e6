"""What was said on real sockets, kept by column until there is time to make rows of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

__all__ = ["Said"]


class Said:
    """Lines of sessions, for the table of events.

    Several lines that left together are one entry: a real server has no time for more before.
    """

    def __init__(self) -> None:
        self._at_ns: list[int] = []
        self._sessions: list[int] = []
        self._messages: list[int] = []
        self._lines: list[Sequence[tuple[str, str, int]]] = []

    def __len__(self) -> int:
        return len(self._lines)

    def add(
        self, at_ns: int, session: int, message: int, lines: Sequence[tuple[str, str, int]]
    ) -> None:
        """Keep what was said.

        Parameters
        ----------
        at_ns : int
        session, message : int
            Their numbers; message 0 is none.
        lines : sequence of (str, str, int)
            Side, text and octets of each.
        """
        self._at_ns.append(at_ns)
        self._sessions.append(session)
        self._messages.append(message)
        self._lines.append(lines)

    def taken(self, schema: pa.Schema) -> pa.Table:
        """Return a row of events for each line, and forget them."""
        lines = [line for some in self._lines for line in some]
        n_lines = [len(some) for some in self._lines]
        # By numpy: pyarrow.compute would take a tenth of a second to import.
        at, session, message = [
            np.repeat(np.array(numbers, np.int64), n_lines)
            for numbers in (self._at_ns, self._sessions, self._messages)
        ]
        seconds = pa.array(at / 1e9)
        columns = [
            seconds,
            seconds,
            pa.array(session),
            pa.array(message, mask=message == 0),
            pa.array([line[0] for line in lines], pa.string()),
            pa.array([line[1] for line in lines], pa.string()),
            pa.array([line[2] for line in lines], pa.int64()),
        ]
        self.clear()
        return pa.Table.from_arrays(columns, schema=schema)

    def clear(self) -> None:
        """Forget what was said."""
        for numbers in (self._at_ns, self._sessions, self._messages):
            numbers.clear()
        self._lines.clear()
