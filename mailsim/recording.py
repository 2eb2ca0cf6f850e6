"""Result directories of what happened on real sockets: the same tables as of a run."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from mailsim.compiled import is_compiled
from mailsim.experiment.model import Scenario
from mailsim.record.log import Log
from mailsim.record.saved import replacing, write_run_json, write_table

__all__ = ["Finish", "recording"]

Finish = Callable[[str, Scenario | None, int, Mapping[str, int]], None]
"""Takes the name, the scenario if there was one, how long it took (ns), recipients by fate."""


@contextmanager
def recording(out: Path, *, with_events: bool) -> Iterator[tuple[Log, Finish]]:
    """Give a log that writes into ``out``, and what to call when all is in it.

    Written whole or not at all, as a run is.

    Raises
    ------
    ConfigError
        If ``out`` cannot be written, or holds something that is no run.
    """
    from mailsim.results import Run

    started, clock = datetime.now(UTC), time.perf_counter()
    with replacing(out) as part:
        log = Log(part, with_events=with_events)

        def finish(
            name: str, scenario: Scenario | None, took_ns: int, counts: Mapping[str, int]
        ) -> None:
            rows = log.close()
            info = {
                "name": name,
                "seed": scenario.seed if scenario is not None else 0,
                "simulated_s": took_ns / 1e9,
                "warmup_s": 0.0,
                "started": started.isoformat(timespec="seconds"),
                "wall_s": round(time.perf_counter() - clock, 3),
                "counts": dict(counts),
                "tables": rows,
                "versions": {"python": platform.python_version(), "mailsim": version("mailsim")},
                "compiled": is_compiled(),
                "scenario": scenario.resolved() if scenario is not None else None,
            }
            write_run_json(part, info)
            write_table(part, "summary", Run.open(part).summary_table())

        yield log, finish
