"""One recipient's life: host after host, attempt after attempt, and where its delay went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from mailsim.errors import ConfigError

from .pieces import PARTS, Piece, pieces_of, transmission, whole_ns
from .words import number_text

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["Life", "Try", "life_of", "recipients_of"]


class Try(NamedTuple):
    """An attempt in a life: its row of ``attempts``, and how long each part of it took.

    ``parts`` has nanoseconds by name, those of :data:`~mailsim.analysis.pieces.PARTS` that took
    any, from when the message came to the host, or the attempt before was over.
    """

    row: dict[str, Any]
    parts: dict[str, int]


class Life(NamedTuple):
    """What became of a recipient, and where the time went.

    Attributes
    ----------
    row : dict
        Of ``deliveries``.
    tries : list of Try
        In order of time, those of the alias that led to the recipient included.
    rest : dict of str to int
        Nanoseconds by part after the last attempt: in a queue, or in filters.
    ended_ns : int
        When its fate was sealed, or the run ended.
    """

    row: dict[str, Any]
    tries: list[Try]
    rest: dict[str, int]
    ended_ns: int

    @property
    def delay_ns(self) -> int:
        """From when it fell due to the end, in nanoseconds."""
        return self.ended_ns - _ns(self.row["submitted_at_s"])

    @property
    def parts(self) -> dict[str, int]:
        """Nanoseconds of each part; their sum is the delay."""
        sums = dict.fromkeys(PARTS, 0)
        for parts in (*(one.parts for one in self.tries), self.rest):
            for name, ns in parts.items():
                sums[name] += ns
        return sums


def recipients_of(frames: Frames, message: int) -> pd.DataFrame:
    """Return a message's rows of ``deliveries``; who waited longest first, who waits still before.

    Raises
    ------
    ConfigError
        If the run has no such message.
    """
    deliveries = frames["deliveries"]
    mine = deliveries[deliveries["message"] == message]
    if not mine.empty:
        return mine.sort_values("delay_s", ascending=False, na_position="first", kind="stable")
    if deliveries.empty:
        raise ConfigError(f"no message {message}: this run had none at all")
    last = number_text(int(deliveries["message"].max()))
    raise ConfigError(f"no message {message}: expected 1 to {last}")


def life_of(frames: Frames, recipient: pd.Series[Any]) -> Life:
    """Return the life of a recipient, whose parts add up to the whole delay.

    Parameters
    ----------
    frames : Frames
        The tables of a run.
    recipient : pandas.Series
        A row of ``deliveries``.
    """
    row = {str(name): value for name, value in recipient.items()}
    deliveries, attempts = frames["deliveries"], frames["attempts"]
    mine = attempts[attempts["message"] == row["message"]]
    family = _family(deliveries[deliveries["message"] == row["message"]], mine, row)
    mine = mine[mine["recipient"].isin(family)]
    began = _ns(row["submitted_at_s"])
    ended = _ns(frames.simulated_s if row["fate"] == "queued" else row["ended_at_s"])
    stays: dict[tuple[int, str], list[Piece]] = {}
    hosts = mine["host"].tolist()
    for piece in sorted(pieces_of(frames, mine), key=lambda one: (one.arrived, one.ended)):
        stays.setdefault((piece.arrived, hosts[piece.row]), []).append(piece)
    # What a host passes on has left it when the next host has it.
    ends = [*(arrived for arrived, _ in stays), ended][1:]
    at, tries = began, list[Try]()
    for pieces, until in zip(stays.values(), ends, strict=True):
        for i, piece in enumerate(pieces):
            parts: dict[str, int] = {}
            is_client = not tries and row["traffic"] != "report"
            for name, stop in _stages(piece, min(until, piece.ended), i > 0, is_client):
                stop = min(stop, until)
                if stop > at:
                    parts[name] = parts.get(name, 0) + stop - at
                    at = stop
            tries.append(Try(mine.iloc[piece.row].to_dict(), parts))
    rest = {_what_then(row, tries): ended - at} if ended > at else {}
    return Life(row, tries, rest, ended)


def _stages(piece: Piece, until: int, is_again: bool, is_client: bool) -> Iterator[tuple[str, int]]:
    """Yield each part of an attempt, and the moment at which it is over."""
    if is_again:
        yield "back-off", piece.active
        yield "back-off" if is_client else "queue", piece.handed
    else:
        yield "server time", piece.arrived  # filters had it in between
        yield "queue", piece.active
        yield "waiting to submit" if is_client else "queue", piece.handed
    at = piece.handed
    before = zip(("DNS", "connect and TLS", "worker slot", "round trips"), piece[6:10], strict=True)
    during = zip(PARTS[6:], transmission(piece, until), strict=True)
    for name, ns in (*before, *during):
        at += ns
        yield name, at


def _what_then(row: dict[str, Any], tries: list[Try]) -> str:
    """Return what a recipient spends time on whom nobody is trying to deliver to."""
    if tries and tries[-1].row["status"] == "deferred":
        return "back-off"
    if row["fate"] != "queued":
        return "server time"
    return "queue" if tries or row["traffic"] == "report" else "waiting to submit"


def _family(rows: pd.DataFrame, attempts: pd.DataFrame, row: dict[str, Any]) -> list[str]:
    """Return a recipient, and whose aliases led to it: until then they have one life.

    An alias ends as ``expanded`` where and when the life of its members on their own begins.
    """
    expanded = rows[rows["fate"] == "expanded"]
    ended = whole_ns(expanded["ended_at_s"])
    aliases = list(zip(expanded["recipient"], expanded["host"], ended, strict=True))
    names, host, began = [row["recipient"]], row["host"], _ns(row["ended_at_s"])
    while True:
        own = attempts[attempts["recipient"] == names[-1]]
        if not own.empty:
            came = whole_ns(own["ended_at_s"]) - whole_ns(own["delay_s"])
            first = int(came.argmin())
            host, began = own["host"].iloc[first], int(came[first])
        found = [one for one, at, ns in aliases if (at, ns) == (host, began) and one not in names]
        if not found:
            return names
        names.append(found[0])


def _ns(seconds: float) -> int:
    return -1 if seconds != seconds else round(seconds * 1e9)
