"""How far a run or a sweep has come, told on standard error or in a notebook.

Nothing is told where nobody is there to see it: standard error is no terminal.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from mailsim.analysis.words import duration_text
from mailsim.errors import ConfigError

if TYPE_CHECKING:
    from mailsim.experiment.runner import Progress
    from mailsim.experiment.sweep_run import Status, SweepProgress

__all__ = ["is_notebook", "run_bar", "status_text", "sweep_bar", "told_by"]

_Told = TypeVar("_Told", bound=Callable[..., None])

_EVERY_S = 0.2
"""Between two updates in a notebook."""


def is_notebook() -> bool:
    """Tell whether this is a kernel of Jupyter: only its shell has one."""
    # ipykernel being imported says nothing: Dask does that, too.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def status_text(status: Status) -> str:
    """Return how far a sweep has come in one line, for people."""
    parts = [
        f"{status.n_done} of {status.n_planned} runs",
        f"{status.n_points} point{'s' if status.n_points != 1 else ''}",
        f"{duration_text(status.simulated_s)} simulated",
        f"{duration_text(status.wall_s)} gone",
    ]
    if status.n_kept:
        parts.insert(1, f"{status.n_kept} kept")
    if status.remaining_s is not None and status.n_done < status.n_planned:
        parts.append(f"about {duration_text(status.remaining_s)} left")
    return ", ".join(parts)


@contextmanager
def run_bar(name: str, *, quiet: bool = False) -> Iterator[Progress | None]:
    """Give a callback that draws how far a run has come; None when nobody would see it."""
    with _bar(name, quiet=quiet) as draw:
        if draw is None:
            yield None
            return

        def update(at_ns: int, duration_ns: int, n_finished: int, n_due: int) -> None:
            minutes = f"{at_ns / 6e10:.0f} of {duration_ns / 6e10:.0f} min"
            draw(at_ns / duration_ns, f"{minutes}, {n_finished:,} of {n_due:,} recipients")

        yield update


@contextmanager
def sweep_bar(name: str, *, quiet: bool = False) -> Iterator[SweepProgress | None]:
    """Give a callback that draws how far a sweep has come; None when nobody would see it."""
    with _bar(name, quiet=quiet) as draw:
        if draw is None:
            yield None
            return

        def update(status: Status) -> None:
            done = status.n_done + status.under_way
            draw(min(1.0, done / status.n_planned), status_text(status))

        yield update


@contextmanager
def told_by(
    progress: _Told | bool | None,
    bar: Callable[..., AbstractContextManager[_Told | None]],
    name: str,
    *,
    unless_said: bool,
) -> Iterator[_Told | None]:
    """Give the callback that a caller from Python means: their own, that of a bar, or None.

    Parameters
    ----------
    progress : callable, bool or None
        True is a bar, where somebody would see it.
    bar : callable
        :func:`run_bar` or :func:`sweep_bar`.
    name : str
    unless_said : bool
        What None is.

    Raises
    ------
    ConfigError
        If it is nothing of these.
    """
    given: object = unless_said if progress is None else progress
    if isinstance(given, bool):
        with bar(name, quiet=not given) as drawn:
            yield drawn
    elif callable(progress):
        yield progress
    else:
        raise ConfigError(f"progress: expected a function, True or False, got {progress!r}")


@contextmanager
def _bar(name: str, *, quiet: bool) -> Iterator[Callable[[float, str], None] | None]:
    """Give what draws a share and a text; None when nobody would see it."""
    if quiet:
        yield None
    elif is_notebook():
        yield _notebook(name)
    elif not sys.stderr.isatty():
        yield None
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(name, total=1.0, text="")
            yield lambda share, text: bar.update(task, completed=share, text=text)


def _notebook(name: str) -> Callable[[float, str], None]:
    """Return what draws into the output of the cell, in one place that changes."""
    display = importlib.import_module("IPython.display").display
    shown: list[Any] = []
    last = [0.0]

    def draw(share: float, text: str) -> None:
        now = time.monotonic()
        if share < 1 and now - last[0] < _EVERY_S:
            return
        last[0] = now
        data = {
            "text/plain": f"{name}: {share:.0%}, {text}",
            "text/html": f'{name} <progress value="{share:.3f}" max="1"></progress> {text}',
        }
        if shown:
            shown[0].update(data, raw=True)
        else:
            shown.append(display(data, raw=True, display_id=True))

    return draw
