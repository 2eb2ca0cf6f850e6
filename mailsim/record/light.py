"""Keeps pandas, which takes a second to import, out of processes that only write tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import pyarrow as pa

__all__ = ["keep_pandas_out"]


class _WithoutPandas(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Fail for pandas, leave all else to others."""
        if name == "pandas":
            raise ImportError("kept out")
        return None


def keep_pandas_out() -> None:
    """Let Arrow go without pandas, which it imports when it first makes an array.

    It asks once whether pandas is there.  Other code may import it afterwards.  Where pandas
    has been imported already, nothing happens.
    """
    if "pandas" in sys.modules:
        return
    finder = _WithoutPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(finder)
