"""How many deliveries were under way while others waited: the N of Little's law."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .totals import HELD

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Busy", "busy_while_waiting"]


class Busy(NamedTuple):
    """Deliveries under way while something waited.

    Attributes
    ----------
    seconds : float
        For how long something waited.
    mean, most : float
        Deliveries under way in this time.
    rate : float
        Deliveries that ended per second of it.
    hold : dict of str to float
        Mean seconds that one took, by part.
    """

    seconds: float
    mean: float
    most: float
    rate: float
    hold: dict[str, float]

    @property
    def hold_s(self) -> float:
        """Mean seconds that a delivery took."""
        return sum(self.hold.values())


def busy_while_waiting(rows: pd.DataFrame, from_s: float = 0.0) -> Busy:
    """Return how many of these deliveries were under way while others of them waited.

    By Little's law N = X h: ``mean`` is ``rate`` x ``hold_s``, but for the edges.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of :func:`~mailsim.analysis.totals.totals`, those of one station: a client, the agents of a
        host, or a host's deliveries to one destination.
    from_s : float
        What was before is left out, and where some of it had not ended when the run did, as much
        as the longest took: what was under way then is not on record.
    """
    rows = rows[rows["is_first"]]
    active, handed, ended = (rows[f"{name}_s"].to_numpy() for name in ("active", "handed", "ended"))
    done = (rows["status"] != "open").to_numpy()
    n, n_done = len(rows), int(done.sum())
    at = np.concatenate([active, handed, handed[done], ended[done]])
    waits = np.concatenate([np.ones(n), -np.ones(n), np.zeros(2 * n_done)])
    works = np.concatenate([np.zeros(2 * n), np.ones(n_done), -np.ones(n_done)])
    order = np.argsort(at, kind="stable")
    to_s = float(at.max(initial=0.0))
    if n_done < n:
        to_s -= float((ended - handed)[done].max(initial=0.0))
    moments = at[order]
    held = np.diff(moments.clip(from_s, max(to_s, from_s)))
    waiting, working = np.cumsum(waits[order])[:-1] > 0, np.cumsum(works[order])[:-1]
    seconds = float(held[waiting].sum())
    if seconds <= 0:
        return Busy(0.0, 0.0, 0.0, 0.0, dict.fromkeys(HELD, 0.0))
    mean = float((held * working)[waiting].sum() / seconds)
    most = float(working[waiting & (held > 0)].max())
    hold = {name: float(rows.loc[done, name].mean()) for name in HELD}
    is_within = (moments >= from_s) & (moments <= to_s) & (np.cumsum(waits[order]) > 0)
    n_ended = int((is_within & (works[order] < 0)).sum())
    return Busy(seconds, mean, most, n_ended / seconds, hold)
