"""Columns of a table that comes by and by, put together in little more room than they take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["frame_of"]

_OFTEN_NEW = frozenset({"recipient", "reply"})
"""Texts of which there are about as many as rows."""


def frame_of(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pd.DataFrame:
    """Return a frame of all batches, whose texts are categories unless there are too many.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
    schema : pyarrow.Schema
        Theirs.
    """
    import pandas as pd

    columns = [_column(field) for field in schema]
    for batch in batches:
        for name, column in zip(schema.names, columns, strict=True):
            column.add(batch.column(name))
    return pd.DataFrame(
        {name: column.whole() for name, column in zip(schema.names, columns, strict=True)}
    )


def _column(field: pa.Field) -> _Numbers | _Words | _Texts:
    import pyarrow as pa

    if pa.types.is_string(field.type):
        return _Texts(field.type) if field.name in _OFTEN_NEW else _Words()
    return _Numbers(field.type)


class _Numbers:
    """Numbers, or truth values; whole numbers stay whole beside nulls."""

    def __init__(self, type: pa.DataType) -> None:
        self._parts: list[np.ndarray[Any, Any]] = [np.empty(0, type.to_pandas_dtype())]
        self._missing: list[np.ndarray[Any, Any]] = [np.empty(0, bool)]
        self._is_float = self._parts[0].dtype.kind == "f"
        self._has_missing = False

    def add(self, array: pa.Array) -> None:
        if array.null_count and not self._is_float:
            self._has_missing = True
        if not self._is_float:
            self._missing.append(array.is_null().to_numpy(zero_copy_only=False))
            array = array.fill_null(0)
        # A copy, because the batch is a part of something larger.
        self._parts.append(np.array(array.to_numpy(zero_copy_only=False)))

    def whole(self) -> Any:
        import pandas as pd

        values = np.concatenate(self._parts)
        if not self._has_missing:
            return values
        return pd.arrays.IntegerArray(values, np.concatenate(self._missing))


class _Words:
    """Texts that come again and again."""

    def __init__(self) -> None:
        self._codes: list[np.ndarray[Any, Any]] = [np.empty(0, np.int32)]
        self._known: dict[str, int] = {}

    def add(self, array: pa.Array) -> None:
        encoded, known = array.dictionary_encode(), self._known
        own = [known.setdefault(word, len(known)) for word in encoded.dictionary.to_pylist()]
        codes = encoded.indices.fill_null(len(own)).to_numpy(zero_copy_only=False)
        self._codes.append(np.array([*own, -1], np.int32)[codes])

    def whole(self) -> Any:
        import pandas as pd

        words = pd.Index(list(self._known), dtype="str")
        return pd.Categorical.from_codes(np.concatenate(self._codes), categories=words)


class _Texts:
    """Texts that hardly come again."""

    def __init__(self, type: pa.DataType) -> None:
        self._type = type
        self._parts: list[pa.Array] = []

    def add(self, array: pa.Array) -> None:
        self._parts.append(array)

    def whole(self) -> Any:
        import pyarrow as pa

        return pa.chunked_array(self._parts, self._type).to_pandas()
