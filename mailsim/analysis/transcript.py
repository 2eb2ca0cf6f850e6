"""The conversation about one message, as the two sides of each session saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailsim.errors import ConfigError

from .words import number_text

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["session_transcript", "transcript"]


def transcript(frames: Frames, message: int) -> str:
    """Return the lines of each session that a message travelled in, with simulated time.

    A line reads ``seconds  C: text`` for the client, ``S:`` for the server and ``-:`` for what
    TCP and TLS do; the time is when it left its sender.  Other messages in the same session are
    left out, with a note of how many lines they took.

    Parameters
    ----------
    frames : Frames
        The tables of a run that recorded its events.
    message : int
        Number of the message, as in the ``message`` columns.

    Raises
    ------
    ConfigError
        If the run recorded no events, or no session carried such a message.
    """
    events = frames.events
    mine = events["message"] == message
    numbers = events.loc[mine, "session"].drop_duplicates()
    if numbers.empty:
        raise ConfigError(_not_found(frames["deliveries"], message))
    sessions = frames["sessions"].drop_duplicates("session").set_index("session")
    # Text before the first transaction or after the last belongs to no message, but to the story.
    shown = mine | events["message"].isna()
    kept = events["session"].isin(numbers)
    blocks = {}
    for number, lines in events[kept].groupby("session", sort=False):
        lines = lines.sort_values("at_s", kind="stable")
        head = _heading(sessions, int(number))
        blocks[int(number)] = "\n".join([head, *_lines(lines, shown[lines.index])])
    return "\n\n".join(blocks[int(number)] for number in numbers)


def session_transcript(frames: Frames, session: int) -> str:
    """Return all lines of one session, whatever it was about.

    Parameters
    ----------
    frames : Frames
        The tables of a run that recorded its events.
    session : int
        Number of the session, as in the ``session`` columns.

    Raises
    ------
    ConfigError
        If the run recorded no events, or there is no such session.
    """
    events, sessions = frames.events, frames["sessions"]
    lines = events[events["session"] == session].sort_values("at_s", kind="stable")
    if lines.empty:
        last = max(sessions["session"].max(), events["session"].max(), 0)
        expected = f"expected 1 to {number_text(int(last))}" if last > 0 else "this run had none"
        raise ConfigError(f"no session {session}: {expected}")
    shown = lines["side"].notna()
    indexed = sessions.drop_duplicates("session").set_index("session")
    return "\n".join([_heading(indexed, session), *_lines(lines, shown)])


def _heading(sessions: pd.DataFrame, number: int) -> str:
    if number not in sessions.index:
        return f"session {number}"  # still open when the run ended, so it has no row
    row = sessions.loc[number]
    return f"{row['client']} -> {row['server']}:{row['port']}  (session {number})"


def _lines(lines: pd.DataFrame, shown: pd.Series[bool]) -> list[str]:
    result: list[str] = []
    left_out = 0
    for at_s, side, text, is_shown in zip(
        lines["at_s"], lines["side"], lines["text"], shown, strict=True
    ):
        if not is_shown:
            left_out += 1
            continue
        if left_out:
            result.append(_gap(left_out))
            left_out = 0
        result += [f"{at_s:12.6f}  {side}: {part}" for part in str(text).splitlines() or [""]]
    if left_out:
        result.append(_gap(left_out))
    return result


def _gap(n: int) -> str:
    return f"{'...':>12}  ({n} {'line' if n == 1 else 'lines'} of other messages)"


def _not_found(deliveries: pd.DataFrame, message: int) -> str:
    numbers = deliveries["message"]
    mine = deliveries[numbers == message]
    if not mine.empty:
        if (mine["traffic"] == "report").all():
            return f"message {message}, a report, travelled in no session: it never left its host"
        return f"message {message} travelled in no session: it never left its client"
    if numbers.empty:
        return f"no message {message}: this run had none at all"
    return f"no message {message}: expected 1 to {number_text(int(numbers.max()))}"
