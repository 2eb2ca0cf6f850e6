"""What the command says of expectations, and of what has changed since an earlier result."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from mailsim.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from mailsim.comparing import Result

__all__ = ["MISSED", "expectations_json", "print_comparison", "print_expectations", "value_text"]

MISSED = 99
"""Exit code when an expectation is missed, as of k6."""

_MARKS = {"met": "✓", "missed": "✗"}


def value_text(value: float, unit: str) -> str:
    """Return a figure in its unit, as one would say it.

    Examples
    --------
    >>> value_text(0.0012, ""), value_text(41.26, "s"), value_text(7.5, "recipients/s")
    ('0.12 %', '41.3 s', '7.5/s')
    """
    from mailsim.analysis import duration_text, number_text

    if math.isinf(value):
        return "never" if unit == "s" else "-"
    if unit == "s":
        return f"-{duration_text(-value)}" if value < 0 else duration_text(value)
    if unit == "":
        return f"{number_text(100 * value)} %"
    return f"{number_text(value)}{'/s' if unit.endswith('/s') else ''}"


def _with_half(value: float, half_width: float, unit: str) -> str:
    text = value_text(value, unit)
    if not math.isfinite(half_width) or not half_width:
        return text
    return f"{text} ± {value_text(half_width, unit)}"


def print_expectations(found: pd.DataFrame, label: Callable[[int], str]) -> None:
    """Print how expectations fare; nothing if there are none.

    Parameters
    ----------
    found : pandas.DataFrame
        As :func:`~mailsim.analysis.judged` returns it.
    label : callable
        Returns what a point is called, or nothing.
    """
    if found.empty:
        return
    from rich.table import Table

    table: Any = Table(box=None, show_header=False, pad_edge=False)
    rows = []
    for row in found.itertuples():
        text = _with_half(row.mean, row.half_width, row.unit)
        if not row.replications:
            text = "nothing to measure"
        note = "" if row.verdict in _MARKS else row.verdict
        mark = _MARKS.get(row.verdict, "?")
        rows.append((mark, label(row.point), row.expectation, text, note))
    kept = [any(column) for column in zip(*rows, strict=True)]  # none that is empty
    for justify, is_kept in zip(("left", "left", "left", "right", "left"), kept, strict=True):
        if is_kept:
            table.add_column(justify=justify, no_wrap=True)
    for cells in rows:
        table.add_row(*(cell for cell, is_kept in zip(cells, kept, strict=True) if is_kept))
    typer.echo("expected")
    print_wide(table)


def expectations_json(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the same for ``--json``; what is not finite is null."""
    return [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in found.drop(columns="half_width").to_dict("records")
    ]


def print_comparison(
    before: Result, seed: int, found: pd.DataFrame, metrics: list[str], label: Callable[[int], str]
) -> None:
    """Print the differences from an earlier result, those of some metrics.

    Parameters
    ----------
    before : Result
    seed : int
        Of the later one.
    found : pandas.DataFrame
        As :func:`~mailsim.comparing.compared` returns it.
    metrics : list of str
    label : callable
        Returns what a point is called, or nothing.
    """
    from rich.table import Table

    shown = found[found["metric"].isin(metrics)]
    if shown.empty:
        raise ConfigError(f"{before.name}: nothing to compare: no figure is in both results")
    note = "" if seed == before.seed else f", whose seed was {before.seed}: not the same traffic"
    table = Table(box=None)
    for name in ("", "", "before", "after", "difference", ""):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for row in shown.itertuples():
        sign = "+" if row.mean > 0 else ""
        change = "-"
        if math.isfinite(row.mean):
            change = f"{sign}{_with_half(row.mean, row.half_width, row.unit)}"
        # With one replication, or a difference of 0 each time, there is nothing to decide.
        has_interval = math.isfinite(row.half_width) and (row.half_width or row.mean)
        is_open = has_interval and row.low <= 0 <= row.high
        table.add_row(
            label(row.point),
            row.metric.replace("_", " ") if "(" not in row.metric else row.metric,
            value_text(row.before, row.unit),
            value_text(row.after, row.unit),
            change,
            "may be chance" if is_open else "",
        )
    typer.echo(f"compared with {before.name}{note}")  # a title would wrap
    print_wide(table)
    if shown["replications"].max() <= 1:
        typer.echo("one replication: no intervals; sweep.repeat gives more")


def print_wide(table: Any) -> None:
    """Print a table, wider than the terminal if it must be: cut labels would say nothing."""
    from rich.console import Console

    console = Console()
    wide = console.options.update(width=1000)  # in a terminal too narrow lines wrap
    console.width = max(console.width, console.measure(table, options=wide).maximum)
    console.print(table)
