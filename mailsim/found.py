"""A search that is over: the value that was looked for, and what was tried."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mailsim.errors import ConfigError
from mailsim.sweep_results import SweepRun

__all__ = ["Found"]


class Found(SweepRun):
    """A saved search; as a sweep it has a point for each value that was tried."""

    @property
    def value(self) -> Any:
        """The value, as a scenario has it; None if there is none."""
        return self._found["value"]

    @property
    def says(self) -> str:
        """The answer in a sentence: the value, or why there is none."""
        return str(self._found["says"])

    @property
    def tried(self) -> pd.DataFrame:
        """A row per value, in their order: value, verdict, replications, mean, low, high, unit."""
        return pd.DataFrame(self._found["tried"])

    @property
    def _found(self) -> dict[str, Any]:
        found = self.info.get("found")
        if not isinstance(found, dict):
            raise ConfigError(f"{self.path}: the search is not over: mailsim run --resume goes on")
        return found

    def _repr_html_(self) -> str:
        from html import escape

        table = self.tried.to_html(index=False, float_format="%.4g")
        return f"<p>{escape(self.says)}</p>{table}"
