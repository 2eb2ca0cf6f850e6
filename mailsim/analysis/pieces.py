"""What each delivery attempt spent its time on, from what the tables keep of it.

The table ``attempts`` has Postfix's four delays; ``lookups`` and ``sessions`` tell what the third
and the fourth of them consist of.  All times are whole nanoseconds here, so that sums are exact.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .questions import Questions

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from .frames import Frames

    Times = NDArray[np.int64]

__all__ = ["PARTS", "pieces_of", "transmission", "whole_ns"]

PARTS = (
    "waiting to submit",
    "queue",
    "back-off",
    "DNS",
    "connect and TLS",
    "worker slot",
    "round trips",
    "server time",
    "transfer",
)
"""What a message can spend time on; the parts of a life add up to its delay."""

_BEFORE_MAIL = ("EHLO", "HELO", "LHLO", "STARTTLS", "AUTH", "AUTH_RESPONSE", "RSET", "NOOP")


class Piece(NamedTuple):
    """One attempt in nanoseconds; moments since the start of the run, else durations.

    Attributes
    ----------
    row : int
        Which of the attempts, from 0.
    arrived, active, handed, mail, ended : int
        When the message came to this host, entered the active queue, was handed to an agent;
        when MAIL was sent, and when the attempt was over.
    dns, connect, slot, rset : int
        What passed between hand-off and MAIL: lookups; connections and what is said on them
        first, attempts at other servers included; the wait for a worker slot of the server; on
        a connection that was open, RSET.
    half_trip : int
        Half the round trip time to the server; 0 if nothing is known of it.
    trips : int
        Round trips of a transaction, slow start included.
    service : int
        Service time of the server for the message: the mean of the session, unless it varies.
    is_sent : bool
        Whether the server took the message.
    """

    row: int
    arrived: int
    active: int
    handed: int
    mail: int
    ended: int
    dns: int
    connect: int
    slot: int
    rset: int
    half_trip: int
    trips: int
    service: int
    is_sent: bool


def whole_ns(seconds: pd.Series) -> Times:
    """Return times in seconds as whole nanoseconds; -1 where there is none."""
    values = seconds.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(values), -1, np.rint(values * 1e9)).astype(np.int64)


def pieces_of(frames: Frames, attempts: pd.DataFrame) -> list[Piece]:
    """Return what some attempts of a run consist of, in the order of their rows.

    Parameters
    ----------
    frames : Frames
        The tables of a run.
    attempts : pandas.DataFrame
        Rows of its table ``attempts``.

    Notes
    -----
    Round trip times are those of the quickest connection between the two hosts: SYN, SYN-ACK
    and ACK take one and a half (RFC 9293 section 3.5).
    """
    ended = whole_ns(attempts["ended_at_s"])
    mail = ended - whole_ns(attempts["d_s"])
    handed = mail - whole_ns(attempts["c_s"])
    active = handed - whole_ns(attempts["b_s"])
    arrived = active - whole_ns(attempts["a_s"])
    numbers = attempts["session"].fillna(0).to_numpy(dtype=np.int64)
    sessions = _sessions(frames["sessions"], {int(number) for number in numbers})
    questions = Questions(frames["lookups"])
    transfers = _transfers(frames, sessions)
    pieces = []
    columns = ("host", "destination", "conn_use", "status")
    rows = zip(*(attempts[name] for name in columns), strict=True)
    for i, (host, destination, use, status) in enumerate(rows):
        session = sessions.get(int(numbers[i]), _UNKNOWN)
        set_up = int(mail[i] - handed[i])
        dns = connect = slot = rset = 0
        # A connection of its own, or one that was open.
        if session.opened >= handed[i] or (session is _UNKNOWN and use <= 1):
            until = session.opened if session is not _UNKNOWN else int(mail[i])
            dns = questions.asked_ns(host, destination, int(handed[i]), min(until, int(mail[i])))
            slot = min(session.wait, set_up - dns)
            connect = set_up - dns - slot
        else:
            rset = set_up
        trips = session.trips
        if session.has_tls and not rset and session.half_trip:
            # TLS 1.2 takes a trip more, unless resumed; the tables do not say which it was.
            room = connect // (2 * session.half_trip) - session.trips_before
            trips -= int(room > 0 and trips > 1)
        service, transfer = session.service, transfers.get(int(numbers[i]))
        if transfer is not None:
            on_the_way = 2 * trips * session.half_trip + transfer
            service = max(int(ended[i] - mail[i]) - on_the_way, 0)
        pieces.append(
            Piece(
                *(i, int(arrived[i]), int(active[i]), int(handed[i]), int(mail[i]), int(ended[i])),
                *(dns, connect, slot, rset, session.half_trip, trips, service),
                status == "sent",
            )
        )
    return pieces


def transmission(piece: Piece, until: int) -> tuple[int, int, int]:
    """Return round trips, server time and transfer between MAIL and a moment, in nanoseconds.

    Parameters
    ----------
    piece : Piece
    until : int
        When the server had taken the message, or the client had the last reply: a message that
        was taken does not wait for the reply to travel.
    """
    spent = until - piece.mail
    halves = 2 * piece.trips - int(piece.is_sent and until < piece.ended)
    trips = min(max(halves, 0) * piece.half_trip, spent)
    if not piece.is_sent:  # lines are short: what is left is what the server thought about
        return trips, spent - trips, 0
    server = min(piece.service, spent - trips)
    return trips, server, spent - trips - server


def _transfers(frames: Frames, sessions: dict[int, _Session]) -> dict[int, int]:
    """Return the mean transfer (ns) of a message, by session, where service times vary.

    There the mean of the session is not what the server took for one message, and what differs
    from it would look like transfer.  Octets differ less: what the service times of all leave of
    the session is shared out, and the rest of each message's time is the server's.
    """
    scenario = frames.info.get("scenario") or {}
    hosts = scenario.get("hosts", {}).items()
    varying = [name for name, host in hosts if isinstance(host.get("service_time"), dict)]
    kept = [number for number, one in sessions.items() if one.contents > 1]
    if not varying or not kept:
        return {}
    rows = frames["sessions"]
    numbers = rows.loc[rows["server"].isin(varying) & rows["session"].isin(kept), "session"]
    attempts = frames["attempts"]
    mine = attempts[attempts["session"].isin(numbers) & (attempts["status"] == "sent")]
    mine = mine.drop_duplicates(["session", "ended_at_s"])  # one for a transaction
    found: dict[int, int] = {}
    for number, spent in mine.groupby(mine["session"].astype("int64"))["d_s"]:
        one = sessions[int(number)]
        mean = round(float(spent.mean()) * 1e9)
        found[int(number)] = max(mean - 2 * one.trips * one.half_trip - one.service, 0)
    return found


class _Session(NamedTuple):
    opened: int
    wait: int
    half_trip: int
    trips: int
    trips_before: int
    service: int
    contents: int
    has_tls: bool


_UNKNOWN = _Session(-1, 0, 0, 0, 0, 0, 0, False)
"""One that was open when the run ended has no row."""


def _sessions(sessions: pd.DataFrame, numbers: set[int]) -> dict[int, _Session]:
    """Return what is known of these sessions."""
    shaken = (sessions["arrived_at_s"] - sessions["opened_at_s"]) * 1e9
    keys = [sessions["client"], sessions["server"]]
    quickest = sessions.assign(ns=shaken).groupby(keys, observed=True)["ns"].transform("min")
    quickest = quickest.fillna(0).round().astype("int64")  # 0 where none was ever complete
    kept = sessions["session"].isin(numbers).to_numpy()
    mine = sessions[kept]
    opened, wait = whole_ns(mine["opened_at_s"]), whole_ns(mine["wait_s"])
    service, thirds = whole_ns(mine["service_s"]), quickest.to_numpy()[kept]
    columns = ("session", "verbs", "messages", "round_trips", "tls")
    rows = zip(*(mine[name] for name in columns), strict=True)
    found: dict[int, _Session] = {}
    for i, (number, verbs, messages, n_trips, tls) in enumerate(rows):
        n_before, n_mail, n_contents = _said(verbs)
        before = 2 + n_before + bool(tls)
        if number in found:  # of a served host, whose numbers begin again
            continue
        found[int(number)] = _Session(
            int(opened[i]),
            max(int(wait[i]), 0),
            int(thirds[i]) // 3,
            max(int(n_trips) - before, 0) // max(n_mail, 1),
            before,
            int(service[i]) // max(n_contents, int(messages), 1),
            n_contents,
            bool(tls),
        )
    return found


@lru_cache(maxsize=4096)
def _said(verbs: str) -> tuple[int, int, int]:
    """Return how many commands came before MAIL, how many MAIL, and how many contents."""
    counts = {}
    for pair in verbs.split():
        verb, _, count = pair.partition("=")
        counts[verb] = int(count)
    contents = counts.get("CONTENT", 0) + counts.get("BDAT_LAST", 0)
    return sum(counts.get(verb, 0) for verb in _BEFORE_MAIL), counts.get("MAIL", 0), contents
