"""The delays of a run that has just ended, in the order in which its mail fell due."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq

from mailsim.record.log import Log

__all__ = ["delays_in"]


def delays_in(log: Log) -> tuple[np.ndarray, np.ndarray]:
    """Return when each delivered recipient's mail fell due, and its delay, both in seconds.

    Parameters
    ----------
    log : Log
        One that has been closed.
    """
    columns = ["submitted_at_s", "delay_s", "fate", "traffic"]
    if log.directory is None:
        table = log.tables()["deliveries"].select(columns)
    else:
        table = pq.ParquetFile(log.directory / "deliveries.parquet").read(columns)
    due_s, delay_s, fate, traffic = (column.to_numpy() for column in table.columns)
    kept = (fate == "delivered") & (traffic != "report")
    order = np.argsort(due_s[kept], kind="stable")
    return due_s[kept][order], delay_s[kept][order]
