"""The Python face: load a scenario, run it, look at the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailsim.errors import ConfigError, StoppedError
from mailsim.experiment.check import check_report, load_scenario
from mailsim.experiment.model import Scenario

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import networkx as nx

    from mailsim.experiment.runner import Progress
    from mailsim.experiment.sweep_run import SweepProgress
    from mailsim.found import Found
    from mailsim.results import Run
    from mailsim.sweep_results import SweepRun

__all__ = ["Experiment", "load"]


class Experiment:
    """A checked scenario, ready to run.

    Parameters
    ----------
    scenario : Scenario
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def run(
        self,
        seed: int | None = None,
        out: str | Path | None = None,
        progress: Progress | bool | None = None,
        pictures: Sequence[str] = (),
    ) -> Run:
        """Simulate; return the run.

        Parameters
        ----------
        seed : int, optional
            Instead of the scenario's own.  A run is a function of scenario and seed.
        out : str or Path, optional
            Directory for the results, written whole or not at all; a run that is there already
            is replaced.  Without it the tables stay in memory.
        progress : callable or bool, optional
            Called now and then with simulated and total nanoseconds, and with the recipients
            finished and submitted so far.  True draws a bar, in a terminal or a notebook.
        pictures : sequence of str
            Plots to draw into ``out``, each as ``KIND.png``, ``latency`` and ``queue`` at most.

        Returns
        -------
        Run

        Raises
        ------
        StoppedError
            If the run broke a law of its own, such as the conservation of recipients, or a
            policy failed; ``out`` has the rows until then.
        ConfigError
            If ``out`` cannot be written, or holds something that is no run; if the seed is no
            whole number of at least 0.
        """
        from mailsim.progress import run_bar, told_by

        with told_by(progress, run_bar, self.scenario.name, unless_said=False) as told:
            return self._run(seed, out, told, pictures)

    def _run(
        self,
        seed: int | None,
        out: str | Path | None,
        progress: Progress | None,
        pictures: Sequence[str],
    ) -> Run:
        from mailsim.experiment.runner import simulate
        from mailsim.record.log import Log
        from mailsim.record.saved import PICTURES, replacing, write_run_json, write_table
        from mailsim.results import Run

        seed = _checked_seed(self.scenario.seed if seed is None else seed)
        unknown = [kind for kind in pictures if kind not in PICTURES]
        if unknown:
            known = ", ".join(PICTURES)
            raise ConfigError(f"pictures: expected some of {known}, got {unknown[0]!r}")
        events, faults = self.scenario.record.events, bool(self.scenario.faults)
        if out is None:
            log = Log(with_events=events, with_faults=faults)
            info = simulate(self.scenario, seed, log, progress)
            return Run(log.tables(), info, None)
        out = Path(out)
        with replacing(out) as part:
            log = Log(part, with_events=events, with_faults=faults)
            try:
                info, stopped = simulate(self.scenario, seed, log, progress), None
            except StoppedError as error:
                info, stopped = error.info, error
            write_run_json(part, info)
            run = Run.open(part)
            write_table(part, "summary", run.summary_table())
            for kind in pictures if stopped is None else ():
                run.plot.save(kind, part / f"{kind}.png")
        if stopped is not None:
            raise StoppedError(f"{stopped}; {out} has the rows until then", info) from stopped
        run.path = out
        return run

    def sweep(
        self,
        *,
        grid: Mapping[str, Sequence[Any]] | None = None,
        zip: Mapping[str, Sequence[Any]] | None = None,  # noqa: A002 - the scenario's word
        where: str | Sequence[str] | None = None,
        repeat: int | None = None,
        until: Mapping[str, Any] | None = None,
        measures: Sequence[str] | None = None,
        random_numbers: str | None = None,
        seed: int | None = None,
        out: str | Path | None = None,
        only: str | Sequence[str] = (),
        resume: bool = False,
        jobs: int = 1,
        executor: Executor | str | None = None,
        progress: SweepProgress | bool | None = None,
    ) -> SweepRun:
        """Run the scenario with several values, each repeated with other random numbers.

        Parameters
        ----------
        grid, zip : mapping of str to sequence, optional
            Values by path, as in the scenario; either replaces grid and zip of the scenario's own
            sweep.
        where, repeat, until, measures, random_numbers : optional
            Instead of the scenario's; see :class:`~mailsim.experiment.sweep_model.Sweep`.
        seed : int, optional
            Instead of the scenario's own.
        out : str or Path, optional
            Directory for the results, ``results/NAME`` unless said.  Each run is written there
            whole or not at all, as soon as it is over.
        only : str or sequence of str
            Which runs, such as ``"point=3,rep=0"``; all of them unless said.
        resume : bool
            Keep the runs that are there, of the same sweep.
        jobs : int
            Processes that share the runs.
        executor : Executor or str, optional
            Who does them instead: any `concurrent.futures.Executor`, or ``"dask://HOST:PORT"``.
        progress : callable or bool, optional
            Called with a :class:`~mailsim.experiment.sweep_run.Status` after each run, and every
            half second or so between.  True draws a bar, in a terminal or a notebook; in a
            notebook it is drawn unless another is given, or False.

        Returns
        -------
        SweepRun

        Raises
        ------
        ConfigError
            If a path matches nothing or a value is wrong; if ``out`` cannot be written, or holds
            something else.
        RunError
            If a run broke a law of its own; runs that are over stay.
        """
        from mailsim.experiment.executors import workers_of
        from mailsim.experiment.sweep import chosen_sweep
        from mailsim.experiment.sweep_run import run_sweep
        from mailsim.progress import is_notebook, sweep_bar, told_by
        from mailsim.sweep_results import SweepRun

        words = {
            "grid": grid, "zip": zip, "where": where, "repeat": repeat, "until": until,
            "measures": measures, "random_numbers": random_numbers,
        }  # fmt: skip
        sweep = chosen_sweep(self.scenario, {k: v for k, v in words.items() if v is not None})
        seed = _checked_seed(self.scenario.seed if seed is None else seed)
        out = Path("results") / self.scenario.name if out is None else Path(out)
        with told_by(progress, sweep_bar, self.scenario.name, unless_said=is_notebook()) as told:
            workers = workers_of(jobs, executor)
            run_sweep(
                self.scenario, sweep, seed, out,
                only=only, resume=resume, workers=workers, progress=told,
            )  # fmt: skip
        return SweepRun.open(out)

    def find(
        self,
        *,
        smallest: str | None = None,
        largest: str | None = None,
        between: Sequence[Any] | None = None,
        such_that: str | None = None,
        step: str | None = None,
        repeat: int | None = None,
        max: int | None = None,  # noqa: A002 - the scenario's word
        random_numbers: str | None = None,
        seed: int | None = None,
        out: str | Path | None = None,
        resume: bool = False,
        jobs: int = 1,
        executor: Executor | str | None = None,
        progress: SweepProgress | bool | None = None,
    ) -> Found:
        """Look for the smallest or largest value of a key with which the run does what it must.

        Parameters
        ----------
        smallest, largest : str, optional
            Path of the key; one of them, unless the scenario has a search of its own.
        between, such_that, step, repeat, max, random_numbers : optional
            Instead of the scenario's; see :class:`~mailsim.experiment.find_model.Find`.
        seed, out, resume, jobs, executor, progress : optional
            As for :meth:`sweep`.

        Returns
        -------
        Found

        Raises
        ------
        ConfigError
            If the path matches nothing or a word is wrong; if ``out`` cannot be written, or holds
            something else.
        RunError
            If a run broke a law of its own; runs that are over stay.
        """
        from mailsim.experiment.executors import workers_of
        from mailsim.experiment.find import chosen_find
        from mailsim.experiment.find_run import run_find
        from mailsim.found import Found
        from mailsim.progress import is_notebook, sweep_bar, told_by

        words = {
            "smallest": smallest, "largest": largest, "between": between, "such_that": such_that,
            "step": step, "repeat": repeat, "max": max, "random_numbers": random_numbers,
        }  # fmt: skip
        find = chosen_find(self.scenario, {k: v for k, v in words.items() if v is not None})
        seed = _checked_seed(self.scenario.seed if seed is None else seed)
        out = Path("results") / self.scenario.name if out is None else Path(out)
        with told_by(progress, sweep_bar, self.scenario.name, unless_said=is_notebook()) as told:
            workers = workers_of(jobs, executor)
            run_find(
                self.scenario, find, seed, out,
                resume=resume, workers=workers, progress=told,
            )  # fmt: skip
        return Found.open(out)

    def __repr__(self) -> str:
        """Return what will run and how large it is."""
        return check_report(self.scenario)

    def _repr_html_(self) -> str:
        """Return the same for Jupyter."""
        from html import escape

        return f"<pre>{escape(repr(self))}</pre>"


def _checked_seed(seed: object) -> int:
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise ConfigError(f"seed: expected a whole number of at least 0, got {seed!r}")
    return seed


def load(
    path: str | Path,
    *sets: str | Iterable[str],
    graph: nx.Graph | None = None,
    smoke: bool = False,
) -> Experiment:
    """Return the experiment that a scenario file describes.

    Parameters
    ----------
    path : str or Path
    *sets : str, or iterable of str
        Overrides such as ``"traffic.newsletter.bulk.recipients=2000"``, one by one or in a list.
    graph : networkx.Graph, optional
        The network, instead of the one that the file tells of.  Its edges may have the
        attributes ``latency_ns``, ``jitter_ns``, ``bandwidth_bit_s`` (int) and ``loss`` (a
        fraction), or those that graph files have.  Hosts that are no nodes say ``at`` which
        they are linked to.
    smoke : bool
        The short run that the file's key ``smoke`` tells of; overrides come over it.

    Raises
    ------
    ConfigError
        If anything in it is wrong; the text lists every problem with its position.
    """
    flat = [text for one in sets for text in ([one] if isinstance(one, str) else one)]
    return Experiment(load_scenario(path, flat, graph, smoke=smoke))
