"""What the command says of expectations, of changes since an earlier result, and of searches."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from mailsim.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from mailsim.comparing import Result
    from mailsim.found import Found

__all__ = [
    "MISSED",
    "expectations_json",
    "finish_find",
    "print_comparison",
    "print_expectations",
    "print_found",
    "print_wide",
    "value_text",
]

MISSED = 99
"""Exit code when an expectation is missed, as of k6."""

_MANY = 1000
"""Replications that nobody would like to hear of: the mean is at the bound."""

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


def _with_bounds(value: float, low: float, high: float, unit: str) -> str:
    from mailsim.analysis import interval_text

    return interval_text(value, low, high, partial(value_text, unit=unit))


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
    rows = []
    for row in found.itertuples():
        text = _with_bounds(row.mean, row.low, row.high, row.unit)
        if not row.replications:
            text = "nothing to measure"
        note = "" if row.verdict in _MARKS else f"{row.verdict}{_enough(row)}"
        mark = _MARKS.get(row.verdict, "?")
        rows.append((mark, label(row.point), row.expectation, text, note))
    typer.echo("expected")
    _print_rows(["", "", "", "value", ""], rows, has_header=False)


def _enough(row: Any) -> str:
    """Return how many replications would decide.

    The interval shrinks with their root; that of an event that never came with their number.
    """
    distance = abs(row.mean - row.bound)
    reach = row.high - row.mean if row.bound > row.mean else row.mean - row.low
    if not (math.isfinite(reach) and distance):
        return ""
    power = 1 if row.unit == "" and row.mean in (0.0, 1.0) else 2
    n = max(row.replications * (reach / distance) ** power, row.replications + 1)
    return f"; about {math.ceil(n)} replications would" if n <= _MANY else ""


def expectations_json(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the same for ``--json``; what is not finite is null."""
    return [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in found.drop(columns=["half_width", "bound"]).to_dict("records")
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
    shown = found[found["metric"].isin(metrics)]
    if shown.empty:
        raise ConfigError(f"{before.name}: nothing to compare: no figure is in both results")
    note = "" if seed == before.seed else f", whose seed was {before.seed}: not the same traffic"
    rows = []
    for row in shown.itertuples():
        sign = "+" if row.mean > 0 else ""
        change = "-"
        if math.isfinite(row.mean):
            change = f"{sign}{_with_bounds(row.mean, row.low, row.high, row.unit)}"
        # With one replication, or a difference of 0 each time, there is nothing to decide.
        has_interval = math.isfinite(row.half_width) and (row.half_width or row.mean)
        is_open = has_interval and row.low <= 0 <= row.high
        name = row.metric if "(" in row.metric else row.metric.replace("_", " ")
        before_after = (value_text(value, row.unit) for value in (row.before, row.after))
        chance = "may be chance" if is_open else ""
        rows.append((label(row.point), name, *before_after, change, chance))
    typer.echo(f"compared with {before.name}{note}")  # a title would wrap
    _print_rows(["", "", "before", "after", "difference", ""], rows)
    if shown["replications"].max() <= 1:
        typer.echo("one replication: no intervals; sweep.repeat gives more")


def finish_find(found: Found, *, as_json: bool = False, quiet: bool = False) -> None:
    """Print what a search has found; leave with code 99 if that is nothing."""
    if as_json:
        figures = {name: found.info[name] for name in ("name", "seed", "find", "found")}
        typer.echo(json.dumps(figures))
    elif not quiet:
        print_found(found)
        typer.echo(f"results   {found.path}")
    if found.value is None:
        raise typer.Exit(MISSED)


def print_found(found: Found) -> None:
    """Print what a search has tried, in the order of the values, and its answer."""
    from mailsim.analysis import parse_expectation

    expression = parse_expectation(found.info["find"]["such_that"]).expression
    which = found.info["find"].get("smallest") or found.info["find"]["largest"]
    rows = []
    for row in found.tried.itertuples():
        note = "" if row.verdict in _MARKS else row.verdict
        value = math.inf if row.mean is None or row.mean != row.mean else row.mean
        low, high = (value if end is None else end for end in (row.low, row.high))
        text = _with_bounds(value, low, high, expression.unit) if row.replications else "nothing"
        mark = _MARKS.get(row.verdict, "?")
        rows.append((str(row.value), str(row.replications), text, mark, note))
    _print_rows([which.rpartition(".")[2], "runs", str(expression), "", ""], rows)
    typer.echo(found.says)


def _print_rows(
    names: Sequence[str], rows: Sequence[tuple[str, ...]], *, has_header: bool = True
) -> None:
    """Print a table without its empty columns; what has a name is a figure, to the right."""
    from rich.table import Table

    table: Any = Table(box=None, pad_edge=False, header_style="bold", show_header=has_header)
    columns = list(zip(*rows, strict=True))
    kept = [number for number, column in enumerate(columns) if any(column)]
    for number in kept:
        justify = "right" if names[number] else "left"
        table.add_column(names[number], justify=justify, no_wrap=True)
    for cells in rows:
        table.add_row(*(cells[number] for number in kept))
    print_wide(table)


def print_wide(table: Any) -> None:
    """Print a table, wider than the terminal if it must be: cut labels would say nothing."""
    from rich.console import Console

    console = Console()
    wide = console.options.update(width=1000)  # in a terminal too narrow lines wrap
    console.width = max(console.width, console.measure(table, options=wide).maximum)
    console.print(table)
