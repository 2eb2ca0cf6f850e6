"""A run that is over: its tables as frames, its summary, its pictures."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailsim.analysis import (
    BatchMeans,
    Finding,
    Frames,
    binding_limit,
    judged,
    limit_story,
    measured_in_batches,
    message_story,
    parse_measure,
    session_transcript,
    summarize,
    transcript,
    unlawful_queues,
)
from mailsim.errors import ConfigError
from mailsim.plots import plots
from mailsim.record.saved import SavedTables, read_run_json, require
from mailsim.record.tables import FATES, ON_DEMAND, TABLES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.axes import Axes

    from mailsim.sweep_results import SweepRun

__all__ = ["Pictures", "Run"]

_MANY = 1_000_000
"""Rows of a run from which on a table is read only when it is asked for."""

_WALL = "messages_per_wall_s"
"""The one metric that is of the machine and not of the run: not kept in ``summary``."""


class Pictures:
    """The plots of one run; each returns matplotlib Axes, ready for more.

    Parameters
    ----------
    frames : Frames
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def latency(self, by: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw the distribution of delivery delay, ``by`` a column such as ``to_domain``."""
        return self.draw("latency", ax, by=by)

    def queue(self, host: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw the depth of the deepest queues, or of one host's, over time."""
        return self.draw("queue", ax, host=host)

    def throughput(self, ax: Axes | None = None) -> Axes:
        """Draw deliveries per second over time."""
        return self.draw("throughput", ax)

    def draw(self, kind: str, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw a plot by its registered name.

        Raises
        ------
        UnknownNameError
            If there is no such plot; the message lists the known ones.
        ConfigError
            If the plot does not take such an option.
        """
        drawing = plots.get(kind)()
        takes = list(signature(drawing.draw).parameters)[2:]
        for name in options:
            if name not in takes:
                known = ", ".join(takes) or "none"
                raise ConfigError(f"plot {kind} takes no option {name!r}: it takes {known}")
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(figsize=(9, 5), layout="constrained")[1]
        return drawing.draw(self._frames, ax, **options)

    def save(self, kind: str, path: str | Path, **options: Any) -> None:
        """Draw a plot into a file, whose ending says its format.

        Raises
        ------
        ConfigError
            If the ending is unknown or the file cannot be written.
        """
        from matplotlib.figure import Figure

        path = Path(path)
        if not path.suffix:
            raise ConfigError(f"{path}: expected a file name such as {kind}.png, .svg or .pdf")
        figure = Figure(figsize=(9, 5), dpi=120, layout="constrained")
        self.draw(kind, figure.add_subplot(), **options)
        part = path.with_name(f".mailsim.{os.getpid()}.part{path.suffix}")
        try:
            with _quiet_fonts():
                figure.savefig(part)
            part.replace(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ConfigError(f"{path}: cannot be written: {reason}") from error
        finally:  # also when it is interrupted
            part.unlink(missing_ok=True)


@contextmanager
def _quiet_fonts() -> Iterator[None]:
    """Keep still about letters that the font lacks: names are the user's, boxes say enough."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


class Run:
    """A run, in memory or on disk.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        By name, as in :mod:`mailsim.record.tables`.
    info : mapping
        What ``run.json`` says.
    path : Path or None
        Its directory, if it has one.
    """

    def __init__(
        self, tables: Mapping[str, pa.Table], info: Mapping[str, Any], path: Path | None = None
    ) -> None:
        self.info = info
        self.path = path
        self.frames = Frames(tables, info)
        self.plot = Pictures(self.frames)
        self._summary: pd.DataFrame | None = None

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Return a saved run.

        Raises
        ------
        ConfigError
            If the directory holds none, or a damaged one.
        """
        path = Path(path)
        info = read_run_json(path)
        require(info, path, "tables")
        tables: Mapping[str, pa.Table] = SavedTables(path, info["tables"])
        if sum(info["tables"].values()) < _MANY:
            tables = dict(tables)
        require(info, path, "name", "seed", "simulated_s", "warmup_s", "wall_s", "counts")
        for name in TABLES:
            if name not in tables and name not in ON_DEMAND:
                raise ConfigError(f"{path}/run.json: not of a mailsim run: no table {name!r}")
        return cls(tables, info, path)

    @property
    def deliveries(self) -> pd.DataFrame:
        """A row per recipient: fate and delays."""
        return self.frames["deliveries"]

    @property
    def attempts(self) -> pd.DataFrame:
        """A row per recipient, hop and attempt, with Postfix's delays a/b/c/d."""
        return self.frames["attempts"]

    @property
    def sessions(self) -> pd.DataFrame:
        """A row per connection."""
        return self.frames["sessions"]

    @property
    def queues(self) -> pd.DataFrame:
        """A row per change of a queue's depth."""
        return self.frames["queues"]

    @property
    def lookups(self) -> pd.DataFrame:
        """A row per question to a resolver."""
        return self.frames["lookups"]

    @property
    def reports(self) -> pd.DataFrame:
        """A row per recipient in a delivery report."""
        return self.frames["reports"]

    @property
    def authentication(self) -> pd.DataFrame:
        """A row per result of SPF, DKIM or DMARC."""
        return self.frames["authentication"]

    @property
    def events(self) -> pd.DataFrame:
        """A row per line on the wire; an error if the run recorded none."""
        return self.frames.events

    @property
    def summary(self) -> pd.DataFrame:
        """A row per metric: point, replication, metric, value, unit."""
        if self._summary is None:
            self._summary = summarize(self.frames, self.info)
        return self._summary

    @property
    def unlawful_queues(self) -> pd.DataFrame:
        """The queues in which Little's law does not hold; none unless mailsim has a bug."""
        return unlawful_queues(self.frames)

    def measure(self, expression: str) -> float:
        """Return what an expression such as ``p95(delay, traffic=people)`` comes to.

        Raises
        ------
        ExpressionError
            If it cannot be read.
        """
        return parse_measure(expression).of(self.frames)

    @property
    def expectations(self) -> pd.DataFrame:
        """How the scenario's expectations fare in this run, which has no intervals."""
        texts = (self.info.get("scenario") or {}).get("expect", [])
        return judged(texts, [(0, lambda name: [self.measure(name)])])

    def compare(self, earlier: str | Path | Run | SweepRun) -> pd.DataFrame:
        """Return how it differs from an earlier run; see :meth:`SweepRun.compare`.

        Raises
        ------
        ConfigError
            If the other one has several points.
        """
        from mailsim.comparing import compared, result_of

        return compared(result_of(earlier), result_of(self))

    def batch_means(self, expression: str, batches: int = 20) -> BatchMeans:
        """Return a measure of this one run with a 95 % interval, from windows of its time.

        For long runs in a steady state; see :mod:`mailsim.analysis.batch_means`.

        Raises
        ------
        ExpressionError
            If the expression cannot be read.
        ConfigError
            If fewer than two windows have anything to measure.
        """
        try:
            return measured_in_batches(self.frames, parse_measure(expression), batches)
        except ValueError as error:
            raise ConfigError(f"{expression}: {error}") from error

    def summary_table(self) -> pa.Table:
        """Return the summary as it is kept on disk: without what depends on the machine."""
        import pyarrow as pa

        kept = self.summary[self.summary["metric"] != _WALL]
        return pa.Table.from_pandas(kept, preserve_index=False).replace_schema_metadata(None)

    def transcript(self, message: int | None = None, *, session: int | None = None) -> str:
        """Return the lines of each session that a message travelled in, or of one session.

        Raises
        ------
        ConfigError
            If not one of the two is given, there is no such message or session, or the run
            recorded no events.
        """
        if (message is None) == (session is None):
            raise ConfigError("transcript: expected the number of a message, or of a session")
        what, given = ("message", message) if session is None else ("session", session)
        number = _number(what, given)
        if what == "session":
            return session_transcript(self.frames, number)
        return transcript(self.frames, number)

    def explain(
        self, message: int | None = None, *, recipient: str | None = None, host: str | None = None
    ) -> str:
        """Return a message's life, or the limit that binds, in plain sentences.

        Parameters
        ----------
        message : int, optional
            Its life, with its delay in parts that add up to it.
        recipient : str, optional
            Whose life; unless said, that of the one who waited longest.
        host : str, optional
            Instead: the limit at this host; without either, where mail spent most time.

        Raises
        ------
        ConfigError
            If there is no such message, recipient or host, or both are given.
        """
        if message is not None:
            if host is not None:
                raise ConfigError("explain: expected a message or a host, got both")
            return message_story(self.frames, _number("message", message), recipient)
        if recipient is not None:
            raise ConfigError("explain: a recipient goes with the number of a message")
        return limit_story(self.limit(host))

    def limit(self, host: str | None = None) -> Finding:
        """Return the limit that binds at a host, unless said where mail spent most time.

        Raises
        ------
        ConfigError
            If there is no such host, or no mail to tell by.
        """
        return binding_limit(self.frames, host)

    def __repr__(self) -> str:
        values = dict(zip(self.summary["metric"], self.summary["value"], strict=True))
        counts = ", ".join(
            f"{values[name]:,.0f} {name}" for name in ("submitted", *FATES) if values[name]
        )
        where = f" in {self.path}" if self.path else ""
        return f"<Run {self.frames.title}: {counts}{where}>"

    def _repr_html_(self) -> str:
        from html import escape

        table = self.summary[["metric", "value", "unit"]].to_html(index=False, float_format="%.4g")
        return f"<p>{escape(repr(self))}</p>{table}"


def _number(what: str, given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise ConfigError(f"{what}: expected its number, got {given!r}")
    return int(given)
