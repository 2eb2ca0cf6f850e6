"""The life of a message in plain sentences, and a table of where its time went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mailsim.errors import ConfigError

from .life import Life, Try, life_of, recipients_of
from .words import duration_text, number_text

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["message_story", "parts_table"]

_AT_MOST = 10
"""Recipients besides the one whose life is told."""


def message_story(frames: Frames, message: int, recipient: str | None = None) -> str:
    """Return what happened to a message in plain sentences, and where its delay went.

    Parameters
    ----------
    frames : Frames
        The tables of a run.
    message : int
        Number of the message, as in the ``message`` columns.
    recipient : str, optional
        Whose; unless said, of the one who waited longest.

    Raises
    ------
    ConfigError
        If there is no such message, or it has no such recipient.
    """
    rows = recipients_of(frames, message)
    if recipient is None:
        chosen = rows.iloc[0]
    else:
        own = rows[rows["recipient"] == recipient]
        if own.empty:
            known = ", ".join(rows["recipient"].iloc[:_AT_MOST]) + ", ..." * (len(rows) > _AT_MOST)
            raise ConfigError(f"message {message} is not for {recipient!r}: it is for {known}")
        chosen = own.iloc[0]
    life = life_of(frames, chosen)
    lines = [_beginning(life), *map(_sentence, life.tries), _end(life), ""]
    lines += [*parts_table(life.parts), *_mean_note(frames, life)]
    return "\n".join([*lines, *_others(rows, life.row["recipient"])])


def parts_table(parts: Mapping[str, int]) -> list[str]:
    """Return a line per part that took any time, its share, and the whole.

    Parameters
    ----------
    parts : mapping of str to int
        Nanoseconds by name.
    """
    whole = sum(parts.values())
    lines = [
        f"  {name:<18} {duration_text(ns / 1e9):>12} {ns / whole:>7.1%}"
        for name, ns in parts.items()
        if ns
    ]
    return ["Where the time went:", *lines, f"  {'in all':<18} {duration_text(whole / 1e9):>12}"]


def _beginning(life: Life) -> str:
    row = life.row
    kind = "a report" if row["traffic"] == "report" else f"traffic {row['traffic']}"
    return (
        f"Message {row['message']} ({number_text(row['size_bytes'])} octets, {kind}) from "
        f"<{row['sender']}> to <{row['recipient']}> fell due at {_at(row['submitted_at_s'])}."
    )


def _sentence(one: Try) -> str:
    """Tell of an attempt."""
    row, parts = one
    spent = {name: duration_text(ns / 1e9) for name, ns in parts.items()}
    said = [text.format(spent[name]) for name, text in _BEFORE.items() if name in spent]
    there = row["relay"]
    if row["conn_use"] > 1 and "connect and TLS" not in spent:
        said.append(f"used its open connection to {there}")
    elif row["relay"] != "none":
        in_ = f" in {spent['connect and TLS']}" if "connect and TLS" in spent else ""
        said.append(f"connected to {there}{in_}")
    elif "connect and TLS" in spent:
        said.append(f"tried to connect for {spent['connect and TLS']}")
    if "worker slot" in spent:
        said.append(f"waited there for a worker slot for {spent['worker slot']}")
    talked = sum(parts.get(name, 0) for name in ("round trips", "server time", "transfer"))
    took = f" after {duration_text(talked / 1e9)}" if talked else ""
    code = "" if row["code"] is None or row["code"] != row["code"] else f"{row['code']:.0f}"
    is_nowhere = row["status"] == "sent" and there == "none"  # the transport is discard(8)
    result = "threw it away" if is_nowhere else _RESULTS[row["status"]]
    said.append(f"{result}{took}: {f'{code} ' if code else ''}{row['reply']}")
    *first, last = said
    return f"{row['host']} {', '.join(first)}{' and ' if first else ''}{last}."


_BEFORE = {
    "back-off": "waited {} before it tried again",
    "queue": "kept it in the queue for {}",
    "waiting to submit": "had none of its connections free for {}",
    "DNS": "asked the DNS for {}",
}
_RESULTS = {
    "sent": "handed it over",
    "deferred": "was put off",
    "refused": "was refused",
    "bounced": "was refused for good",
    "expired": "gave it up",
}


def _end(life: Life) -> str:
    row, rest = life.row, life.rest
    took = duration_text(life.delay_ns / 1e9)
    if row["fate"] == "queued":
        where = f"at {row['host']} for {duration_text(sum(rest.values()) / 1e9)}"
        why = ", ".join(rest)
        return f"When the run ended, {took} after that, it had been waiting {where} ({why})."
    what = f"It {_FATES[row['fate']]} at {row['host']}, {took} after it fell due."
    if rest:
        what += f" The last {duration_text(sum(rest.values()) / 1e9)} were {', '.join(rest)}."
    return what


_FATES = {
    "delivered": "was delivered",
    "bounced": "was given up",
    "expired": "was given up for its age",
    "refused": "was refused for good",
    "discarded": "was discarded",
    "expanded": "was found to stand for others",
}


def _mean_note(frames: Frames, life: Life) -> list[str]:
    """Say so where server time is a mean, for the service time of one message is not recorded."""
    shared = [
        one.row["session"] for one in life.tries
        if "server time" in one.parts and one.row["session"] == one.row["session"]
    ]  # fmt: skip
    sessions = frames["sessions"]
    if not (sessions["session"].isin(shared) & (sessions["messages"] > 1)).any():
        return []
    return [
        "",
        "Server time is the mean over the messages of a connection; one's own is not recorded.",
    ]


def _others(rows: pd.DataFrame, told: str) -> list[str]:
    """Return a line for each other recipient, ten at most."""
    others = rows[rows["recipient"] != told]
    if others.empty:
        return []
    lines = ["", f"It had {number_text(len(rows))} recipients; the others:"]
    for name, fate, delay_s in zip(
        others["recipient"].iloc[:_AT_MOST], others["fate"], others["delay_s"], strict=False
    ):
        after = f" after {duration_text(delay_s)}" if delay_s == delay_s else ""
        lines.append(f"  {name}: {fate}{after}")
    if len(others) > _AT_MOST:
        lines.append(f"  and {number_text(len(others) - _AT_MOST)} more, none of them later")
    return lines


def _at(seconds: float) -> str:
    return duration_text(seconds) if seconds else "the start"
