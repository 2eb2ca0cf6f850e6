"""The tables of a run as pandas frames, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mailsim.errors import ConfigError

from .columns import frame_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Frames"]


class Frames(Mapping[str, "pd.DataFrame"]):
    """A mapping from table name to frame, and what is known of the run itself.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        Tables by name, as in :mod:`mailsim.record.tables`; ``events`` may be missing.
    info : mapping
        The content of ``run.json``: ``simulated_s``, ``warmup_s``, ``wall_s``, ``name``, ``seed``.

    Notes
    -----
    An integer column with nulls becomes ``Int64``, so that a session number never turns into
    ``12.0``; a time with nulls becomes a float with NaN.
    """

    def __init__(self, tables: Mapping[str, pa.Table], info: Mapping[str, Any]) -> None:
        self.info = info
        self._tables = tables
        self._frames: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = _to_frame(self._tables[name])
        return self._frames[name]

    def columns(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns of a table in little room: of a saved run the others are not read.

        Texts are categories, but for those of which there are about as many as rows.
        """
        if name in self._frames:
            return self._frames[name][list(columns)]
        batches = getattr(self._tables, "batches", None)
        if batches is not None:
            return frame_of(*batches(name, columns))
        table = self._tables[name].select(list(columns))
        return frame_of(table.to_batches(), table.schema)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    @property
    def warmup_s(self) -> float:
        """Simulated seconds at the start that statistics leave out."""
        return float(self.info.get("warmup_s") or 0.0)

    @property
    def simulated_s(self) -> float:
        """Simulated seconds from the start to the end of the run."""
        return float(self.info["simulated_s"])

    @property
    def title(self) -> str:
        """Which run this is, for a caption: ``"bulk_send, seed 1"``."""
        return f"{self.info.get('name') or 'run'}, seed {self.info.get('seed', '?')}"

    @property
    def events(self) -> pd.DataFrame:
        """The events on the wire.

        Raises
        ------
        ConfigError
            If the run recorded none.
        """
        if "events" not in self:
            raise ConfigError(
                "this run recorded no events; run the scenario again with --set record.events=true"
            )
        return self["events"]


def _to_frame(table: pa.Table) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        whole = pa.types.is_integer(column.type) and column.null_count
        columns[name] = column.to_pandas(
            types_mapper=(lambda _: pd.Int64Dtype()) if whole else None
        )
    return pd.DataFrame(columns)
