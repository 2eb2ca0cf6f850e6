"""What all the attempts of a run spent their time on: a row for each, a column for each part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .pieces import PARTS, Piece, pieces_of

if TYPE_CHECKING:
    import pandas as pd

    from .frames import Frames

__all__ = ["HELD", "totals"]

HELD = ("DNS", "connect and TLS", "worker slot", "round trips", "server time", "transfer")
"""The parts in which an attempt keeps an agent, or a connection of a client, to itself."""


def totals(frames: Frames) -> pd.DataFrame:
    """Return the attempts that ended after the warm-up, and what is still open, by part.

    A row per recipient and attempt: host, server (empty if none was reached), destination,
    message, traffic, status, code, reply, active_s, handed_s, ended_s, is_client, is_first (of
    the recipients of a transaction), and the seconds of each of
    :data:`~mailsim.analysis.pieces.PARTS`.  What waits when the run ends is a row of status
    ``open``.  Unlike in the life of a message, an attempt lasts until its client knows the result.
    """
    import pandas as pd

    attempts = frames["attempts"]
    found = pd.DataFrame(pieces_of(frames, attempts), columns=list(Piece._fields))
    columns = ["host", "destination", "message", "recipient", "status", "code", "reply"]
    rows = attempts[columns].reset_index(drop=True)
    rows["server"] = attempts["relay"].str.split("[").str[0].replace("none", "").to_numpy()
    rows["is_client"] = ~rows["host"].isin(frames["sessions"]["server"])
    for name in ("active", "handed", "ended"):
        rows[f"{name}_s"] = found[name] / 1e9
    stay = [rows["host"], rows["message"], rows["recipient"], found["arrived"]]
    before = found["ended"].groupby(stay, observed=True).shift(1)
    again = before.notna()
    since = before.fillna(found["arrived"])
    waited = np.where(again & rows["is_client"], 0, found["handed"] - found["active"])
    first = np.where(again, 0, found["active"] - found["arrived"])
    retry = np.where(rows["is_client"], found["handed"], found["active"]) - since
    spent = found["ended"] - found["mail"]
    trips = np.minimum(2 * found["trips"] * found["half_trip"], spent)
    server = np.where(
        rows["status"] == "sent", np.minimum(found["service"], spent - trips), spent - trips
    )
    values = {
        "waiting to submit": np.where(rows["is_client"], waited, 0),
        "queue": np.where(rows["is_client"], 0, waited) + first,
        "back-off": np.where(again, retry, 0),
        "DNS": found["dns"],
        "connect and TLS": found["connect"],
        "worker slot": found["slot"],
        "round trips": trips + found["rset"],
        "server time": server,
        "transfer": spent - trips - server,
    }
    for name in PARTS:
        rows[name] = np.maximum(values[name], 0) / 1e9
    together = ["host", "message", "destination", "handed_s", "ended_s"]
    rows["is_first"] = ~rows.duplicated(together)
    open_ = _open(frames, rows)
    traffic = frames["deliveries"].drop_duplicates("message").set_index("message")["traffic"]
    whole = pd.concat([rows[rows["ended_s"] >= frames.warmup_s], open_], ignore_index=True)
    return whole.assign(traffic=whole["message"].map(traffic))


def _open(frames: Frames, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each recipient that waits when the run ends."""
    import pandas as pd

    deliveries = frames["deliveries"]
    waits = deliveries[deliveries["fate"] == "queued"]
    domain = rows["recipient"].str.rsplit("@", n=1).str[-1]
    ways = rows.assign(to_domain=domain).drop_duplicates(["host", "to_domain"])
    last = rows.sort_values("ended_s").drop_duplicates(["message", "recipient"], keep="last")
    columns = ["message", "recipient", "status", "ended_s", "host", "server"]
    both = waits.merge(
        last[columns].rename(columns={"host": "was_at"}), how="left", on=["message", "recipient"]
    ).merge(ways[["host", "to_domain", "destination"]], how="left", on=["host", "to_domain"])
    since = both[["submitted_at_s", "accepted_at_s", "ended_s"]].max(axis=1)
    spent = (frames.simulated_s - since).clip(lower=0)
    is_off = (both["status"] == "deferred") & (both["was_at"] == both["host"])
    is_client = both["accepted_at_s"].isna() & (both["traffic"] != "report")
    result = pd.DataFrame(
        {
            "host": both["host"], "destination": both["destination"].fillna(both["to_domain"]),
            "message": both["message"], "recipient": both["recipient"], "status": "open",
            "reply": "", "server": both["server"].where(is_off, "").fillna(""),
            "is_client": is_client, "active_s": since, "handed_s": frames.simulated_s,
            "ended_s": frames.simulated_s, "is_first": ~both["message"].duplicated(),
        }
    )  # fmt: skip
    for name in PARTS:
        result[name] = 0.0
    result["back-off"] = spent.where(is_off, 0.0)
    result["queue"] = spent.where(~is_off & ~is_client, 0.0)
    result["waiting to submit"] = spent.where(~is_off & is_client, 0.0)
    return result
