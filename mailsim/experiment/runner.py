"""One run: build the world, let it go, check its books, keep its tables."""

from __future__ import annotations

import gc
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from mailsim.errors import RunError, StoppedError
from mailsim.experiment.build import build_world
from mailsim.experiment.interruption import waiting_signals
from mailsim.experiment.model import Scenario
from mailsim.experiment.quantities import AUTO
from mailsim.record.delays import delays_in
from mailsim.record.log import Log
from mailsim.sim.world import World

__all__ = ["Progress", "simulate"]

Progress = Callable[[int, int, int, int], None]
"""Called with simulated and total nanoseconds, recipients finished and submitted so far."""

_STEPS = 200
_MANY = 100_000
_EVENTS = 20_000
"""After which rows are written out, for in memory they are large; and signals are heeded."""


def simulate(
    scenario: Scenario,
    seed: int,
    log: Log,
    progress: Progress | None = None,
    replication: int = 0,
) -> dict[str, Any]:
    """Run a scenario into a log; return what ``run.json`` says of it.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
        Key of all random numbers.
    log : Log
    progress : callable, optional

    Raises
    ------
    StoppedError
        If a policy has failed, or recipients were lost or doubled; the log has the rows until
        then.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    stopped: RunError | None = None
    with _patient_collector():
        world = build_world(scenario, seed, log, replication)
        try:
            _run(world, scenario, progress)
        except RunError as error:
            stopped = error
        rows, now, ledger = log.close(), world.env.now, world.ledger
        counts = {"submitted": ledger.n_opened, **ledger.counts}
        del world, ledger
        if counts["submitted"] >= _MANY:  # it is in circles, and would stay while tables are read
            gc.collect()
        warmup_s, how = _warmup(scenario, log)
    names = ("mailsim", "simpy", "networkx", "numpy", "pyarrow")
    info = {
        "name": scenario.name,
        "seed": seed,
        "simulated_s": (scenario.duration if stopped is None else now) / 1e9,
        "warmup_s": warmup_s,
        "warmup_by": how,
        "started": started.isoformat(timespec="seconds"),
        "wall_s": round(time.perf_counter() - clock, 3),
        "counts": counts,
        "tables": rows,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in names},
        "scenario": scenario.resolved(),
    }
    if stopped is not None:
        raise StoppedError(str(stopped), {**info, "error": str(stopped)}) from stopped
    return info


def _warmup(scenario: Scenario, log: Log) -> tuple[float, str]:
    """Return the end of the warm-up (s), and who says so."""
    if scenario.warmup != AUTO:
        return scenario.warmup / 1e9, "scenario"
    from mailsim.analysis import settled_at

    found = settled_at(delays_in(log))
    return (0.0, "MSER-5: not settled") if found is None else (found, "MSER-5")


def _run(world: World, scenario: Scenario, progress: Progress | None) -> None:
    ledger, duration = world.ledger, scenario.duration
    with waiting_signals() as pause:
        for step in range(1, _STEPS + 1):
            until = duration * step // _STEPS
            while world.env.now < until:
                world.env.advance(until, _EVENTS)
                world.log.flush()
                pause()
            if progress is not None:
                progress(until, duration, ledger.n_finished, ledger.n_opened)
    ledger.close(world.held())


@contextmanager
def _patient_collector() -> Iterator[None]:
    """Look for reference cycles more rarely.

    Rows and queued messages are many and in no cycle, so that the collector goes through them
    again and again and finds nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
